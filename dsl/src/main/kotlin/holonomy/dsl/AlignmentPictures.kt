package holonomy.dsl

import holonomy.data.Numbers
import holonomy.data.Table
import holonomy.data.Table.quantity
import holonomy.data.Table.text
import holonomy.figure.Axis
import holonomy.figure.Facet
import holonomy.figure.Figure
import holonomy.figure.Null
import holonomy.figure.Size
import holonomy.figure.Spread
import holonomy.figure.heatMap
import holonomy.figure.lines
import holonomy.figure.pointsBy
import holonomy.figure.pointsByLayer
import holonomy.geometry.Statistic
import holonomy.measure.FinalAlignment
import holonomy.measure.Measure
import holonomy.measure.TrajectorySpectrum
import holonomy.statistic.Cells
import holonomy.statistic.PathOverlaps
import holonomy.statistic.RunSet

private const val OVER_CHANCE = "overlap over chance k/D"

private fun Overlaps.chanceWords(pairs: Int): String {
    val (low, high) = paths.interval(pairs).map(Numbers::brief)
    return "Chance: k/D = $k/${paths.dimension()}, here 1; 95 % of random pairs within $low to $high" +
        if (pairs > 1) " (mean of $pairs)." else "."
}

/** Overlap of the top k subspaces between the matrices of one run, over chance: which matrices move alike. */
fun overlapWithinRuns(overlaps: Overlaps): Figure {
    val rows = overlaps.withinRuns
    val cells = rows.rows().map { it.text(PathOverlaps.ONE) }.distinct().size
    return heatMap(
            name = "overlap-within-runs",
            title = "Overlap of the top ${overlaps.k} subspaces of a run's matrices",
            table = overlaps.paths.overChance(rows),
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
            table = overlaps.paths.overChance(rows),
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
        val block = "${row.text(Measure.LAYER)} ${row.text(Measure.MATRIX)}"
        table.row(row.text(RunSet.SEED), block, row.text(PathOverlaps.COMPARISON), row.value(Measure.VALUE))
    }
    val layers = overlaps.runs.points.first().request.spec().model().layers()
    return heatMap(
            name = "overlap-by-matrix",
            title = "Overlap of the top ${overlaps.k} subspaces of two runs, by layer and matrix",
            table = overlaps.paths.overChance(table.build()),
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
    val rows = overlaps.paths.overChance(PathOverlaps.overLayers(overlaps.byPartner))
    return pointsBy(
            name = "overlap-by-comparison",
            title = "Overlap of the top ${overlaps.k} subspaces of two runs, mean over layers",
            table = rows,
            x = Axis("comparison", "what differs between the runs"),
            y = Axis("value", OVER_CHANCE, log = true),
            colour = "matrix",
            nulls = listOf(overlaps.randomSubspaces(rows)),
            spread = Spread.RANGE, // pairs of seeds share seeds
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
    val (low, high) = paths.interval(layers)
    rows.rows().map { it.text(PathOverlaps.COMPARISON) }.distinct().forEach { table.row(it, 1.0, low, high) }
    return Null("random subspaces", table.build(), "value", "lower", "upper")
}

/** Cosine to the final displacement over steps by matrix, whole and without the component along the initial weights. */
fun cosineOverSteps(runs: Runs, handle: FinalAlignmentHandle): Figure {
    val panels =
        listOf(
            FinalAlignment.WHOLE to "whole displacement",
            FinalAlignment.REMOVED to "initial weights' direction removed",
        )
    fun rows(series: String) =
        Table.concat(
            panels.map { (cosine, panel) ->
                handle.numbers.byMatrix(runs, cosine, series).labelled(mapOf(text("displacement") to panel))
            }
        )
    return lines(
            name = "cosine-to-final",
            title = "Cosine of the displacement so far to the final one",
            table = rows(FinalAlignment.MEASURED),
            x = Axis.STEP,
            y = Axis("value", "cosine, mean over layers", possible = -1.0..1.0),
            colour = "matrix",
            facet = Facet("displacement", 2),
            nulls = listOf(uncorrelatedWalk, driftPlusNoise).map { Null(it.label, rows(it.label), "value") },
            caption = "Weight decay pulls along the initial weights: what stays without them is not their decay.",
            size = Size(720, 460),
        )
        .with(sources = runs.ids)
}

/** r90 of the heads' products by layer (mean over heads), beside a null. */
fun headRankByLayer(runs: Runs, handle: HeadSpectrumHandle, beside: PathNull = uncorrelatedWalk): Figure {
    fun rows(series: String): Table =
        Cells.of(
                runs.table(handle).where {
                    it.text(Measure.STATISTIC) == Statistic.R90_INTERPOLATED.label() &&
                        it.text(Measure.SERIES) == series
                },
                RunSet.SEED,
                Measure.MATRIX,
                Measure.LAYER,
            )
            .mean(Measure.VALUE)
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
