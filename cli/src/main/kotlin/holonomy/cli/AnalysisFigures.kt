package holonomy.cli

import holonomy.analysis.MatrixName
import holonomy.analysis.SnapshotAnalysis
import holonomy.data.Table
import holonomy.data.Table.quantity
import holonomy.data.Table.text
import holonomy.data.Table.whole
import holonomy.figure.Axis
import holonomy.figure.Facet
import holonomy.figure.Figure
import holonomy.figure.Null
import holonomy.figure.Size
import holonomy.figure.heatMap
import holonomy.figure.lines
import holonomy.figure.pointsBy
import holonomy.geometry.Centring
import holonomy.geometry.Statistic
import holonomy.measure.FinalAlignment
import holonomy.measure.TrajectorySpectrum

/**
 * The figures of an analysis. Matrices of one kind (their names without the layer) share a colour and are averaged over
 * layers; with more than [MOST_KINDS] kinds all are averaged.
 */
internal class AnalysisFigures(private val analysis: SnapshotAnalysis, private val notes: AnalysisNotes) {
    private val blocks = analysis.spectra().rows().map { it.text("block") }.distinct()
    private val names = blocks.associateWith(MatrixName::of)
    private val kinds = names.values.map { it.kind() }.distinct()
    private val inLayers = names.values.all { it.layer() >= 0 } && kinds.size <= MOST_KINDS
    private val nulls = listOf("uncorrelated walk", "drift plus noise")

    fun all(): List<Figure> =
        (listOf(if (inLayers) rankByLayer() else rankByMatrix(), spectrumOverSteps(), cosineOverSteps()) + overlap())
            .map { it.with(caption = notes.caption(it.caption), warning = notes.brief()) }

    private val means =
        when {
            kinds.size > MOST_KINDS -> "Means over all matrices."
            kinds.size < blocks.size -> "Means over layers."
            else -> ""
        }

    private fun kind(block: String) = if (kinds.size <= MOST_KINDS) names.getValue(block).kind() else "all matrices"

    private fun spectra(statistic: Statistic, series: String) =
        analysis.spectra().where {
            it.text("statistic") == statistic.label() &&
                it.text("series") == series &&
                it.text("centring") == Centring.CENTRED.label()
        }

    private fun atEnd(series: String): Table {
        val rows = spectra(Statistic.R90_INTERPOLATED, series)
        val last = rows.rows().maxOf { it.number("snapshots") }
        return rows.where { it.number("snapshots") == last }
    }

    private fun rankByLayer(): Figure {
        fun rows(series: String): Table {
            val table = Table.builder(listOf(text("matrix"), whole("layer"), quantity("value")))
            atEnd(series).rows().forEach { row ->
                val name = names.getValue(row.text("block"))
                table.row(name.kind(), name.layer(), row.value("value"))
            }
            return table.build()
        }
        val panels = kinds.size
        val across = if (panels <= 4) panels else (panels + 1) / 2
        val width = if (panels > 4) 900 else 720
        val layers = names.values.map { it.layer() }.distinct().sorted()
        val every = (layers.size + MOST_TICKS - 1) / MOST_TICKS
        return pointsBy(
            name = "rank-by-layer",
            title = "Dimension of each matrix's path through weight space",
            table = rows(TrajectorySpectrum.MEASURED),
            x = Axis("layer", "layer", null, breaks = layers.filter { it % every == 0L }.map { it.toDouble() }),
            y = Axis("value", Statistic.R90_INTERPOLATED.label()),
            colour = "matrix",
            facet = Facet("matrix", across),
            nulls = nulls.map { Null(it, rows(it), "value") },
            size = Size(width, if (panels > 4) 640 else 400),
        )
    }

    private fun rankByMatrix(): Figure {
        val series = listOf(TrajectorySpectrum.MEASURED) + nulls + "shuffled increments"
        val shown = blocks.take(MOST_ROWS)
        val table = Table.builder(listOf(text("block"), text("series"), quantity("value")))
        series.forEach { one ->
            atEnd(one)
                .rows()
                .filter { it.text("block") in shown }
                .forEach { table.row(it.text("block"), one, it.value("value")) }
        }
        val rest = if (blocks.size > shown.size) "${blocks.size - shown.size} more matrices are in spectra.csv." else ""
        return heatMap(
            name = "rank-by-matrix",
            title = "Dimension of each matrix's path, measured and under its nulls",
            table = table.build(),
            x = Axis("series", "series", null),
            y = Axis("block", "matrix", null),
            value = Axis("value", Statistic.R90_INTERPOLATED.label()),
            caption = rest,
            size = Size(900, 240 + 28 * shown.size),
        )
    }

