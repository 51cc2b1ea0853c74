package holonomy.study.language

import holonomy.claim.Claim
import holonomy.data.Numbers
import holonomy.dsl.AccuracyHandle
import holonomy.dsl.Arm
import holonomy.dsl.Measured
import holonomy.dsl.Profile
import holonomy.dsl.Runs
import holonomy.dsl.Settings
import holonomy.dsl.TaskSizes
import holonomy.dsl.least
import holonomy.dsl.measured
import holonomy.dsl.of
import holonomy.dsl.table
import holonomy.figure.Axis
import holonomy.figure.Facet
import holonomy.figure.Figure
import holonomy.figure.Size
import holonomy.figure.lines
import holonomy.figure.with
import holonomy.measure.Accuracy
import holonomy.measure.Measure
import holonomy.model.Design
import holonomy.statistic.OwnIntervals
import holonomy.statistic.SetNumbers
import holonomy.study.markers.heldOut
import holonomy.study.markers.length
import holonomy.task.language.LanguageTask
import holonomy.task.language.Probe
import holonomy.task.language.StoryGenerator
import holonomy.task.language.WordEncoding
import holonomy.train.AdamW
import holonomy.train.MicroBatches
import holonomy.train.Optimizer
import holonomy.train.Schedule
import holonomy.train.Training

/**
 * Sizes of the language study's text and probe (arXiv 2602.23696).
 *
 * @property length tokens per sequence, T
 * @property vocabulary number of different tokens, V
 * @property codewords how many there are to be retrieved
 * @property heldOut sequences per evaluation set
 */
data class StorySizes(val length: Int, val vocabulary: Int, val codewords: Int, val heldOut: Int) :
    TaskSizes<StorySizes> {
    override val settings: Settings<StorySizes>
        get() =
            Settings<StorySizes>()
                .whole("codewords") { copy(codewords = it) }
                .whole("heldOut") { copy(heldOut = it) }
                .whole("length") { copy(length = it) }
                .whole("vocabulary") { copy(vocabulary = it) }
}

/** A profile of the language study. */
typealias StoryProfile = Profile<StorySizes>

/** Sequences per evaluation set. */
val StoryProfile.heldOut: Int
    get() = task.heldOut

/**
 * The language model of arXiv 2602.23696 under its recipe: AdamW (betas .9 and .95, decoupled decay of matrices and
 * embeddings), warm-up, then a cosine cut off at a tenth, gradients clipped to norm 1, two micro-batches with means of
 * their own; the probe weighs 2 in the loss, from two fifths of the steps on 4.
 */
val StoryProfile.language: Arm
    get() {
        val probe = Schedule.level(2.0).then(4.0, maxOf(1, steps * 2 / 5 - 1))
        val training = recipe(learningRate, Schedule.cutCosine(warmup, .1), steps, probe)
        return Arm("language model", layers, heads, width, 4 * width, training, Design.LANGUAGE)
    }

/**
 * The recipe of a reheating (arXiv 2602.23696): a fifth of the profile's steps, warm-up over a tenth of them, then a
 * cosine cut off at a tenth.
 *
 * @param rate of the profile's learning rate, dimensionless
 * @param probe what the probe weighs in the loss, all along; 4 is what it weighs at the end of a training
 */
fun StoryProfile.reheating(rate: Double = 1.0, probe: Double = 4.0): Training =
    recipe(rate * learningRate, Schedule.cutCosine(steps / 50, .1), maxOf(1, steps / 5), Schedule.level(probe))

/** The study's recipe at a rate, by a schedule, with the probe's weight in the loss. */
internal fun StoryProfile.recipe(
    rate: Double,
    schedule: Schedule,
    steps: Long,
    probe: Schedule,
    beta2: Double = .95,
): Training {
    val adam = AdamW(rate, .9, beta2, 1e-8, weightDecay, Optimizer.Decay.DECOUPLED)
    return Training(adam, schedule, steps, batch, 1.0)
        .computed(MicroBatches(2, true))
        .weighing("text", Schedule.constant())
        .weighing("probe", probe)
}

/**
 * The next token of generated stories that fill the profile's length, and a key-retrieval probe in a [share] of the
 * sequences, with the profile's number of codewords. The question stands [near] tokens after the codeword; evaluated
 * there and [far] ones away, on the profile's number of held-out sequences each.
 */
