package holonomy.study.language

import holonomy.data.Table
import holonomy.dsl.Archive
import holonomy.dsl.DerivedRequest
import holonomy.dsl.ExperimentScope
import holonomy.dsl.Measured
import holonomy.dsl.Runs
import holonomy.dsl.of
import holonomy.dsl.plainly
import holonomy.dsl.table
import holonomy.figure.Axis
import holonomy.figure.Facet
import holonomy.figure.Figure
import holonomy.figure.Reference
import holonomy.figure.Size
import holonomy.figure.lines
import holonomy.figure.with
import holonomy.measure.Measure
import holonomy.measure.SnapshotPlan
import holonomy.model.WeightGroup
import holonomy.statistic.DirectionStudy
import holonomy.statistic.GradientStudy
import holonomy.text.counted

/** A direction of a run's path, at weights on the way. */
enum class Way(internal val direction: String) {
    /** The backbone of the whole path. */
    BACKBONE(DirectionStudy.BACKBONE),

    /** What of the way up to here lies across the backbone. */
    ACROSS(DirectionStudy.ACROSS),

    /** From here to the next snapshot. */
    AHEAD(DirectionStudy.STEP_AHEAD),

    /** The backbone as the published code reads it: its blocks in another order than the gradients'. */
    MISREAD(DirectionStudy.MISREAD),
}

/** A matrix whose Rayleigh quotients are taken. */
enum class QuotientOf(internal val series: String) {
    /** The covariance of the gradients of single sequences: the centred empirical Fisher matrix. */
    COVARIANCE(DirectionStudy.COVARIANCE),

    /** The Gauss-Newton matrix: the Fisher matrix under the model's own answers. */
    GAUSS_NEWTON(DirectionStudy.GAUSS_NEWTON),
}

/** A handle on what the loss looks like along directions of runs' paths, beside random directions. */
class PathLosses internal constructor(internal val runs: Runs, request: DerivedRequest, archive: Archive) {
    private val quotients: Table by stored(archive, request, DirectionStudy.QUOTIENTS)
    private val pushes: Table by stored(archive, request, DirectionStudy.PUSHES)

    private fun stored(archive: Archive, request: DerivedRequest, file: String) =
        archive.once {
            runs.finished() // whoever reads the result reads all of the runs
            archive.table(listOf(request), file)
        }

    /**
     * Rayleigh quotient along a direction over that along random directions of its lengths in each block, geometric
     * mean over the moments, per seed.
     */
    fun quotient(along: Way, of: QuotientOf): Measured =
        runs.plainly(DirectionStudy.ratio(quotients, runs, of.series, along.direction))

    /** What a push of one block costs a group's loss, nats: mean of both ways along a direction, blocks and moments. */
    fun push(along: Way, group: String): Measured = push(along, group, DirectionStudy.BOTH_WAYS)

    /** The same of random directions of the block. */
    fun pushAtRandom(along: Way, group: String): Measured = push(along, group, DirectionStudy.AT_RANDOM)

    private fun push(along: Way, group: String, statistic: String) =
        runs.plainly(DirectionStudy.push(pushes, runs, along.direction, group, statistic))

    internal fun ratios() = quotients.where { it.text(Measure.STATISTIC) == DirectionStudy.RATIO }

    internal fun pushes(along: Way) = DirectionStudy.overBlocks(pushes, along.direction)
}

/**
 * What the loss looks like along the backbone, across it and along the next step, at the weights of [states] snapshots
 * (`snapshot(everyWeight, states)`) but the first and the last. Computed after the runs, kept in the store.
 *
 * @param sequences whose gradients and losses are taken
 * @param draws random directions beside each for the gradients' covariance
 * @param products the same for the Gauss-Newton matrix, of 3 gradients each
 * @param sigma length of a push over that of the block
 */
fun ExperimentScope.pathLosses(
    runs: Runs,
    backbone: BackboneHandle,
    states: Int,
    sequences: Int,
    draws: Int,
    products: Int,
    sigma: Double,
): PathLosses {
    val path = backbone.path.snapshots()
    val whole = SnapshotPlan.of(WeightGroup.ALL, states)
    runs.requireSnapshots(path)
    runs.requireSnapshots(whole)
    runs.points.forEach { GradientStudy.require(it.request.spec(), path, whole) }
    val label = "losses along the path of ${counted(runs.points.size, "run")}"
    val request =
        DerivedRequest(runs.points, label) { stored, words ->
            DirectionStudy(stored, path, whole, sequences, draws, products, sigma, words)
        }
    return PathLosses(runs, request, derive(listOf(request)))
}

/** Rayleigh quotients over those of random directions, over the steps, a panel for each matrix. */
fun quotientsOverSteps(losses: PathLosses, title: String, caption: String = ""): Figure =
    lines(
            name = "quotients",
            title = title,
            table = losses.ratios(),
            x = Axis.STEP,
            y = Axis(Measure.VALUE.name(), "quotient over random directions'", log = true),
            colour = DirectionStudy.DIRECTION.name(),
            facet = Facet(DirectionStudy.OPERATOR.name(), 2),
            references = listOf(Reference(1.0, "as random")),
            caption = caption,
            size = Size.PANELS,
        )
        .with(sources = losses.runs.ids)

/** What pushes of single blocks along a direction cost each group, over the steps, mean over the blocks. */
fun pushesOverSteps(losses: PathLosses, along: Way, title: String, caption: String = ""): Figure =
    lines(
            name = "pushes",
            title = title,
            table = losses.pushes(along),
            x = Axis.STEP,
            y = Axis(Measure.VALUE.name(), "loss after the push less before", "nats"),
            colour = Measure.STATISTIC.name(),
            facet = Facet(DirectionStudy.GROUP.name(), 2, freeY = true),
            legend = "",
            caption = caption,
            size = Size.PANELS,
        )
        .with(sources = losses.runs.ids)
