package holonomy.dsl

import holonomy.data.UserError
import holonomy.experiment.Claim
import holonomy.model.Architecture
import holonomy.model.Design
import holonomy.task.MarkedTask
import holonomy.task.MarkedTask.Placement
import holonomy.task.Operation
import holonomy.task.Task
import holonomy.train.AdamW
import holonomy.train.Optimizer
import holonomy.train.Schedule
import holonomy.train.Sgd
import holonomy.train.Training

/**
 * A named set of sizes: model, task, training, seeds. Scripts use its handles and state their departures; `--set
 * key=value` departs from the command line. Cadences are counts per run, not steps.
 *
 * @property length tokens per sequence, T
 * @property vocabulary number of different tokens, V
 * @property classes number of values and labels, C
 * @property firstMarker token of the first marker
 * @property reservedMarkers marker tokens kept out of the distractors
 * @property markers the numbers of markers m that the main task mixes
 * @property layers,heads,width sizes of the transformer
 * @property learningRate,weightDecay,warmup AdamW's; warm-up in steps
 * @property steps optimiser steps
 * @property batch sequences per step
 * @property snapshots weight snapshots per run
 * @property evaluations evaluations per run
 * @property heldOut held-out sequences per m
 * @property seeds one run each
 */
data class Profile(
    val name: String,
    val length: Int,
    val vocabulary: Int,
    val classes: Int,
    val firstMarker: Int,
    val reservedMarkers: Int,
    val markers: IntRange,
    val layers: Int,
    val heads: Int,
    val width: Int,
    val learningRate: Double,
    val weightDecay: Double,
    val warmup: Long,
    val steps: Long,
    val batch: Int,
    val snapshots: Int,
    val evaluations: Int,
    val heldOut: Int,
    val seeds: List<Long>,
) {
    /** AdamW at the profile's settings. */
    val training: Training
        get() =
            Training(
                AdamW(learningRate, .9, .999, 1e-8, weightDecay, Optimizer.Decay.DECOUPLED),
                if (warmup > 0) Schedule.warmup(warmup) else Schedule.constant(),
                steps,
                batch,
                0.0,
            )

    /** The model without MLPs, trained by the profile's recipe. */
    val attentionOnly: Arm
        get() = Arm("attention-only", layers, heads, width, hidden = 0, training)

    /** The model with MLPs of four times the width. */
    val standard: Arm
        get() = Arm("with MLPs", layers, heads, width, hidden = 4 * width, training)

    /** Sum modulo C over m markers, m mixed uniformly; one set of positions per batch, as the published code does. */
    fun markedSum(markers: IntRange = this.markers, placement: Placement = Placement.PER_BATCH): MarkedTask =
        marked(Operation.sum(classes), markers, placement)

    /** Any operation of two values, folded over the markers. */
    fun marked(
        operation: Operation,
        markers: IntRange = this.markers,
        placement: Placement = Placement.PER_BATCH,
    ): MarkedTask = MarkedTask(operation, length, vocabulary, firstMarker, reservedMarkers, markers.toList(), placement)

    /** The task that most figures are about: [markedSum] over all of the profile's m. */
    val mainTask: MarkedTask
        get() = markedSum()

    /** Whether model and task have the published sizes: a published number can only be tested there. */
    val publishedSize: Claim.Condition
        get() {
            val found = "$layers layers, width $width, $length tokens, $classes classes"
            return Claim.Condition.beforehand(PUBLISHED_SIZE, found == PUBLISHED_SIZE, "$found ($name profile)")
        }

    /** Whether a run takes as many steps as the published ones. */
    val publishedSteps: Claim.Condition
        get() =
            Claim.Condition.beforehand(
                "at least $PUBLISHED_STEPS steps",
                steps >= PUBLISHED_STEPS,
                "$steps ($name profile)",
            )

    /** This profile with `key=value` departures; an unknown key or a value of the wrong kind is the user's mistake. */
    fun with(settings: Map<String, String>): Profile =
        settings.entries.fold(this) { profile, (key, value) -> Settings.apply(profile, key, value) }
}

private const val PUBLISHED_SIZE = "5 layers, width 128, 16 tokens, 8 classes"
private const val PUBLISHED_STEPS = 20_000

/**
 * A model and the recipe that trains it; the task fixes vocabulary, length and classes.
 *
 * @property name label in tables and figures
 * @property hidden neurons of each MLP; 0 for none
 * @property design causal decoder or bidirectional encoder
 */
