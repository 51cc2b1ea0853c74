#!/usr/bin/env kotlin
@file:Import("../../scripts/lab.main.kts")

import holonomy.dsl.*
import holonomy.figure.Figure
import holonomy.study.markers.*
import org.jetbrains.letsPlot.*
import org.jetbrains.letsPlot.facet.*
import org.jetbrains.letsPlot.geom.*

experiment("own-plot", study = "my fourth study", question = "Does the first component hold more than a walk's does?") {
    val accuracy = accuracy(profile.evaluations, profile.heldOut)
    val spectrum = trajectorySpectrum(of = attention, snapshots = profile.snapshots, shuffledWindows = 1)
    val runs =
        train(profile.attentionOnly, on = listOf(profile.mainTask), seeds = profile.seeds) {
            measure(accuracy, spectrum)
        }

    // A plot in Lets-Plot's own words: a line for each seed, a null's range over seeds as a ribbon, ids beside it.
    figure("first-component") {
        val rows =
            runs.table(spectrum).where {
                it.text("matrix") == "W_Q" && it.text("centring") == "centred" && it.text("statistic") == "PC1 share"
            }
        val walks = rows.where { it.text("series") == "uncorrelated walk" }.toMap()
        val range = Stat.summary(fn = "mean", fnMin = "min", fnMax = "max")
        val plot =
            letsPlot { x = "step"; y = "value" } +
                geomRibbon(walks, stat = range, fill = "gray", size = 0) +
                geomLine(rows.where { it.text("series") == "measured" }.toMap()) { color = "seed" } +
                facetWrap("block", order = 1)
        Figure("first-component", "First component of W_Q", plot, "Ribbon: walks, all seeds.", sources = runs.ids)
    }
    claim("The first component holds more than a walk's", source = "ours", published = "no value") {
        (runs.mean(spectrum.pc1Share) isAtLeast .5).above(uncorrelatedWalk).provided(trained(runs, accuracy))
    }
}
