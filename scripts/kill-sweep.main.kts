#!/usr/bin/env kotlin
// What scripts/kill-sweep kills: eight runs of a few seconds in all, with rows, snapshots, a figure and a claim.
@file:Import("lab.main.kts")

import holonomy.dsl.*
import holonomy.study.markers.*

experiment("kill-sweep", study = "kill-sweep", question = "Is anything lost when the command is killed?") {

    val width = axis("width", 8, 16)
    val rate = axis("learning rate", 1e-3, 1e-2)
    val accuracy = accuracy(5, 32)
    val spectrum = trajectorySpectrum(of = attention, snapshots = 6, shuffledWindows = 1)

    val runs = train(
        sweep(width, rate),
        model = { profile.copy(layers = 1, heads = 2, width = it[width], learningRate = it[rate], steps = 100, batch = 16).attentionOnly },
        on = { profile.mainTask },
        seeds = seeds(1..2),
    ) { measure(accuracy, spectrum) }

    figure("r90") { quantityAgainst(runs, spectrum.r90Interpolated, width, colour = rate) }

    claim("The wider model learns more", source = "scripts/kill-sweep", published = "no value") {
        val ofSeeds = runs.perSeed(Reduction.MEAN)
        ofSeeds.of(width, 16).finalAccuracy(accuracy) isAbove ofSeeds.of(width, 8).finalAccuracy(accuracy) by .01
    }
}
