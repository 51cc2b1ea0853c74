package holonomy.study.grokking

import holonomy.claim.Claim
import holonomy.dsl.AccuracyHandle
import holonomy.dsl.Arm
import holonomy.dsl.Measured
import holonomy.dsl.Profile
import holonomy.dsl.Runs
import holonomy.dsl.Scale
import holonomy.dsl.Settings
import holonomy.dsl.SweepAxis
import holonomy.dsl.TaskSizes
import holonomy.dsl.axis
import holonomy.dsl.measured
import holonomy.dsl.of
import holonomy.dsl.spoken
import holonomy.measure.Accuracy
import holonomy.measure.Cadence
import holonomy.measure.GrokRule
import holonomy.model.Design
import holonomy.statistic.Grokking
import holonomy.task.Operation
import holonomy.task.PairTask
import holonomy.train.AdamW
import holonomy.train.Optimizer
import holonomy.train.Schedule
import holonomy.train.StopRule
import holonomy.train.Training
import kotlin.math.abs

/**
 * Sizes of a task on all pairs of residues (arXiv 2602.16746).
 *
 * @property modulus p, the number of residues and of classes
 */
data class PairSizes(val modulus: Int) : TaskSizes<PairSizes> {
    override val settings: Settings<PairSizes>
        get() = Settings<PairSizes>().whole("modulus") { copy(modulus = it) }
}

/** A profile of the grokking study. */
typealias PairProfile = Profile<PairSizes>

/** p, the number of residues and of classes. */
val PairProfile.modulus: Int
    get() = task.modulus

/**
 * The bidirectional encoder of arXiv 2602.16746 under its recipe: AdamW (betas .9 and .98, decoupled decay on every
 * weight), gradients clipped to norm 1. Number of classes: the modulus p.
 */
val PairProfile.encoder: Arm
    get() = encoder(weightDecay)

/** [encoder] without MLPs: what tokens do to each other, only attention does. It groks later. */
val PairProfile.attentionEncoder: Arm
    get() = encoder.copy(name = "without MLPs", hidden = 0)

/** [encoder] at another weight decay: 0 is the control that doesn't generalise. */
fun PairProfile.encoder(weightDecay: Double): Arm {
    val adam = AdamW(learningRate, .9, .98, 1e-8, weightDecay, Optimizer.Decay.DECOUPLED)
    val training = Training(adam, Schedule.constant(), steps, batch, 1.0)
    val name = if (weightDecay > 0) "weight decay" else "no weight decay"
    return Arm(name, layers, heads, width, 2 * width, training, Design.ENCODER)
}

/**
 * The slow regime of arXiv 2602.16746: 3 layers, learning rate 5e-5, decay .1, betas .9 and .999, at most 650,000
 * steps, ended 20,000 steps after it groks.
 */
val PairProfile.slowEncoder: Arm
    get() {
        val adam = AdamW(5e-5, .9, .999, 1e-8, .1, Optimizer.Decay.DECOUPLED)
        val training = Training(adam, Schedule.constant(), SLOW_STEPS, batch, 1.0).until(StopRule.published(20_000))
        return Arm("slow regime", 3, heads, width, 2 * width, training, Design.ENCODER)
    }

/**
 * [encoder] at another learning rate, with as many more steps as the rate is smaller: the published budgets differ by
 * rate, too.
 */
fun PairProfile.encoderAt(rate: Double): Arm =
    copy(learningRate = rate, steps = Math.round(steps * maxOf(1.0, learningRate / rate))).encoder

/** This model, trained until it has grokked (98 %, three looks 100 steps apart) and no longer: the published rule. */
val Arm.untilGrokked: Arm
    get() = copy(training = training.until(StopRule.published(0)))

/** Whether a recipe is the published slow regime. */
fun slowRegime(arm: Arm): Claim.Condition {
    val steps = arm.training.steps()
    return Claim.Condition.beforehand("the published slow regime (650000 steps)", steps == SLOW_STEPS, "$steps steps")
}

private const val SLOW_STEPS = 650_000L

/** Whether a sweep's axis has a value: what was published there can only be tested there. */
fun reaches(axis: SweepAxis<Double>, value: Double): Claim.Condition {
    val there = axis.list.any { abs(it / value - 1) < 1e-9 }
    return Claim.Condition.beforehand("${axis.name} ${spoken(value)}", there, axis.list.joinToString { spoken(it) })
}

/** All pairs (a, b) modulo p under an operation, its values taken modulo p; half of them trained on. */
fun pairs(name: String, p: Int, operation: (Int, Int) -> Int): PairTask =
    PairTask.of(Operation.of(name, p) { a, b -> operation(a, b) })

/** Whether model and modulus have the published sizes: a published number can only be tested there. */
val PairProfile.publishedEncoder: Claim.Condition
    get() {
        val found = "p = $modulus, $layers layers, width $width"
        return Claim.Condition.beforehand(PUBLISHED_ENCODER, found == PUBLISHED_ENCODER, "$found ($name profile)")
    }

private const val PUBLISHED_ENCODER = "p = 97, 2 layers, width 128"

/** A handle on the accuracy on all pairs of both sets. */
class PairAccuracyHandle internal constructor(measure: Accuracy) : AccuracyHandle(measure) {
    internal val grokking = Grokking(measure)
}

/**
 * Exact accuracy and loss on both sets, norm of the weights and of the latest gradient, [count] times per run, and
 * oftener [also].
 */
fun pairAccuracy(count: Int, also: Cadence.Window? = null): PairAccuracyHandle =
    PairAccuracyHandle(Accuracy.onWholeSets(Cadence(count, listOfNotNull(also))))

/** The step of generalisation by a rule, per seed; undefined (NaN) in a run that never gets there. */
fun Runs.grokStep(handle: PairAccuracyHandle, rule: GrokRule = GrokRule.THREE_AT_98): Measured =
    measured(handle.grokking.step(rule))

/** The first evaluation with half of the test set right, per seed; undefined (NaN) in a run that never gets there. */
fun Runs.halfStep(handle: PairAccuracyHandle): Measured = measured(handle.grokking.halfStep())

/** Norm of all weights at the last evaluation, per seed. */
fun Runs.weightNorm(handle: PairAccuracyHandle): Measured =
    measured(handle.grokking.atEnd("norm of the weights", Accuracy.WEIGHT_NORM, Scale.LOG))

/** The condition that every run of these generalised: three evaluations in a row at .98. */
fun grokked(runs: Runs, handle: PairAccuracyHandle): Claim.Condition = handle.grokking.grokked(runs)
