#!/usr/bin/env kotlin
@file:Import("../scripts/lab.main.kts")

import holonomy.dsl.*
import holonomy.study.markers.*

experiment(
    "scaling",
    study = study,
    question = "How does a path's dimension grow with width, depth, heads, training and snapshots, beside a walk's?",
) {
    val widths = choose(quick = listOf(32, 64), standard = listOf(64, 128), paper = listOf(64, 128, 256))
    val depths = choose(quick = listOf(2, 3), standard = listOf(3, 5), paper = listOf(3, 5, 8))
    val width = axis("width", widths)
    val depth = axis("depth", depths)
    val counts = choose(quick = listOf(4, 8), standard = listOf(4, 8), paper = listOf(2, 4, 8))
    val heads = axis("heads", counts)
    val length = axis("steps of the training", listOf(profile.steps, 2 * profile.steps))
    // Narrow models learn slowly: at quick all have a higher rate, so that each learns within its steps.
    val sizes = choose(quick = profile.copy(learningRate = 2e-3), standard = profile, paper = profile)
    val looks = 41
    val accuracy = accuracy(looks, profile.heldOut)
    val (few, spectrum) = listOf(11, looks).map { trajectorySpectrum(snapshots = it, shuffledWindows = 1) }

    val runs =
        train(
            sweep(width, depth),
            model = { sizes.copy(width = it[width], layers = it[depth]).attentionOnly },
            on = { profile.mainTask },
            seeds = profile.seeds,
        ) {
            measure(accuracy, spectrum)
        }
    val small = sizes.copy(width = widths.min(), layers = depths.min())
    val byHeads =
        train(
            sweep(heads),
            model = { small.copy(width = widths.max(), heads = it[heads]).attentionOnly },
            on = { profile.mainTask },
            seeds = profile.seeds,
        ) {
            measure(accuracy, spectrum)
        }
    val byLength =
        train(
            sweep(length),
            model = { small.copy(steps = it[length]).attentionOnly },
            on = { profile.mainTask },
            seeds = profile.seeds,
        ) {
            measure(accuracy, few, spectrum)
        }
    val once = byLength.of(length, profile.steps)
    val twice = byLength.of(length, 2 * profile.steps)

    // At matched learning: each run's path up to the step at which it has learned every m.
    val dimension: Runs.() -> Measured = {
        mean(spectrum.r90Interpolated, upTo = stepsTo(accuracy)) called "r90 of the path until it has learned"
    }
    val parameters: Runs.() -> Measured = { weights() }

    figure("accuracy") { accuracyAgainst(runs, accuracy, width, colour = depth) }
    figure("learned") {
        numberAgainst(runs, parameters, { stepsTo(accuracy) called "steps to .95 on every m" }, depth, log = true)
    }
    figure("dimension-against-weights") {
        numberAgainst(runs, parameters, dimension, colour = depth, beside = uncorrelatedWalk, log = true)
    }
    figure("dimension-beside-drift") {
        numberAgainst(runs, parameters, dimension, colour = depth, beside = driftPlusNoise, log = true)
            .with(title = "R90 of the path until it has learned, beside drift plus noise")
    }
    figure("whole-path-against-width") {
        quantityAgainst(runs, spectrum.r90Interpolated, width, colour = depth, beside = uncorrelatedWalk)
    }
    figure("heads") { quantityAgainst(byHeads, spectrum.r90Interpolated, heads, beside = driftPlusNoise) }
    figure("length") { quantityAgainst(byLength, spectrum.r90Interpolated, length, beside = driftPlusNoise) }
    figure("over-training") { spectrumOverSteps(twice, listOf(spectrum.r90Interpolated, spectrum.pc1Share)) }

    // Twice the weights would change the dimension by at most 7 %, which no one would call growth.
    claim("At matched learning the dimension doesn't go with the weights", source = "ours", published = "not stated") {
        (runs.exponent(dimension, on = parameters) isLike 0.0 within .1).provided(trained(runs, accuracy))
    }
    claim("Nor does it beside the walk's own, which has as many snapshots", source = "ours", published = "not stated") {
        (runs.exponent({ dimension() over uncorrelatedWalk }, on = parameters) isLike 0.0 within .1).provided(
            trained(runs, accuracy)
        )
    }
    claim("Nor beside that of drift plus noise", source = "ours", published = "not stated") {
        (runs.exponent({ dimension() over driftPlusNoise }, on = parameters) isLike 0.0 within .1).provided(
            trained(runs, accuracy)
        )
    }
    claim("Fewer or more heads: the same dimension", source = "ours", published = "not stated") {
        (byHeads.of(heads, counts.max()).dimension() isLike byHeads.of(heads, counts.min()).dimension() within .5)
            .provided(trained(byHeads, accuracy))
    }
    claim("Twice the training: the whole path has as many dimensions", source = "ours", published = "not stated") {
        (twice.mean(spectrum.r90Interpolated) isLike once.mean(spectrum.r90Interpolated) within .5).provided(
            trained(byLength, accuracy)
        )
    }
    claim(
        "Four times as many snapshots: as many dimensions, where a walk has more",
        source = "ours",
        published = "not stated",
    ) {
        (once.mean(spectrum.r90Interpolated) isLike once.mean(few.r90Interpolated) within .5)
            .below(uncorrelatedWalk)
            .provided(trained(once, accuracy))
    }
}
