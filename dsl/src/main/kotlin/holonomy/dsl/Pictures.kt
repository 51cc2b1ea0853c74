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
import holonomy.figure.pointsByLayer
import holonomy.geometry.Statistic
import holonomy.measure.Accuracy
import holonomy.measure.Measure
import holonomy.measure.TrajectorySpectrum
import holonomy.statistic.RunSet

/** One standard deviation over seeds. */
val standardDeviation = Spread.STANDARD_DEVIATION

/** 95 % interval of the mean over seeds, as claims have it: Student's, of outcomes Wilson's. */
val interval95 = Spread.INTERVAL

/** Loss and accuracy over steps, one colour per evaluation set: per m, where sets have one. */
fun accuracyOverSteps(
    runs: Runs,
    accuracy: AccuracyHandle,
    title: String = "Held-out accuracy and loss for every number of markers m",
    spread: Spread = interval95,
    caption: String = "",
): Figure {
    val rows = runs.table(accuracy)
    val set = if (rows.has(Measure.SET.name())) Measure.SET else Measure.M
    val table =
        long(rows, set, listOf("arm", "task"), Accuracy.ACCURACY to "accuracy", Accuracy.LOSS to "cross-entropy (nats)")
    return lines(
            name = "accuracy",
            title = title,
            table = table,
            x = Axis.STEP,
            y =
                Axis.ofPanels(
                    "value",
                    possible = mapOf("accuracy" to 0.0..1.0, "cross-entropy (nats)" to 0.0..Double.POSITIVE_INFINITY),
                ),
            colour = set.name(),
            facet = Facet("quantity", 2, freeY = true),
            spread = spread,
            legend = set.name(),
            caption = caption,
            size = Size.ROW,
        )
        .with(sources = runs.ids)
}

/** Rows of several quantity columns as rows of one: columns seed, m or set, step, quantity, value. */
private fun long(
    rows: Table,
    set: Table.Column,
    dropped: List<String>,
    vararg quantities: Pair<Table.Column, String>,
): Table {
    check(dropped.all(rows::has))
    val table =
        Table.builder(
            listOf(
                Table.text("seed"),
                Table.text(set.name()),
                Table.whole("step"),
                Table.text("quantity"),
                Table.quantity("value"),
            )
        )
    for ((column, label) in quantities) {
        for (row in rows.rows()) {
            table.row(row.text(RunSet.SEED), row.text(set), row.value(Measure.STEP), label, row.value(column))
        }
    }
    return table.build()
}

/** Figure 1 of arXiv 2602.10496: a rank by layer and matrix at the end of training, beside a null. */
fun rankByLayer(
    runs: Runs,
    quantity: Quantity,
    beside: PathNull = uncorrelatedWalk,
    spread: Spread = interval95,
    published: Table? = null,
    caption: String = "",
): Figure =
    pointsByLayer(
            name = "rank-by-layer",
            title = "Dimension of each attention matrix's path through weight space",
            table = quantity.numbers.atEnd(runs, TrajectorySpectrum.MEASURED),
            y = quantity.axis(),
            nulls = listOf(Null(beside.label, quantity.numbers.atEnd(runs, beside.label), "value")),
            spread = spread,
            published = published,
            caption = caption,
        )
        .with(sources = runs.ids)

/** Statistics of the path so far over steps, one colour per matrix (mean over layers), beside a null. */
fun spectrumOverSteps(
    runs: Runs,
    quantities: List<Quantity>,
    beside: PathNull = uncorrelatedWalk,
    spread: Spread = interval95,
    caption: String = "",
): Figure {
    fun rows(series: String) =
        Table.concat(quantities.map { it.numbers.overLayers(it.numbers.rows(runs, series, setOf())) })
    return lines(
            name = "spectrum-over-steps",
            title = "Dimension of the path so far, by matrix",
            table = rows(TrajectorySpectrum.MEASURED),
            x = Axis.STEP,
            y = Axis.ofPanels("value", possible = quantities.associate { it.statistic.label() to it.possible() }),
            colour = "matrix",
            facet = Facet("statistic", quantities.size, freeY = true),
            spread = spread,
            nulls = listOf(Null(beside.label, rows(beside.label), "value")),
            caption = caption,
            size = Size.ROW,
        )
        .with(sources = runs.ids)
}

/**
 * A statistic at the end of training against the largest number of markers, by matrix (mean over layers), beside a
 * null.
 */
fun rankAgainstMarkers(
    runs: Runs,
    quantity: Quantity,
    beside: PathNull = uncorrelatedWalk,
    spread: Spread = interval95,
    caption: String = "Of whole trainings: tasks with more markers are learned later, so phases differ.",
): Figure {
    fun rows(series: String) = quantity.numbers.overLayers(quantity.numbers.atEnd(runs, series))
    return pointsBy(
            name = "rank-against-markers",
            title = "Dimension of the path against the largest number of markers",
            table = rows(TrajectorySpectrum.MEASURED),
            x =
                Axis(
                    "m_max",
                    "largest number of markers, m_max",
                    breaks = runs.points.map { it.mostMarkers.toDouble() }.distinct().sorted(),
                ),
            y = quantity.axis(),
            colour = "matrix",
            spread = spread,
            nulls = listOf(Null(beside.label, rows(beside.label), "value")),
            caption = caption,
        )
        .with(sources = runs.ids)
}

private fun Quantity.axis() = Axis("value", statistic.label(), possible = possible())

/** A share is at most 1, the other statistics count directions. */
internal fun Quantity.possible() = if (statistic == Statistic.PC1_SHARE) 0.0..1.0 else 0.0..Double.POSITIVE_INFINITY
