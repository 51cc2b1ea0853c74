#!/usr/bin/env kotlin
@file:Import("../scripts/lab.main.kts")

import holonomy.dsl.*
import holonomy.study.markers.*

experiment(
    "mlp-ablation",
    study = study,
    question =
        "Do MLPs raise the dimension of the attention's path and hurt what is learned, " +
            "at the same budget and the same number of weights?",
) {

    // The two larger models take most of the quick profile's time: half its width, which learns at twice its rate.
    val sizes =
        choose(
            quick = profile.copy(width = profile.width / 2, learningRate = 2 * profile.learningRate),
            standard = profile,
            paper = profile,
        )
    val task = sizes.mainTask
    val without = sizes.attentionOnly
    val with = sizes.standard
    val wider = without.widerLike(with, task)
    val accuracy = accuracy(sizes.evaluations, sizes.heldOut)
    val spectrum =
        trajectorySpectrum(
            of = attention,
            snapshots = sizes.snapshots,
            shuffledWindows = choose(quick = 1, standard = 5, paper = 10),
        )
    val mlpSpectrum = trajectorySpectrum(of = mlp, snapshots = sizes.snapshots, shuffledWindows = 1)

    val runs =
        compare(listOf(without, with, wider), on = listOf(task), seeds = sizes.seeds) { measure(accuracy, spectrum) }
    val mlps = compare(listOf(with), on = listOf(task), seeds = sizes.seeds) { measure(mlpSpectrum) }

    figure("accuracy-by-model") { accuracyCompared(runs, accuracy, byArm) }
    figure("rank-by-layer-and-model") {
        rankByLayerCompared(
            runs,
            spectrum.r90Interpolated,
            byArm,
            caption =
                contrast(
                    "With minus without MLPs, mean r90",
                    runs.of(with).mean(spectrum.r90Interpolated),
                    runs.of(without).mean(spectrum.r90Interpolated),
                ),
        )
    }
    figure("rank-of-mlp-matrices") {
        rankByLayer(mlps, mlpSpectrum.r90Interpolated)
            .with(title = "Dimension of each MLP matrix's path through weight space")
    }
    fun stepsTo95(of: Arm) = runs.of(of).stepsTo(accuracy)
    figure("steps-to-95-percent") {
        stepsToCompared(
            runs,
            accuracy,
            byArm,
            caption = contrast("With minus without MLPs", stepsTo95(with), stepsTo95(without)),
        )
    }

    val paper = "arXiv 2602.10496"
    claim("MLPs raise the dimension of the attention's path", source = paper, published = "raise it") {
        (runs.of(with).mean(spectrum.r90Interpolated) isAbove runs.of(without).mean(spectrum.r90Interpolated) by .5)
            .provided(trained(runs.of(without) + runs.of(with), accuracy))
    }
    claim("They raise it above that of as many weights without MLPs", source = "ours", published = "none") {
        (runs.of(with).mean(spectrum.r90Interpolated) isAbove runs.of(wider).mean(spectrum.r90Interpolated) by .5)
            .provided(trained(runs.of(wider) + runs.of(with), accuracy))
    }
    claim(
        "MLPs hurt: lower accuracy at the end of an equal budget",
        source = paper,
        published = "hurt generalisation",
    ) {
        runs.of(with).finalAccuracy(accuracy) isBelow runs.of(without).finalAccuracy(accuracy) by .02
    }
    claim("MLPs hurt: more steps to an accuracy of .95", source = paper, published = "hurt generalisation") {
        stepsTo95(with) isAbove stepsTo95(without) byFactor 1.1
    }
    claim("MLPs hurt: more steps than as many weights without MLPs", source = "ours", published = "none") {
        stepsTo95(with) isAbove stepsTo95(wider) byFactor 1.1
    }
}
