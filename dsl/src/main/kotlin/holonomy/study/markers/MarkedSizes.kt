package holonomy.study.markers

import holonomy.claim.Claim
import holonomy.dsl.Arm
import holonomy.dsl.Profile
import holonomy.dsl.Settings
import holonomy.dsl.TaskSizes
import holonomy.dsl.of
import holonomy.study.grokking.operation
import holonomy.study.language.heldOut
import holonomy.task.MarkedTask
import holonomy.task.MarkedTask.Placement
import holonomy.task.Operation
import holonomy.train.AdamW
import holonomy.train.Optimizer
import holonomy.train.Schedule
import holonomy.train.Sgd
import holonomy.train.Training

/**
 * Sizes of a task on marked values (arXiv 2602.10496).
 *
 * @property length tokens per sequence, T
 * @property vocabulary number of different tokens, V
 * @property classes number of values and labels, C
 * @property firstMarker token of the first marker
 * @property reservedMarkers marker tokens kept out of the distractors
 * @property markers the numbers of markers m that the main task mixes
 * @property heldOut held-out sequences per m
 */
data class MarkedSizes(
    val length: Int,
    val vocabulary: Int,
    val classes: Int,
    val firstMarker: Int,
    val reservedMarkers: Int,
    val markers: IntRange,
    val heldOut: Int,
) : TaskSizes<MarkedSizes> {
    override val settings: Settings<MarkedSizes>
        get() =
            Settings<MarkedSizes>()
                .whole("classes") { copy(classes = it) }
                .whole("firstMarker") { copy(firstMarker = it) }
                .whole("heldOut") { copy(heldOut = it) }
                .whole("length") { copy(length = it) }
                .range("markers") { copy(markers = it) }
                .whole("reservedMarkers") { copy(reservedMarkers = it) }
                .whole("vocabulary") { copy(vocabulary = it) }
}

/** A profile of the study on marked values. */
typealias MarkedProfile = Profile<MarkedSizes>

/** Tokens per sequence, T. */
val MarkedProfile.length: Int
    get() = task.length

/** Number of values and labels, C. */
val MarkedProfile.classes: Int
    get() = task.classes

/** Held-out sequences per m. */
val MarkedProfile.heldOut: Int
    get() = task.heldOut

private val MarkedProfile.training: Training
    get() =
        Training(
            AdamW(learningRate, .9, .999, 1e-8, weightDecay, Optimizer.Decay.DECOUPLED),
            if (warmup > 0) Schedule.warmup(warmup) else Schedule.constant(),
            steps,
            batch,
            0.0,
        )

/** The model without MLPs, trained by AdamW at the profile's settings. */
val MarkedProfile.attentionOnly: Arm
    get() = Arm("attention-only", layers, heads, width, hidden = 0, training)

/** The model with MLPs of four times the width. */
val MarkedProfile.standard: Arm
    get() = Arm("with MLPs", layers, heads, width, hidden = 4 * width, training)

/** Sum modulo C over m markers, m mixed uniformly; one set of positions per batch, as the published code does. */
fun MarkedProfile.markedSum(markers: IntRange = task.markers, placement: Placement = Placement.PER_BATCH): MarkedTask =
    marked(Operation.sum(classes), markers, placement)

/** Any operation of two values, folded over the markers. */
fun MarkedProfile.marked(
    operation: Operation,
    markers: IntRange = task.markers,
    placement: Placement = Placement.PER_BATCH,
): MarkedTask =
    MarkedTask(operation, length, task.vocabulary, task.firstMarker, task.reservedMarkers, markers.toList(), placement)

/** The task that most figures are about: [markedSum] over all of the profile's m. */
val MarkedProfile.mainTask: MarkedTask
    get() = markedSum()

/** Whether model and task have the published sizes: a published number can only be tested there. */
val MarkedProfile.publishedSize: Claim.Condition
    get() {
        val found = "$layers layers, width $width, $length tokens, $classes classes"
        return Claim.Condition.beforehand(PUBLISHED_SIZE, found == PUBLISHED_SIZE, "$found ($name profile)")
    }

/** Whether a run takes as many steps as the published ones. */
val MarkedProfile.publishedSteps: Claim.Condition
    get() =
        Claim.Condition.beforehand(
            "at least $PUBLISHED_STEPS steps",
            steps >= PUBLISHED_STEPS,
            "$steps ($name profile)",
        )

private const val PUBLISHED_SIZE = "5 layers, width 128, 16 tokens, 8 classes"
private const val PUBLISHED_STEPS = 20_000

/**
 * This model trained as the paper's text says: plain SGD at 1e-3, same steps and batch (arXiv 2602.10496, section 3).
 */
fun Arm.paperText(): Arm = trainedBy(Training(Sgd.of(1e-3), training.steps(), training.batch()), "$name, plain SGD")

/** The same task with positions drawn for every sequence; m stays one per batch. */
fun MarkedTask.positionsPerSequence(): MarkedTask =
    MarkedTask(
        operation(),
        length(),
        vocabulary(),
        firstMarker(),
        reserved(),
        markerCounts(),
        Placement.POSITIONS_PER_SEQUENCE,
    )
