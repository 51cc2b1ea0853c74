package holonomy.study.grokking

import holonomy.data.Table
import holonomy.data.Table.text
import holonomy.data.Table.whole
import holonomy.dsl.DecayHandle
import holonomy.dsl.PathNull
import holonomy.dsl.Runs
import holonomy.dsl.SpectrumHandle
import holonomy.dsl.difference
import holonomy.dsl.mean
import holonomy.dsl.of
import holonomy.dsl.possible
import holonomy.dsl.table
import holonomy.dsl.uncorrelatedWalk
import holonomy.figure.Axis
import holonomy.figure.Facet
import holonomy.figure.Figure
import holonomy.figure.Null
import holonomy.figure.Reference
import holonomy.figure.Size
import holonomy.figure.pointsBy
import holonomy.figure.with
import holonomy.measure.DecayControls
import holonomy.measure.Measure
import holonomy.measure.TrajectorySpectrum
import holonomy.statistic.Cells
import holonomy.statistic.Cells.Key
import holonomy.statistic.RunSet
import holonomy.study.language.mean

/** PC1 share of the path, of what is left without the start or the decay, and of decay alone, beside walks. */
fun pc1ByPath(runs: Runs, handle: DecayHandle, caption: String = ""): Figure {
    fun rows(series: String) =
        meanOverBlocks(runs, handle.numbers.rows(runs, DecayControls.PC1, series), DecayControls.OF_PATH)
    return pointsBy(
            name = "pc1-by-path",
            title = "Variance along the first component, with and without passive decay",
            table = rows(DecayControls.PATH),
            x = Axis("path", "path"),
            y = Axis("value", "PC1 share, mean over blocks", possible = 0.0..1.0),
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
        val shares =
            (1..DecayControls.COMPONENTS).map { k ->
                handle.numbers
                    .rows(runs, DecayControls.MEASURED, DecayControls.component(k), series)
                    .labelled(mapOf(whole("component") to k))
            }
        return Cells.of(
                Table.concat(shares),
                listOf(Key.of(RunSet.SEED), Cells.MATRIX_OF_BLOCK, Key.of(whole("component"))),
            )
            .mean(Measure.VALUE)
    }
    return pointsBy(
            name = "component-shares",
            title = "Share of the variance along the first components of the path",
            table = rows(DecayControls.PATH),
            x = Axis("component", "principal component", breaks = List(DecayControls.COMPONENTS) { it + 1.0 }),
            y = Axis("value", "share of the variance", log = true, possible = 0.0..1.0),
            colour = "matrix",
            nulls = listOf(Null(uncorrelatedWalk.label, rows(uncorrelatedWalk.label), "value")),
            caption = caption,
        )
        .with(sources = runs.ids)
}

/** PC1 share less that of a walk of the same step lengths, by matrix (mean over layers), in points of share. */
fun pc1ExcessByMatrix(runs: Runs, spectrum: SpectrumHandle, beside: PathNull, caption: String = ""): Figure {
    fun means(series: String) =
        Cells.of(
                spectrum.pc1Share.numbers.atEnd(runs, series),
                listOf(Key.of(RunSet.SEED), runs.groupKey, Key.of(Measure.MATRIX)),
            )
            .mean(Measure.VALUE)
    return pointsBy(
            name = "pc1-excess",
            title = "PC1 share less that of a walk: ${beside.label}",
            table = Cells.difference(means(TrajectorySpectrum.MEASURED), means(beside.label)),
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
    val shares =
        listOf(DecayControls.START_SHARE to "measured", DecayControls.DECAY_SHARE to "decay alone predicts").map {
            (statistic, name) ->
            handle.numbers.rows(runs, DecayControls.MEASURED, statistic, DecayControls.PATH).with("share") { name }
        }
    return pointsBy(
            name = "start-share",
            title = "Share of the displacement along the initial weights",
            table = meanOverBlocks(runs, Table.concat(shares), text("share")),
            x = Axis("share", "share along the initial weights"),
            y = Axis("value", "share of |w_T - w_0|^2", possible = 0.0..1.0),
            colour = "runs",
            caption = caption,
            size = Size.PANELS,
        )
        .with(sources = runs.ids)
}

private fun meanOverBlocks(runs: Runs, rows: Table, by: Table.Column): Table =
    Cells.of(rows, listOf(Key.of(RunSet.SEED), runs.groupKey, Key.of(by))).mean(Measure.VALUE)