fun StoryProfile.stories(share: Double, near: IntRange, far: IntRange): LanguageTask {
    val words = WordEncoding.of(task.vocabulary, task.codewords)
    val text = StoryGenerator.filling(words.lexicon(), task.length + 1)
    return LanguageTask(text, words, task.length, task.heldOut)
        .with(Probe.of(words, task.codewords, share, gaps(near), gaps(far), task.heldOut))
}

private fun gaps(range: IntRange) = Probe.Gaps(range.first, range.last)

/** An evaluation set of the accuracy, by its name: its numbers can be read inside `claim`. */
class EvaluatedOn internal constructor(internal val numbers: SetNumbers) {
    /**
     * The smallest rise of the accuracy that is not an evaluation's own noise: three standard errors of a difference.
     */
    val aboveNoise: Double
        get() = numbers.aboveNoise()
}

/** The numbers on one evaluation set: `accuracy.on("long gap, text")`. */
fun AccuracyHandle.on(set: String): EvaluatedOn = EvaluatedOn(SetNumbers(numbers.measure(), set))

/** Median accuracy of the last five evaluations on a set, per seed. */
fun Runs.lateAccuracy(on: EvaluatedOn): Measured = measured(on.numbers.late())

/** Highest accuracy at any evaluation on a set, per seed. */
fun Runs.highestAccuracy(on: EvaluatedOn): Measured = measured(on.numbers.highest())

/** Highest accuracy at any evaluation less that of the last five, per seed: how far it has fallen. */
fun Runs.fall(on: EvaluatedOn): Measured = measured(on.numbers.fall())

/** The condition that every run of these has lost at least so much of its highest accuracy on a set. */
fun fallen(runs: Runs, on: EvaluatedOn, by: Double): Claim.Condition = on.numbers.fallen(runs, by)

/**
 * Highest accuracy at any evaluation less that of the first, per seed: the published gain of a reheating. It is at
 * least 0 by its making, so it is to be read beside that of runs that merely go on.
 */
fun Runs.gain(on: EvaluatedOn): Measured = measured(on.numbers.gain())

/**
 * What noise alone makes of [peaks]: those of the nearest curve of one rise and one fall with the binomial noise of so
 * many sequences, mean over draws, per seed.
 */
fun Runs.peaksOfNoise(on: EvaluatedOn, least: Double): Measured = measured(on.numbers.peaksOfNoise(least))

/**
 * Number of peaks of the accuracy on a set, per seed: evaluations above both neighbours, and by [least] above the
 * larger of the two smallest values among the three before and the three after (published with .03).
 */
fun Runs.peaks(on: EvaluatedOn, least: Double): Measured = measured(on.numbers.peaks(least))

/** Loss at the end above the entropy rate of the stories, nats per token, per seed: what is left to learn. */
fun Runs.lossAboveEntropy(on: EvaluatedOn, task: LanguageTask): Measured =
    measured(on.numbers.lossAbove(task.irreducibleLoss().orElse(Double.NaN)))

/** A sentence on the least loss that any model can have on held-out stories, for a figure's caption. */
fun entropyRate(task: LanguageTask): String =
    if (task.irreducibleLoss().isEmpty) "The text's entropy rate is not known."
    else
        "The stories' entropy rate: ${Numbers.brief(task.irreducibleLoss().asDouble)} nats a token, the least loss on 'validation'."

/**
 * Accuracy on some evaluation sets over the steps, a panel each, the arms in colours; each evaluation's own interval as
 * a pale band (Wilson). Of more than [ARMS_IN_A_PANEL] arms the bands would hide each other: a panel for each arm, the
 * sets in colours.
 */
fun accuracyByArm(
    runs: Runs,
    accuracy: AccuracyHandle,
    sets: List<String>,
    title: String,
    caption: String = "",
): Figure {
    val rows = OwnIntervals.of(runs, accuracy.numbers.measure()).where { it.text(Measure.SET) in sets }
    val arms = rows.rows().map { it.text("arm") }.distinct().size
    val apart = arms > ARMS_IN_A_PANEL
    return lines(
            name = "accuracy",
            title = title,
            table = rows,
            x = Axis.STEP,
            y = Axis(Accuracy.ACCURACY.name(), "accuracy", possible = 0.0..1.0),
            colour = if (apart) Measure.SET.name() else "arm",
            facet =
                if (apart) Facet("arm", (arms + 1) / 2)
                else Facet(Measure.SET.name(), if (sets.size > 3) 2 else sets.size),
            caption = caption,
            size = Size.PANELS,
        )
        .with(sources = runs.ids)
}

private const val ARMS_IN_A_PANEL = 4
