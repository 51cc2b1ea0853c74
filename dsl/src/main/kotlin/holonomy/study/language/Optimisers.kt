package holonomy.study.language

import holonomy.claim.Claim
import holonomy.dsl.Arm
import holonomy.dsl.Measured
import holonomy.dsl.Runs
import holonomy.dsl.lossCurves
import holonomy.dsl.measured
import holonomy.dsl.of
import holonomy.figure.Figure
import holonomy.figure.with
import holonomy.task.ShuffledTargets
import holonomy.task.language.LanguageTask
import holonomy.train.AdamW
import holonomy.train.Optimizer.Decay
import holonomy.train.Schedule
import holonomy.train.Sgd
import kotlin.math.roundToLong

/** This profile with a share of its steps; rate, decay and warm-up stay. The published controls take two fifths. */
fun StoryProfile.lasting(share: Double): StoryProfile = copy(steps = (steps * share).roundToLong())

/** The language model as the published controls train it: lambda, the probe's weight, is 2 throughout. */
val StoryProfile.control: Arm
    get() = language.weighing("AdamW", Schedule.level(2.0))

/** [control] with lambda 4 from a [share] of the steps on. */
fun StoryProfile.lambdaMoved(share: Double): Arm = control.weighing("lambda 4 from $share on", probeWeight(share))

/**
 * The probe's weight in the loss: 2, and 4 from a [share] of the steps on (the published step 4,000 is number 3,999).
 */
internal fun StoryProfile.probeWeight(share: Double): Schedule =
    Schedule.level(2.0).then(4.0, maxOf(1, (steps * share).roundToLong() - 1))

private fun Arm.weighing(name: String, probe: Schedule) = trainedBy(training.weighing("probe", probe), name)

/**
 * [control] by AdamW with other betas, or so many times the [decay]. Both betas 0: the gradient's sign; [beta1] = 0
 * alone: without momentum.
 */
fun StoryProfile.adam(name: String, beta1: Double = .9, beta2: Double = .95, decay: Double = 1.0): Arm =
    control.trainedBy(
        control.training.by(AdamW(learningRate, beta1, beta2, 1e-8, weightDecay * decay, Decay.DECOUPLED)),
        name,
    )

/** The published control: SGD, rate 1e-3, a penalty of .5; see [published]. */
val StoryProfile.publishedSgd: Arm
    get() = published("SGD, published", Sgd(1e-3, .0, false, .5, Decay.L2))

/** The published control: momentum .9, rate 1e-2, a penalty of .05. */
val StoryProfile.publishedMomentum: Arm
    get() = published("momentum, published", Sgd(1e-2, .9, false, .05, Decay.L2))

/** The published control: Nesterov's momentum .9, rate 1e-2, decoupled decay .5. */
val StoryProfile.publishedNesterov: Arm
    get() = published("Nesterov, published", Sgd(1e-2, .9, true, .5, Decay.DECOUPLED))

/**
 * A control of 4,000 steps of 25,165,824 matrix weights, for this profile's: by how much decay shrinks the weights, and
 * how far clipped gradients reach beside their length, are as published (`Sgd.scaled`).
 */
private fun StoryProfile.published(name: String, rule: Sgd): Arm {
    val weights = 12L * layers * width * width // q, k, v, out; up, down
    return control.trainedBy(control.training.by(rule.scaled(4_000, steps, 25_165_824, weights)), name)
}

/** A fair control: [control] by SGD without decay at a rate that is to be tuned ([tuned]). */
fun StoryProfile.sgd(rate: Double, momentum: Double = .0, nesterov: Boolean = false): Arm {
    val name = if (nesterov) "Nesterov" else if (momentum > 0) "momentum" else "SGD"
    return control.trainedBy(control.training.by(Sgd(rate, momentum, nesterov, .0, Decay.DECOUPLED)), "$name at $rate")
}

/**
 * The runs of the arm whose loss on a set is least at the end, mean over the seeds: a rate tuned by the loss alone,
 * before its path is looked at. For use inside `figure` and `claim`.
 */
fun Runs.tuned(on: EvaluatedOn): Runs {
    val arms = points.map { it.arm }.distinct().map(::of)
    val known = arms.count { it.finished().isNotEmpty() } // asks for every arm's runs
    return if (archive.rehearsing || known == 0) arms.first() else arms[on.numbers.leastLoss(arms)]
}

/** Loss on a set at the end, nats per token, per seed. */
fun Runs.finalLoss(on: EvaluatedOn): Measured = measured(on.numbers.lossAtEnd())

/**
 * The condition that the loss of every run of these on a set falls by at least so much, nats: there is something to
 * learn.
 */
fun learning(runs: Runs, on: EvaluatedOn, atLeast: Double): Claim.Condition = on.numbers.lossFallen(runs, atLeast)

/** Loss on a set over the steps, a colour for each arm. */
fun lossByArm(runs: Runs, on: EvaluatedOn, title: String = "Loss on held-out stories by arm"): Figure =
    lossCurves("loss-by-arm", title, on.numbers.losses(runs, ARM)).with(sources = runs.ids)

/** The same stories, each batch's targets permuted: nothing is left to learn but how often each token is right. */
val LanguageTask.shuffled: ShuffledTargets
    get() = ShuffledTargets(this)
