package holonomy.dsl

import holonomy.data.Table
import holonomy.data.Table.quantity
import holonomy.data.Table.text
import holonomy.data.Table.whole
import holonomy.figure.Axis
import holonomy.figure.Facet
import holonomy.figure.Figure
import holonomy.figure.Null
import holonomy.figure.Reference
import holonomy.figure.Size
import holonomy.figure.pointsBy
import holonomy.measure.DecayControls

/** PC1 share of the path, of what is left without the start or the decay, and of decay alone, beside walks. */
fun pc1ByPath(runs: Runs, handle: DecayHandle, caption: String = ""): Figure {
    fun rows(series: String) = meanOverBlocks(runs, runs.decayRows(handle, null, DecayControls.PC1, series), "path")
    return pointsBy(
            name = "pc1-by-path",
            title = "Variance along the first component, with and without passive decay",
            table = rows(DecayControls.PATH),
            x = Axis("path", "path"),
            y = Axis("value", "PC1 share, mean over blocks"),
            colour = "runs",
            facet = Facet("runs", 2),
            nulls = listOf(Null(uncorrelatedWalk.label, rows(uncorrelatedWalk.label), "value")),
            caption = caption,
            size = Size.PANELS,
        )
        .with(sources = runs.ids)
}

/** Figure C: shares of the first components, by matrix (mean over layers), beside an uncorrelated walk's. */
fun componentShares(runs: Runs, handle: DecayHandle, caption: String = ""): Figure {
    fun rows(series: String): Table {
        val table = Table.builder(listOf(text("seed"), text("matrix"), whole("component"), quantity("value")))
        for (k in 1..DecayControls.COMPONENTS) {
            runs
                .decayRows(handle, DecayControls.MEASURED, DecayControls.component(k), series)
                .rows()
                .groupBy { it.text("seed") to it.text("block").substringAfterLast('.') }
                .forEach { (key, blocks) ->
                    table.row(key.first, key.second, k.toLong(), blocks.map { it.number("value") }.average())
                }
        }
        return table.build()
    }
    return pointsBy(
            name = "component-shares",
            title = "Share of the variance along the first components of the path",
            table = rows(DecayControls.PATH),
            x = Axis("component", "principal component", breaks = List(DecayControls.COMPONENTS) { it + 1.0 }),
            y = Axis("value", "share of the variance", log = true),
            colour = "matrix",
            nulls = listOf(Null(uncorrelatedWalk.label, rows(uncorrelatedWalk.label), "value")),
            caption = caption,
        )
        .with(sources = runs.ids)
}

/** PC1 share less that of a walk of the same step lengths, by matrix (mean over layers), in points of share. */
fun pc1ExcessByMatrix(runs: Runs, spectrum: SpectrumHandle, beside: PathNull, caption: String = ""): Figure {
    fun byKey(series: String) =
        runs.spectrumRows(spectrum.pc1Share, series).atEnd().rows().groupBy {
            Triple(it.text("seed"), runs.groupOf(it), it.text("matrix"))
        }
    val walk = byKey(beside.label)
    val table = Table.builder(listOf(text("seed"), text("runs"), text("matrix"), quantity("value")))
    for ((key, rows) in byKey("measured")) {
        val difference =
            rows.map { it.number("value") }.average() - walk.getValue(key).map { it.number("value") }.average()
        table.row(key.first, key.second, key.third, difference)
    }
    return pointsBy(
            name = "pc1-excess",
            title = "PC1 share less that of a walk: ${beside.label}",
            table = table.build(),
            x = Axis("matrix", "matrix"),
            y = Axis("value", "difference in PC1 share"),
            colour = "runs",
            references = listOf(Reference(0.0, "as the walk")),
            caption = caption,
        )
        .with(sources = runs.ids)
}

/** Share of the displacement that lies along the initial weights, and what decay alone predicts for it. */
fun startShareByRuns(runs: Runs, handle: DecayHandle, caption: String = ""): Figure {
    val table = Table.builder(listOf(text("seed"), text("runs"), text("share"), quantity("value")))
    for ((statistic, name) in
        listOf(DecayControls.START_SHARE to "measured", DecayControls.DECAY_SHARE to "decay alone predicts")) {
        val rows = runs.decayRows(handle, DecayControls.MEASURED, statistic, DecayControls.PATH)
        meanOverBlocks(runs, rows, "path").rows().forEach {
            table.row(it.text("seed"), it.text("runs"), name, it.number("value"))
        }
    }
    return pointsBy(
            name = "start-share",
            title = "Share of the displacement along the initial weights",
            table = table.build(),
            x = Axis("share", "share along the initial weights"),
            y = Axis("value", "share of |w_T - w_0|^2"),
            colour = "runs",
            caption = caption,
            size = Size.PANELS,
        )
        .with(sources = runs.ids)
}

private fun meanOverBlocks(runs: Runs, rows: Table, by: String): Table {
    val table = Table.builder(listOf(text("seed"), text("runs"), text(by), quantity("value")))
    for ((key, blocks) in rows.rows().groupBy { Triple(it.text("seed"), runs.groupOf(it), it.text(by)) }) {
        table.row(key.first, key.second, key.third, blocks.map { it.number("value") }.average())
    }
    return table.build()
}
