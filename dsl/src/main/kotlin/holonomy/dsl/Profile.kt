package holonomy.dsl

import holonomy.data.UserError
import holonomy.model.Architecture
import holonomy.model.Design
import holonomy.task.Task
import holonomy.train.Training

/**
 * A named set of sizes: model, recipe, what is kept, seeds, and those of the study's [task]s. Scripts use its handles
 * and state their departures; `--set key=value` departs from the command line. Cadences are counts per run, not steps.
 *
 * @property task sizes of what the study trains on: `MarkedSizes`, `PairSizes`, `StorySizes`
 * @property layers,heads,width sizes of the transformer
 * @property learningRate,weightDecay,warmup the optimiser's; warm-up in steps
 * @property steps optimiser steps
 * @property batch sequences per step
 * @property snapshots weight snapshots per run
 * @property evaluations evaluations per run
 * @property seeds one run each
 */
data class Profile<S : TaskSizes<S>>(
    val name: String,
    val task: S,
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
    val seeds: List<Long>,
) {
    /** This profile with `key=value` departures; an unknown key or a value of the wrong kind is the user's mistake. */
    fun with(settings: Map<String, String>): Profile<S> {
        val known = task.settings.within<Profile<S>>({ it.task }) { copy(task = it) } + general()
        return settings.entries.fold(this) { profile, (key, value) -> known.apply(profile, key, value) }
    }
}

private fun <S : TaskSizes<S>> general(): Settings<Profile<S>> =
    Settings<Profile<S>>()
        .whole("batch") { copy(batch = it) }
        .whole("evaluations") { copy(evaluations = it) }
        .whole("heads") { copy(heads = it) }
        .whole("layers") { copy(layers = it) }
        .real("learningRate") { copy(learningRate = it) }
        .whole("snapshots") { copy(snapshots = it) }
        .wide("steps") { copy(steps = it) }
        .wide("warmup") { copy(warmup = it) }
        .real("weightDecay") { copy(weightDecay = it) }
        .whole("width") { copy(width = it) }

/**
 * A model and the recipe that trains it; the task fixes vocabulary, length and classes.
 *
 * @property name label in tables and figures
 * @property hidden neurons of each MLP; 0 for none
 * @property design everything else: norms, activation, positions, head, biases, initial values ...
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

    /**
     * This model but for these parts of its design: what an axis of architecture goes over, `axis("norm", Norm.PRE,
     * Norm.RMS)` and `arm.with(it[norm])`.
     */
    fun with(vararg choices: Design.Choice): Arm = copy(design = choices.fold(design, Design::with))

    /** This model with initial values, but for norms', [factor] times as large. */
    fun scalingStart(factor: Double): Arm = copy(design = design.scalingStart(factor))

    /** This model with logits [factor] times as large as its weights make them; the factor isn't trained. */
    fun scalingLogits(factor: Double): Arm = copy(design = design.scalingLogits(factor))

    /** This model under another recipe, with a label of its own. */
    fun trainedBy(training: Training, name: String = this.name): Arm = copy(name = name, training = training)
}

/** The profile the script is run at, with the command line's departures and seeds. */
fun <S : TaskSizes<S>> profiles(quick: Profile<S>, standard: Profile<S>, paper: Profile<S>): Profile<S> {
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
