package holonomy.dsl

import holonomy.data.Table
import holonomy.figure.Axis
import holonomy.figure.Facet
import holonomy.figure.Figure
import holonomy.figure.Null
import holonomy.figure.Size
import holonomy.figure.Spread
import holonomy.figure.lines
import holonomy.figure.pointsBy
import holonomy.figure.with
import holonomy.measure.Accuracy
import holonomy.measure.Measure
import holonomy.measure.TrajectorySpectrum
import holonomy.statistic.Bounded
import holonomy.statistic.Cells
import holonomy.statistic.RowNumber
import holonomy.statistic.Rows
import holonomy.statistic.RowsNumber
import holonomy.task.MarkedTask
import holonomy.task.StagedTask
import holonomy.task.Task
import java.util.Locale

/** What tells runs apart in a comparison: the column of long tables. */
enum class Side(internal val column: String) {
    /** By arm, with its number of weights. */
    ARM("arm"),
    /** By task: its schedule of m where one has one, else its operation. */
    TASK("task"),
}

/** By arm. */
val byArm = Side.ARM

/** By task. */
val byTask = Side.TASK

/** Held-out accuracy over steps, one colour per m, one panel per arm or task, beside the majority class. */
fun accuracyCompared(runs: Runs, accuracy: AccuracyHandle, by: Side, caption: String = ""): Figure {
    val rows = runs.named(runs.table(accuracy), by).with(TICK) { tick(it.text(NAME)) }
    return lines(
            name = "accuracy-compared",
            title = "Held-out accuracy for every number of markers m",
            table = rows,
            x = Axis.STEP,
            y = Axis.accuracy(),
            colour = "m",
            facet = Facet(TICK, 2),
            nulls = listOf(Null(MAJORITY, highest(rows, Measure.STEP).with(TICK) { tick(it.text(NAME)) }, "majority")),
            legend = "m",
            caption = caption,
            size = Size.PANELS,
        )
        .with(sources = runs.ids)
}

/**
 * Accuracy at the end, one colour per m, beside the exact majority class of each m's task (highest over m): the level
 * that needs no values at all.
 */
fun finalAccuracyCompared(runs: Runs, accuracy: AccuracyHandle, by: Side, caption: String = ""): Figure {
    val rows = runs.named(runs.table(accuracy), by)
    val last = Rows.atLargest(rows, Measure.STEP).with(TICK) { tick(it.text(NAME)) }
    return pointsBy(
            name = "final-accuracy-compared",
            title = "Held-out accuracy at the end, beside the majority class",
            table = last,
            x = Axis(TICK, by.column),
            y = Axis.accuracy(from = 0.0),
            colour = "m",
            nulls = listOf(Null(MAJORITY, highest(last, Table.text(TICK)), "majority", "majority", "majority")),
            legend = "m",
            caption = caption,
        )
        .with(sources = runs.ids)
}

private const val MAJORITY = "majority class, exact"

/** Per name and x the majority share of the m where it is highest: exact, the same in every seed. */
private fun highest(rows: Table, x: Table.Column): Table =
    Cells.of(rows, listOf(Cells.Key.of(Table.text(NAME)), Cells.Key.of(x)).distinct())
        .numbers(mapOf(Accuracy.MAJORITY to RowsNumber.of(RowNumber.of(Accuracy.MAJORITY), Reduction.MOST)))

/** A rank by layer at the end of training, one colour per arm or task, one panel per matrix, beside a null. */
fun rankByLayerCompared(
    runs: Runs,
    quantity: Quantity,
    by: Side,
    beside: PathNull = uncorrelatedWalk,
    spread: Spread = interval95,
    caption: String = "",
): Figure {
    fun rows(series: String) = runs.named(quantity.numbers.atEnd(runs, series), by)
    val measured = rows(TrajectorySpectrum.MEASURED)
    return pointsBy(
            name = "rank-by-layer-compared",
            title = "Dimension of each attention matrix's path through weight space",
            table = measured,
            x = Axis.layers(Rows.largest(measured, Measure.LAYER).toInt() + 1),
            y = Axis("value", quantity.statistic.label(), possible = quantity.possible()),
            colour = NAME,
            facet = Facet("matrix", 2),
            spread = spread,
            nulls = listOf(Null(beside.label, rows(beside.label), "value")),
            legend = by.column,
            caption = listOf(caption, "Grey: envelope of the null over all ${by.column}s.").joinToString(" ").trim(),
            size = Size.PANELS,
        )
        .with(sources = runs.ids)
}

/**
 * Steps until an accuracy of .95 on every m. Of a seed that never reaches it only a bound is known, its last step: it
 * is drawn as one, and no mean with it.
 */
fun stepsToCompared(runs: Runs, accuracy: AccuracyHandle, by: Side, caption: String = ""): Figure {
    val table = Table.builder(listOf(TICK, "seed", "bound").map(Table::text) + Table.quantity("steps"))
    for ((level, name) in runs.names(by)) {
        val own = runs.only("${by.column} '$level'") { by.of(it) == level }
        val end = Bounded(own.points.first().arm.training.steps().toDouble(), Bounded.Bound.AT_LEAST)
        val steps = own.stepsTo(accuracy).values.bySeed()
        for ((seed, step) in steps) {
            val known = Bounded.orElse(step, end)
            table.row(tick(name), "$seed", known.bound(), known.value())
        }
    }
    return pointsBy(
            name = "steps-to-compared",
            title = "Training time until the accuracy on every m is at least .95",
            table = table.build(),
            x = Axis(TICK, by.column),
            y = Axis("steps", "first at .95", "optimiser steps", from = 0.0),
            caption = caption,
            bound = "bound",
        )
        .with(sources = runs.ids)
}

private const val NAME = "name"
private const val TICK = "tick"

/** A name as a tick's label, which has room for some twenty characters and no second line. */
private fun tick(name: String) =
    name
        .substringBefore(" (")
        .replace("attention-only, ", "no MLP, ")
        .replace(" modulo ", " mod ")
        .replace("product of units", "units")

private fun Side.of(point: Point) = if (this == Side.ARM) point.arm.name else point.task.label()

/** The rows with a column that names their side shortly. */
private fun Runs.named(rows: Table, by: Side): Table {
    val names = names(by)
    return rows.with(NAME) { names.getValue(it.text(by.column)) }
}

/** Short names of arms (with their number of weights) or tasks, by the level of the side's column. */
private fun Runs.names(by: Side): Map<String, String> =
    points.associate { by.of(it) to if (by == Side.ARM) it.armName() else taskName(it) }

private fun Point.armName() = "${arm.name} (${"%,d".format(Locale.ROOT, arm.weights(task))} weights)"

private fun Runs.taskName(point: Point): String {
    val task = point.task
    if (tasks.any { it is StagedTask }) return scheduleName(task)
    return (task as? MarkedTask)?.operation()?.toString() ?: task.label()
}

/** The schedule of a task in a few words; `mixed` without stages. */
internal fun scheduleName(task: Task): String =
    (task as? StagedTask)?.let { if (it.rehearsal() > 0) it.schedule().removePrefix("curriculum, ") else it.schedule() }
        ?: "mixed"
