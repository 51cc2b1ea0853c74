package holonomy.dsl

import holonomy.data.Table
import holonomy.data.Table.quantity
import holonomy.data.Table.text
import holonomy.data.Table.whole
import holonomy.experiment.Numbers
import holonomy.figure.Axis
import holonomy.figure.Facet
import holonomy.figure.Figure
import holonomy.figure.Null
import holonomy.figure.Size
import holonomy.figure.heatMap
import holonomy.figure.lines
import holonomy.figure.pointsBy
import holonomy.figure.pointsByLayer
import holonomy.measure.FinalAlignment
import holonomy.measure.TrajectorySpectrum

private const val OVER_CHANCE = "overlap over chance k/D"

private fun Overlaps.chanceWords(pairs: Int): String {
    fun number(x: Double) = Numbers.brief(x / chance.mean())
    return "Chance: k/D = $k/$dimension, here 1; 95 % of random pairs within ${number(chance.quantileOfMean(.025, pairs))} to ${number(chance.quantileOfMean(.975, pairs))}" +
        if (pairs > 1) " (mean of $pairs)." else "."
}

/** Overlap of the top k subspaces between the matrices of one run, over chance: which matrices move alike. */
fun overlapWithinRuns(overlaps: Overlaps): Figure {
    val rows = overlaps.withinRuns
    val cells = rows.rows().map { it.text("one") }.distinct().size
    return heatMap(
            name = "overlap-within-runs",
            title = "Overlap of the top ${overlaps.k} subspaces of a run's matrices",
            table = rows.overChance(overlaps),
            x = Axis("other", "layer and matrix"),
            y = Axis("one", "layer and matrix"),
            value = Axis("value", OVER_CHANCE, log = true),
            format = if (cells > 12) "%.0f" else "%.1f",
            caption = "${overlaps.chanceWords(1)} A subspace with itself (overlap 1) is left out.",
            size = Size(720 + 30 * maxOf(0, cells - 12), 640 + 20 * maxOf(0, cells - 12)),
        )
        .with(sources = overlaps.runs.ids)
}

/** Overlap between runs on the first task, mean over matrices, over chance; runs named initial values/data. */
fun overlapBetweenRuns(overlaps: Overlaps): Figure {
    val rows = overlaps.betweenRuns
    val spec = overlaps.runs.points.first().request.spec()
    return heatMap(
            name = "overlap-between-runs",
            title = "Overlap of the top ${overlaps.k} subspaces of two runs, mean over matrices",
            table = rows.overChance(overlaps),
            x = Axis("other", "seed of the initial values / seed of the data"),
            y = Axis("one", "seeds"),
            value = Axis("value", OVER_CHANCE, log = true),
            format = "%.1f",
            caption = overlaps.chanceWords(4 * spec.model().layers()),
        )
        .with(sources = overlaps.runs.ids)
}

/** Overlap by layer and matrix (or head product, mean over heads) under each comparison, over chance. */
fun overlapByMatrix(overlaps: Overlaps): Figure {
    val table = Table.builder(listOf(text("seed"), text("block"), text("comparison"), quantity("value")))
    overlaps.byPartner.rows().forEach { row ->
        val block = "${row.text("layer")} ${row.text("matrix")}"
        table.row(row.text("seed"), block, row.text("comparison"), row.value("value"))
    }
    val layers = overlaps.runs.points.first().request.spec().model().layers()
    return heatMap(
            name = "overlap-by-matrix",
            title = "Overlap of the top ${overlaps.k} subspaces of two runs, by layer and matrix",
            table = table.build().overChance(overlaps),
            x = Axis("comparison", "what differs between the runs"),
            y = Axis("block", "layer and matrix or head product"),
            value = Axis("value", OVER_CHANCE, log = true),
            format = "%.1f",
            caption = "${overlaps.chanceWords(1)}\n$MEANING",
            size = Size(720, 240 + 6 * 26 * layers),
        )
        .with(sources = overlaps.runs.ids)
}

/**
 * Overlap under each comparison, mean over layers, by matrix and head product, beside the interval of random subspaces.
 */