    private fun spectrumOverSteps(): Figure {
        val statistics = listOf(Statistic.R90_INTERPOLATED, Statistic.PC1_SHARE)
        fun rows(series: String) =
            Table.concat(statistics.map { overLayers(spectra(it, series), "statistic", it.label()) })
        return lines(
            name = "spectrum-over-steps",
            title = "Dimension of the path so far",
            table = rows(TrajectorySpectrum.MEASURED),
            x = Axis("step", "training time", "steps"),
            y = Axis.ofPanels("value"),
            colour = "matrix",
            facet = Facet("statistic", 2, freeY = true),
            nulls = nulls.take(1).map { Null(it, rows(it), "value") },
            caption = means,
            size = Size(720, 420 + legendRows()),
        )
    }

    private fun cosineOverSteps(): Figure {
        val panels =
            listOf(FinalAlignment.WHOLE to "whole displacement", FinalAlignment.REMOVED to "initial weights removed")
        fun rows(series: String) =
            Table.concat(
                panels.map { (cosine, panel) ->
                    val own = analysis.alignment().where { it.text("cosine") == cosine && it.text("series") == series }
                    overLayers(own, "displacement", panel)
                }
            )
        return lines(
            name = "cosine-to-final",
            title = "Cosine of the displacement so far to the final one",
            table = rows(FinalAlignment.MEASURED),
            x = Axis("step", "training time", "steps"),
            y = Axis("value", "cosine"),
            colour = "matrix",
            facet = Facet("displacement", 2),
            nulls = nulls.map { Null(it, rows(it), "value") },
            caption = "$means Weight decay pulls along the initial weights.".trim(),
            size = Size(720, 440 + legendRows()),
        )
    }

    /** Pixels that the legend needs: long names stand one below the other. */
    private fun legendRows(): Int {
        val shown = blocks.map(::kind).distinct()
        return if (shown.any { it.length > LONG_NAME }) 28 * shown.size else 12 * maxOf(0, shown.size - 2)
    }

    /**
     * Mean over the matrices of a kind that have a value, those that move: columns step, matrix, the panel's, value.
     */
    private fun overLayers(rows: Table, column: String, panel: String): Table {
        val table = Table.builder(listOf(whole("step"), text("matrix"), text(column), quantity("value")))
        rows
            .rows()
            .filter { it.value("value") != null }
            .groupBy { it.value("step") to kind(it.text("block")) }
            .forEach { (key, all) -> table.row(key.first, key.second, panel, all.map { it.number("value") }.average()) }
        return table.build()
    }

    /** The overlaps within the shape that has most matrices; nothing where no two have one shape. */
    private fun overlap(): List<Figure> {
        val pairs =
            analysis.overlap().rows().filter { it.text("first") != it.text("second") && it.value("overlap") != null }
        val shape = pairs.groupBy { it.text("shape") }.maxByOrNull { it.value.size } ?: return listOf()
        val members =
            blocks.filter { block -> shape.value.any { it.text("first") == block || it.text("second") == block } }
        val shown = members.take(MOST_CELLS)
        val table = Table.builder(listOf(text("one"), text("other"), quantity("value")))
        val cells =
            shape.value.flatMap { row ->
                val value = row.number("overlap") / row.number("chance")
                listOf(
                    Triple(row.text("first"), row.text("second"), value),
                    Triple(row.text("second"), row.text("first"), value),
                )
            }
        val order = shown.withIndex().associate { it.value to it.index }
        cells
            .filter { it.first in order && it.second in order }
            .sortedBy { order.getValue(it.first) * MOST_CELLS + order.getValue(it.second) }
            .forEach { (one, other, value) -> table.row(short(one), short(other), value) }
        // Wide enough for chance to look pale, whatever noise there is around it.
        val values = cells.map { it.third }.filter { it > 0 }
        val ends = minOf(values.minOrNull() ?: 1.0, 1 / WIDE) to maxOf(values.maxOrNull() ?: 1.0, WIDE)
        val low = shape.value.first()
        val chance = low.number("chance")
        val rest =
            if (members.size > shown.size) " ${members.size - shown.size} more matrices are in overlap.csv." else ""
        val random = listOf("low", "high").map { holonomy.data.Numbers.brief(low.number(it) / chance) }
        return listOf(
            heatMap(
                name = "subspace-overlap",
                title = "Overlap of the top ${low.text("directions_1")} subspaces of matrices of ${shape.key}",
                table = table.build(),
                x = Axis("other", "matrix", null),
                y = Axis("one", "matrix", null),
                value = Axis("value", "overlap over chance k/D", log = true, from = ends.first, to = ends.second),
                format = if (shown.size > 12) "%.0f" else "%.1f",
                caption =
                    "Chance is 1; 95 % of random pairs within ${random[0]} to ${random[1]}. A subspace with itself is left out.$rest",
                size = Size(560 + 40 * shown.size, 420 + 26 * shown.size),
            )
        )
    }

    /** `0 W_Q` for layers.0.W_Q. */
    private fun short(block: String) =
        names.getValue(block).let { if (it.layer() < 0) it.kind() else "${it.layer()} ${it.kind()}" }

    private companion object {
        const val MOST_KINDS = 8
        const val MOST_ROWS = 40
        const val MOST_TICKS = 8
        const val MOST_CELLS = 24
        const val WIDE = 10.0
        const val LONG_NAME = 24
    }
}
