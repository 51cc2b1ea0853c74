package holonomy.dsl

import holonomy.data.Table
import holonomy.data.UserError
import holonomy.model.Weights
import holonomy.statistic.RunNumber
import holonomy.statistic.RunSet

/** On which scale values of seeds are averaged and intervals built: IDENTITY, LOG, LOGIT, CORRELATION, OUTCOME. */
typealias Scale = holonomy.inference.Scale

/** One run, as a number of one's own reads it: `runs.measured("last loss") { run -> run.table(curve) ... }`. */
class FinishedRun internal constructor(private val point: Point, private val archive: Archive, private val own: Runs) {
    /** Its id, under which the store has it. */
    val id: String
        get() = point.id

    /** Its name, for people. */
    val name: String
        get() = point.request.label()

    /** The seed that it counts to: the unit of replication. */
    val seed: Long
        get() = point.seed

    /** Optimiser steps of its recipe. */
    val steps: Long
        get() = point.request.spec().training().steps()

    /** Number of weights P of its model. */
    val weights: Int
        get() = layout.size()

    /** The names of its model's blocks of weights, such as `layers.0.W_Q`. */
    val blocks: List<String>
        get() = layout.blocks().map { it.name() }

    private val layout
        get() = point.request.spec().model().layout()

    /** The value of a sweep's axis. */
    operator fun <T : Any> get(axis: SweepAxis<T>): T = Setting(point.values, mutableSetOf())[axis]

    /** The rows of a measure, as [Runs.table] has them. */
    fun table(handle: MeasureHandle): Table = own.table(handle)

    /**
     * The weights of a block at the end of training, row by row, a copy. They are in the store alone: a claim that
     * reads them can't be judged again from published tables.
     */
    fun weights(block: String): FloatArray {
        if (block !in blocks)
            throw Misread(
                "run '$name' has no weights '$block'; expected one of ${blocks.joinToString(", ")}." +
                    didYouMean(block, blocks)
            )
        if (own.horizon != null)
            throw Misread(
                "run '$name': its weights at the end are read as they were at step ${own.horizon}: " +
                    "it would be no prediction"
            )
        val stored = archive.find(id) ?: throw UserError("run '$name' is not finished, its weights are not there")
        return Weights(layout, stored.end(point.request.spec()).theta()).block(block)
    }
}

/**
 * A number of one's own, of every run, for claims and figures; those of runs of one seed become one number by a
 * reduction, as all others: `runs.perSeed(Reduction.MEAN).measured("...") { run -> ... }`.
 *
 * @param label what it is, with its unit; part of what a claim declares
 * @param scale on which it is averaged over seeds
 * @param grain how coarsely it is read, in its unit: what is read every 100 steps may be 100 late
 * @param number of a run; NaN where it is undefined
 */
fun Runs.measured(
    label: String,
    scale: Scale = Scale.IDENTITY,
    grain: Double = 0.0,
    number: (FinishedRun) -> Double,
): Measured {
    requireLabel("measured", label)
    val runs = points.zip(alone).associate { (point, own) -> point.id to FinishedRun(point, archive, own) }
    if (archive.rehearsing) rehearse(runs.values.first(), number)
    return measured(
        RunNumber(label, scale) { set: RunSet ->
                set.members().associate { it.id() to finite(label, runs.getValue(it.id()), number) }
            }
            .grained { grain }
    )
}

/**
 * What a number reads that its runs don't measure is known before anything trains; whatever else fails there is not.
 */
private fun rehearse(run: FinishedRun, number: (FinishedRun) -> Double) {
    try {
        number(run)
    } catch (misread: Misread) {
        throw misread
    } catch (_: Exception) {
        return // there are no rows yet
    }
}

private fun finite(label: String, run: FinishedRun, number: (FinishedRun) -> Double): Double {
    val value = number(run)
    if (value.isInfinite())
        throw UserError(
            "measured: '$label' of run '${run.name}' is $value; expected a number, or NaN where it is undefined"
        )
    return value
}

/** Number of weights P of each run's model. */
fun Runs.weights(): Measured = measured("number of weights", Scale.LOG) { it.weights.toDouble() }

/** This number under a short name of one's own, for labels, axes and tables; it must say what the number is. */
infix fun Measured.called(label: String): Measured {
    requireLabel("called", label)
    return Measured(values.labelled(label), traits, ::under)
}

private fun requireLabel(word: String, label: String) {
    requirePlain("$word: the label", label)
    if (label.isBlank() || ';' in label)
        throw Misread("$word: expected a label that says what the number is, without a semicolon, found '$label'")
}