fun overlapByComparison(overlaps: Overlaps): Figure {
    val table = Table.builder(listOf(text("seed"), text("comparison"), text("matrix"), quantity("value")))
    overlaps.byPartner
        .rows()
        .groupBy { listOf(it.text("seed"), it.text("comparison"), it.text("matrix")) }
        .forEach { (key, rows) -> table.row(*key.toTypedArray(), rows.map { it.number("value") }.average()) }
    val rows = table.build().overChance(overlaps)
    return pointsBy(
            name = "overlap-by-comparison",
            title = "Overlap of the top ${overlaps.k} subspaces of two runs, mean over layers",
            table = rows,
            x = Axis("comparison", "what differs between the runs"),
            y = Axis("value", OVER_CHANCE, log = true),
            colour = "matrix",
            nulls = listOf(overlaps.randomSubspaces(rows)),
            legend = "",
            caption = MEANING,
            size = Size(760, 460),
        )
        .with(sources = overlaps.runs.ids)
}

private const val MEANING =
    "'Other data' and 'other task': same initial values; 'other start': same data.\nHeads are compared by their number."

/** Chance and its 95 % interval for the mean over layers, in units of chance. */
private fun Overlaps.randomSubspaces(rows: Table): Null {
    val layers = runs.points.first().request.spec().model().layers()
    val table = Table.builder(listOf(text("comparison"), quantity("value"), quantity("lower"), quantity("upper")))
    rows
        .rows()
        .map { it.text("comparison") }
        .distinct()
        .forEach { comparison ->
            val ends = listOf(.025, .975).map { chance.quantileOfMean(it, layers) / chance.mean() }
            table.row(comparison, 1.0, ends[0], ends[1])
        }
    return Null("random subspaces", table.build(), "value", "lower", "upper")
}

private fun Table.overChance(overlaps: Overlaps): Table {
    val builder = Table.builder(columns())
    for (row in rows()) {
        val cells = columns().dropLast(1).map { row.value(it.name()) }
        builder.row(*(cells + row.number("value") / overlaps.chance.mean()).toTypedArray())
    }
    return builder.build()
}

/** Cosine to the final displacement over steps by matrix, whole and without the component along the initial weights. */
fun cosineOverSteps(runs: Runs, handle: FinalAlignmentHandle): Figure {
    val panels =
        listOf(
            FinalAlignment.WHOLE to "whole displacement",
            FinalAlignment.REMOVED to "initial weights' direction removed",
        )
    fun rows(series: String) =
        Table.concat(panels.map { (cosine, panel) -> overLayers(runs.cosineRows(handle, cosine, series), panel) })
    return lines(
            name = "cosine-to-final",
            title = "Cosine of the displacement so far to the final one",
            table = rows(FinalAlignment.MEASURED),
            x = Axis.STEP,
            y = Axis("value", "cosine, mean over layers"),
            colour = "matrix",
            facet = Facet("displacement", 2),
            nulls = listOf(uncorrelatedWalk, driftPlusNoise).map { Null(it.label, rows(it.label), "value") },
            caption = "Weight decay pulls along the initial weights: what stays without them is not their decay.",
            size = Size(720, 460),
        )
        .with(sources = runs.ids)
}

/** Mean over layers: columns seed, displacement, matrix, step, value. */
private fun overLayers(rows: Table, panel: String): Table {
    val table =
        Table.builder(listOf(text("seed"), text("displacement"), text("matrix"), whole("step"), quantity("value")))
    rows
        .rows()
        .groupBy { listOf(it.text("seed"), it.text("block").substringAfterLast('.'), it.value("step")) }
        .forEach { (key, all) -> table.row(key[0], panel, key[1], key[2], all.map { it.number("value") }.average()) }
    return table.build()
}

/** r90 of the heads' products by layer (mean over heads), beside a null. */
fun headRankByLayer(runs: Runs, handle: HeadSpectrumHandle, beside: PathNull = uncorrelatedWalk): Figure {
    fun rows(series: String): Table {
        val table = Table.builder(listOf(text("seed"), text("matrix"), whole("layer"), quantity("value")))
        runs
            .headRows(handle, series)
            .rows()
            .groupBy { listOf(it.text("seed"), it.text("matrix"), it.value("layer")) }
            .forEach { (key, heads) -> table.row(*key.toTypedArray(), heads.map { it.number("value") }.average()) }
        return table.build()
    }
    return pointsByLayer(
            name = "head-rank-by-layer",
            title = "Dimension of the path of each head's products, mean over heads",
            table = rows(TrajectorySpectrum.MEASURED),
            y = Axis("value", "r90 interpolated"),
            nulls = listOf(beside, driftPlusNoise).distinct().map { Null(it.label, rows(it.label), "value") },
            size = Size(720, 400),
        )
        .with(sources = runs.ids)
}
