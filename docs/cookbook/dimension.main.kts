#!/usr/bin/env kotlin
@file:Import("../../scripts/lab.main.kts")

import holonomy.dsl.*
import holonomy.study.markers.*

experiment("dimension", study = "my second study", question = "Does a path's dimension go with its model's size?") {
    val width = axis("width", 32, 48, 64)
    val depth = axis("depth", 2, 3)
    val accuracy = accuracy(profile.evaluations, profile.heldOut)
    val spectrum = trajectorySpectrum(of = attention, snapshots = profile.snapshots, shuffledWindows = 1)
    val runs =
        train(
            sweep(width, depth),
            model = { profile.copy(width = it[width], layers = it[depth], learningRate = 2e-3).attentionOnly },
            on = { profile.mainTask },
            seeds = profile.seeds,
        ) {
            measure(accuracy, spectrum)
        }

    // A number of one run; figures and claims take it over all of them.
    val parameters: Runs.() -> Measured = { weights() }
    val dimension: Runs.() -> Measured = { mean(spectrum.r90Interpolated) }

    figure("dimension-against-weights") {
        numberAgainst(runs, parameters, dimension, colour = depth, beside = uncorrelatedWalk, log = true)
    }
    // Twice the weights would change the dimension by 7 % at most.
    claim("The dimension doesn't go with the number of weights", source = "ours", published = "no value") {
        (runs.exponent(dimension, on = parameters) isLike 0.0 within .1).provided(trained(runs, accuracy))
    }
}
