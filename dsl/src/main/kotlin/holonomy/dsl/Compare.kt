package holonomy.dsl

import holonomy.data.Table
import holonomy.data.UserError
import holonomy.experiment.Numbers
import holonomy.experiment.SeedValues
import holonomy.figure.Axis
import holonomy.figure.Facet
import holonomy.figure.Figure
import holonomy.figure.Null
import holonomy.figure.Size
import holonomy.figure.Spread
import holonomy.figure.lines
import holonomy.figure.pointsBy
import holonomy.measure.TrajectorySpectrum
import holonomy.stats.SignFlip
import holonomy.task.StagedTask
import holonomy.task.Task
import java.util.TreeMap

/**
 * [ExperimentScope.train] for a comparison: all arms take the same steps with the same number of sequences, and a
 * schedule of m lasts exactly as long as the training. Anything else is refused before training.
 *
 * @param differentBudgets whether arms may differ in steps or batch; say it in the figure too
 */
fun ExperimentScope.compare(
    arms: List<Arm>,
    on: List<Task>,
    seeds: List<Long>,
    differentBudgets: Boolean = false,
    record: RecordScope.() -> Unit,
): Runs {
    if (!differentBudgets) requireEqualBudgets(arms)
    arms.forEach { arm -> on.forEach { requireWholeSchedule(it, arm) } }
    return train(arms, on, seeds, record)
}

private fun Arm.budget() = "${training.steps()} steps of ${training.batch()} sequences"

private fun requireEqualBudgets(arms: List<Arm>) {
    val other = arms.firstOrNull { it.budget() != arms.first().budget() } ?: return
    throw UserError(
        "compare: arm '${arms.first().name}' takes ${arms.first().budget()}, arm '${other.name}' ${other.budget()}; " +
            "give them the same budget, or say differentBudgets = true"
    )
}

private fun requireWholeSchedule(task: Task, arm: Arm) {
    if (task is StagedTask && task.batches() != arm.training.steps()) {
        throw UserError(
            "compare: the stages of '${task.schedule()}' add up to ${task.batches()} steps, " +
                "arm '${arm.name}' takes ${arm.training.steps()}; make them equal"
        )
    }
}

/** What tells runs apart in a comparison: the column of long tables. */
enum class Side(internal val column: String) {
    /** By arm. */
    ARM("arm"),
    /** By task. */
    TASK("task"),
}

/** By arm. */
val byArm = Side.ARM

/** By task. */
val byTask = Side.TASK

/** Held-out accuracy over steps, one colour per m, one panel per arm or task, beside the majority class. */
fun accuracyCompared(runs: Runs, accuracy: AccuracyHandle, by: Side, caption: String = ""): Figure {
    val rows = runs.table(accuracy)
    val majority = majorityRows(rows, by)
    return lines(
            name = "accuracy-compared",
            title = "Held-out accuracy for every number of markers m",
            table = rows,
            x = Axis.STEP,
            y = Axis("accuracy", "accuracy", from = 0.0, to = 1.0),
            colour = "m",
            facet = Facet(by.column, 2),
            nulls = listOf(Null("majority class, exact (highest over m)", majority, "majority")),
            legend = "m",
            caption = caption,
            size = Size.PANELS,
        )
        .with(sources = runs.ids)
}

/** Per step and panel the majority share of the m where it is highest. */
private fun majorityRows(rows: Table, by: Side): Table {
    val table =
        Table.builder(
            listOf(Table.text(by.column), Table.text("seed"), Table.whole("step"), Table.quantity("majority"))
        )
    rows
        .rows()
        .groupBy { Triple(it.text(by.column), it.text("seed"), it.number("step").toLong()) }
        .forEach { (key, group) -> table.row(key.first, key.second, key.third, group.maxOf { it.number("majority") }) }
    return table.build()
}

/** A rank by layer at the end of training, one colour per arm or task, one panel per matrix, beside a null. */
fun rankByLayerCompared(
    runs: Runs,
    quantity: Quantity,
    by: Side,
    beside: PathNull = uncorrelatedWalk,
    spread: Spread = standardDeviation,
    caption: String = "",
): Figure {
    val measured = runs.spectrumRows(quantity, TrajectorySpectrum.MEASURED).atEnd()
    return pointsBy(
            name = "rank-by-layer-compared",
            title = "Dimension of each matrix's path through weight space",
            table = measured,
            x = Axis.layers(measured.rows().maxOf { it.number("layer").toInt() } + 1),
            y = Axis("value", quantity.statistic.label()),
            colour = by.column,
            facet = Facet("matrix", 2),
            spread = spread,
            nulls = listOf(Null(beside.label, runs.spectrumRows(quantity, beside.label).atEnd(), "value")),
            caption = caption,
            size = Size.PANELS,
        )
        .with(sources = runs.ids)
}

/**
 * First evaluation, in optimiser steps, from which a run's accuracy is at least [level] on every m; undefined (NaN) for
 * a seed that never reaches it.
 */
fun Runs.stepsTo(accuracy: AccuracyHandle, level: Double = .95): Measured =
    plain(
        perSeed("steps to an accuracy of ${Numbers.brief(level)} on every m", table(accuracy)) { rows ->
            rows
                .rows()
                .groupBy { it.number("step") }
                .filterValues { ms -> ms.all { it.number("accuracy") >= level } }
                .keys
                .minOrNull() ?: Double.NaN
        }
    )

/** A number without a value under the nulls of the path. */
internal fun plain(values: SeedValues) =
    Measured(values) { walk ->
        throw UserError("'${values.label()}' has no value under the null '${walk.label}'; leave it out")
    }

/**
 * A sentence on the difference of two numbers, paired by seed: its mean with interval and the exact sign-flip test with
 * the number of seeds and the smallest p that so many allow.
 */
fun contrast(what: String, one: Measured, other: Measured): String {
    val difference = one.values.minus(other.values)
    val estimate = difference.estimate()
    if (difference.values().any { !it.isFinite() }) return "$what: undefined in at least one seed."
    val mean = Numbers.brief(estimate.value())
    val interval =
        if (estimate.isBounded) " (${Numbers.brief(estimate.low())} to ${Numbers.brief(estimate.high())})" else ""
    val test = SignFlip.of(difference.values())
    return "$what: $mean$interval; exact sign-flip p = ${Numbers.brief(test.twoSided())}, " +
        "n = ${test.n()} seeds, p is at least ${Numbers.brief(test.floor())}."
}

/** One value per seed. */
internal fun perSeed(label: String, values: Map<Long, Double>) = SeedValues.of(label, TreeMap(values))
