package holonomy.dsl

import holonomy.data.Table
import holonomy.data.UserError
import holonomy.figure.Axis
import holonomy.figure.Figure
import holonomy.figure.Null
import holonomy.figure.Spread
import holonomy.figure.pointsBy
import holonomy.measure.Accuracy
import holonomy.measure.Measure
import holonomy.measure.TrajectorySpectrum
import holonomy.statistic.Cells
import holonomy.statistic.Rows
import holonomy.statistic.RunSet

/**
 * Accuracy at the end of training, mean over m, against an axis of the sweep, beside always naming the most frequent
 * label.
 *
 * @param colour another axis of the sweep, one colour per value
 * @param log whether the axis is logarithmic
 */
fun accuracyAgainst(
    runs: Runs,
    accuracy: AccuracyHandle,
    axis: SweepAxis<*>,
    colour: SweepAxis<*>? = null,
    log: Boolean = false,
    spread: Spread = interval95,
    caption: String = "",
): Figure {
    val atEnd = Rows.atLast(runs.table(accuracy), Measure.STEP)
    return against(
        runs,
        axis,
        colour,
        log,
        "Accuracy at the end of training against ${axis.name}",
        Axis.accuracy("value", "accuracy, mean over m"),
        overPoints(runs, atEnd, Accuracy.ACCURACY),
        Null("always the most frequent label", overPoints(runs, atEnd, Accuracy.MAJORITY), "value"),
        spread,
        caption,
    )
}

/** A statistic of the whole path, mean over layers and matrices, against an axis of the sweep, beside a null. */
fun quantityAgainst(
    runs: Runs,
    quantity: Quantity,
    axis: SweepAxis<*>,
    colour: SweepAxis<*>? = null,
    log: Boolean = false,
    beside: PathNull = uncorrelatedWalk,
    spread: Spread = interval95,
    caption: String = "",
): Figure {
    fun rows(series: String) = overPoints(runs, quantity.numbers.atEnd(runs, series), Measure.VALUE)
    return against(
        runs,
        axis,
        colour,
        log,
        "Dimension of the path against ${axis.name}",
        Axis("value", "${quantity.statistic.label()}, mean over blocks", possible = quantity.possible()),
        rows(TrajectorySpectrum.MEASURED),
        Null(beside.label, rows(beside.label), "value"),
        spread,
        caption,
    )
}

private fun against(
    runs: Runs,
    axis: SweepAxis<*>,
    colour: SweepAxis<*>?,
    log: Boolean,
    title: String,
    y: Axis,
    rows: Table,
    beside: Null,
    spread: Spread,
    caption: String,
): Figure {
    listOfNotNull(axis, colour)
        .firstOrNull { it !in runs.axes }
        ?.let {
            throw UserError(
                "figure against '${it.name}': these runs sweep ${runs.axes.joinToString().ifEmpty { "nothing" }}"
            )
        }
    if (!axis.isNumber) {
        throw UserError("figure against '${axis.name}': expected an axis of numbers; colour by it instead")
    }
    val ticks = Rows.distinct(rows, axis.column)
    return pointsBy(
            name = "against ${axis.name}",
            title = title,
            table = rows,
            x = Axis(axis.column.name(), axis.name, log = log, breaks = ticks),
            y = y,
            colour = colour?.column?.name(),
            spread = spread,
            nulls = listOf(beside),
            legend = colour?.name,
            caption = caption,
        )
        .with(sources = runs.ids)
}

/** One row per run: its id, seed, the axes, and the mean of a column as `value`. */
private fun overPoints(runs: Runs, rows: Table, column: Table.Column): Table =
    Cells.of(rows, *(listOf(RunSet.RUN, RunSet.SEED) + runs.axes.map { it.column }).toTypedArray()).mean(column)
