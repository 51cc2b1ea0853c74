#!/usr/bin/env kotlin
@file:Import("../../scripts/lab.main.kts")
@file:DependsOn("org.jetbrains.kotlinx:dataframe-core:0.15.0")

import holonomy.dsl.*
import holonomy.figure.Figure
import holonomy.study.markers.*
import org.jetbrains.kotlinx.dataframe.api.*
import org.jetbrains.letsPlot.facet.facetWrap
import org.jetbrains.letsPlot.geom.geomLine
import org.jetbrains.letsPlot.letsPlot

experiment("data-frame", study = "my fifth study", question = "How many dimensions has the path of each matrix?") {
    val accuracy = accuracy(profile.evaluations, profile.heldOut)
    val spectrum = trajectorySpectrum(of = attention, snapshots = profile.snapshots, shuffledWindows = 1)
    val runs =
        train(profile.attentionOnly, on = listOf(profile.mainTask), seeds = profile.seeds) {
            measure(accuracy, spectrum)
        }

    // Any measure's rows as a DataFrame of kotlinx-dataframe; what its columns hold is said in docs/tables.md.
    figure("dimension") {
        val frame =
            runs.table(spectrum).toMap().toDataFrame().filter {
                it["statistic"] == "r90 interpolated" && it["centring"] == "centred"
            }
        val medians = frame.groupBy("matrix", "series", "step").median("value").toMap()
        val plot = letsPlot(medians) { x = "step"; y = "value"; color = "series" } + geomLine() + facetWrap("matrix")
        Figure("dimension", "r90 of each matrix", plot, "Median over layers and seeds.", sources = runs.ids)
    }
    claim("Each path has more than two dimensions", source = "ours", published = "no value") {
        (runs.mean(spectrum.r90Interpolated) isAtLeast 2.0).provided(trained(runs, accuracy))
    }
}