data class Arm(
    val name: String,
    val layers: Int,
    val heads: Int,
    val width: Int,
    val hidden: Int,
    val training: Training,
    val design: Design = Design.DECODER,
) {
    /** The transformer for a task. */
    fun modelFor(task: Task): Architecture =
        Architecture(task.vocabulary(), task.length(), task.classes(), layers, heads, width, hidden, design)

    /** This model under another recipe, with a label of its own. */
    fun trainedBy(training: Training, name: String = this.name): Arm = copy(name = name, training = training)
}

/** The profile the script is run at, with the command line's departures and seeds. */
fun profiles(quick: Profile, standard: Profile, paper: Profile): Profile {
    val invocation = Declarations.current()?.invocation ?: Invocation()
    val chosen = select(invocation.profile, quick, standard, paper).with(invocation.settings)
    return invocation.seeds?.let { chosen.copy(seeds = it) } ?: chosen
}

/** One value per profile, chosen by the profile the script is run at. */
fun <T> choose(quick: T, standard: T, paper: T): T =
    select((Declarations.current()?.invocation ?: Invocation()).profile, quick, standard, paper)

private fun <T> select(profile: String, quick: T, standard: T, paper: T): T =
    when (profile) {
        "quick" -> quick
        "standard" -> standard
        "paper" -> paper
        else ->
            throw UserError(
                "profile: expected ${PROFILES.joinToString(", ")}, found '$profile'.${didYouMean(profile, PROFILES)}"
            )
    }

/** The keys that `--set` knows. */
internal object Settings {
    private class Setting(val kind: String, val apply: (Profile, String) -> Profile?)

    private fun whole(change: (Profile, Int) -> Profile) =
        Setting("a whole number") { profile, text -> text.toIntOrNull()?.let { change(profile, it) } }

    private fun wide(change: (Profile, Long) -> Profile) =
        Setting("a whole number") { profile, text -> text.toLongOrNull()?.let { change(profile, it) } }

    private fun number(change: (Profile, Double) -> Profile) =
        Setting("a number") { profile, text ->
            text.toDoubleOrNull()?.takeIf(Double::isFinite)?.let { change(profile, it) }
        }

    private fun range(change: (Profile, IntRange) -> Profile) =
        Setting("a range such as 1..4, of at most $MOST values") { profile, text ->
            val ends = text.split("..").mapNotNull { it.toIntOrNull() }
            val range = if (ends.size == text.split("..").size && ends.size in 1..2) ends.first()..ends.last() else null
            range?.takeIf { it.last.toLong() - it.first < MOST }?.let { change(profile, it) }
        }

    private const val MOST = 1000

    private val settings: Map<String, Setting> =
        sortedMapOf(
            "batch" to whole { p, v -> p.copy(batch = v) },
            "classes" to whole { p, v -> p.copy(classes = v) },
            "evaluations" to whole { p, v -> p.copy(evaluations = v) },
            "firstMarker" to whole { p, v -> p.copy(firstMarker = v) },
            "heads" to whole { p, v -> p.copy(heads = v) },
            "heldOut" to whole { p, v -> p.copy(heldOut = v) },
            "layers" to whole { p, v -> p.copy(layers = v) },
            "learningRate" to number { p, v -> p.copy(learningRate = v) },
            "length" to whole { p, v -> p.copy(length = v) },
            "markers" to range { p, v -> p.copy(markers = v) },
            "reservedMarkers" to whole { p, v -> p.copy(reservedMarkers = v) },
            "snapshots" to whole { p, v -> p.copy(snapshots = v) },
            "steps" to wide { p, v -> p.copy(steps = v) },
            "vocabulary" to whole { p, v -> p.copy(vocabulary = v) },
            "warmup" to wide { p, v -> p.copy(warmup = v) },
            "weightDecay" to number { p, v -> p.copy(weightDecay = v) },
            "width" to whole { p, v -> p.copy(width = v) },
        )

    fun apply(profile: Profile, key: String, value: String): Profile {
        val setting =
            settings[key]
                ?: throw OptionError(
                    "--set $key=$value: no such key; expected one of ${settings.keys.joinToString(", ")}." +
                        didYouMean(key, settings.keys)
                )
        return setting.apply(profile, value)
            ?: throw OptionError("--set $key: expected ${setting.kind}, found '$value'")
    }
}

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
