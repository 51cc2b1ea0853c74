#!/usr/bin/env kotlin
@file:Import("../../scripts/lab.main.kts")

import holonomy.dsl.*
import holonomy.study.markers.*

experiment("early-dimension", study = "my third study", question = "Does an early path tell when a run has learned?") {
    val width = axis("width", 48, 64)
    val accuracy = accuracy(count = 41, heldOut = profile.heldOut)
    val spectrum = trajectorySpectrum(of = attention, snapshots = 41, shuffledWindows = 1)
    val runs =
        train(
            sweep(width),
            model = { profile.copy(width = it[width], learningRate = 2e-3).attentionOnly },
            on = { profile.mainTask },
            seeds = seeds(1..6),
        ) {
            measure(accuracy, spectrum)
        }

    // Numbers of one run: how many dimensions its path has after a fifth of the steps, and when it has learned.
    val early: Runs.() -> Measured = {
        mean(spectrum.r90Interpolated, upTo = measured("a fifth of the steps") { run -> run.steps * .2 }) called
            "early r90"
    }
    val learned: Runs.() -> Measured = { stepsTo(accuracy, level = .95) called "steps to .95" }

    figure("every-run") { everyRun(runs, early, learned, shade = width) }
    claim("The more dimensions early, the later it learns", source = "ours", published = "no value") {
        (runs.rankCorrelation(early, learned) isAtLeast .3).above(settingsAlone).provided(trained(runs, accuracy))
    }
}
