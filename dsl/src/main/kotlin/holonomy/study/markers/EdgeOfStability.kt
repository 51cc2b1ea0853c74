package holonomy.study.markers

import holonomy.dsl.Arm
import holonomy.task.FixedSet
import holonomy.task.MarkedTask.Placement
import holonomy.task.Operation
import holonomy.task.ShuffledTargets
import holonomy.train.AdamW
import holonomy.train.Optimizer
import holonomy.train.Sgd
import holonomy.train.Training

private const val SEQUENCES = 128
private const val WIDTH = 16
private const val LENGTH = 5
private const val VOCABULARY = 12
private const val CLASSES = 4
private const val RESERVED = 3

private val MarkedProfile.setSize: Int
    get() = minOf(2 * batch, SEQUENCES)

/**
 * A small fixed training set that can't be learned to the end: marked sums of five tokens with shuffled labels, so few
 * different sequences that some are asked with several answers. Its loss stays above 0, where curvature would vanish.
 */
val MarkedProfile.fixedSet: FixedSet
    get() =
        FixedSet.of(
            ShuffledTargets(
                copy(
                        task =
                            task.copy(
                                length = LENGTH,
                                vocabulary = VOCABULARY,
                                classes = CLASSES,
                                firstMarker = CLASSES,
                                reservedMarkers = RESERVED,
                            )
                    )
                    .marked(Operation.sum(CLASSES), 2..2, Placement.PER_SEQUENCE)
            ),
            setSize,
        )

private fun MarkedProfile.onWholeSet(optimizer: Optimizer, steps: Long, name: String) =
    Arm(name, layers = 1, heads, minOf(width, WIDTH), hidden = 0, Training(optimizer, steps, setSize))

/** A model of one layer by gradient descent on all of [fixedSet] at once, without momentum and decay. */
fun MarkedProfile.descent(rate: Double, steps: Long): Arm =
    onWholeSet(Sgd.of(rate), steps, "gradient descent, rate $rate")

/** The same by Adam, betas .9 and .999, without decay. */
fun MarkedProfile.fullBatchAdam(rate: Double, steps: Long): Arm =
    onWholeSet(AdamW(rate, .9, .999, 1e-8, 0.0, Optimizer.Decay.DECOUPLED), steps, "Adam, rate $rate")
