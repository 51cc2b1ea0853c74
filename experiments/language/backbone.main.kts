#!/usr/bin/env kotlin
@file:Import("../../scripts/language-lab.main.kts")

import holonomy.dsl.*
import holonomy.study.language.*

experiment(
    "language-backbone",
    study = study,
    question = "How far does a walk without learning go along its backbone, and what is left of the model's?",
) {
    val accuracy = accuracy(profile.evaluations, profile.heldOut)
    val backbone = backbone(snapshots = profile.snapshots)

    val runs = train(profile.language, on = listOf(stories), seeds = profile.seeds) { measure(accuracy, backbone) }
    // The same initial values on other stories: what both share, the task has made.
    val others =
        train(profile.language, on = listOf(stories), seeds = profile.seeds, data = nextSeed) { measure(backbone) }
    val twins = twins(runs, others, backbone)

    figure("along-across-drift") { backboneOverSteps(runs, listOf(backbone.along, backbone.across, backbone.drift)) }
    figure("updates") {
        backboneOverSteps(
            runs,
            listOf(backbone.updateCosine, backbone.coherence),
            title = "How steps lie to the backbone, and to each other, beside a walk that learns nothing",
        )
    }
    figure("rotation") {
        backboneOverSteps(
            runs,
            listOf(backbone.turn, backbone.windowPc1, backbone.toEarly, backbone.toLate),
            title = "The backbone of windows of ten snapshots, beside a walk that learns nothing",
        )
    }
    figure("start-removed") {
        backboneOverSteps(
            runs,
            listOf(backbone.along, backbone.across, backbone.drift),
            of = startRemoved,
            title = "The same without the component along the initial weights, where decay goes",
        )
    }

    val paper = "arXiv 2602.23696"
    claim(
        "The first component holds 65 to 75 % of the path, more than a walk's",
        source = paper,
        published = ".69, .69 (printed .71, .72)",
    ) {
        (runs.mean(backbone.pc1) isWithin 0.65..0.75).above(noiseWalk, by = .05)
    }
    claim("Of the displacements as they are, 75 to 85 %", source = paper, published = ".79 and .79") {
        (runs.mean(backbone.rawPc1) isWithin 0.75..0.85).above(noiseWalk, by = .05)
    }
    claim(
        "Seven or eight components hold 95 %, fewer than of a walk",
        source = paper,
        published = "7 and 8, recomputed",
    ) {
        (runs.mean(backbone.k95) isWithin 6.0..9.0).below(noiseWalk, by = 1.0)
    }
    claim("Early steps lie along the backbone", source = paper, published = "|cos| .20 to .30; .22 of the trunk") {
        (runs.mean(backbone.updateCosine, upTo = .2) isWithin 0.2..0.3).above(noiseWalk, by = .05)
    }
    claim("The backbone turns slowly from window to window", source = paper, published = "mean .80 and .79") {
        (runs.mean(backbone.turn) isWithin 0.75..0.85).above(noiseWalk, by = .05)
    }
    claim("The early phase is straight", source = paper, published = "PC1 .60 and .59") {
        (runs.mean(backbone.earlyPc1) isWithin 0.55..0.65).above(noiseWalk, by = .05)
    }
    claim("The late phase is straighter", source = paper, published = "PC1 .81 and .82") {
        (runs.mean(backbone.latePc1) isWithin 0.75..0.87).above(noiseWalk, by = .05)
    }
    claim("The phases have another backbone each", source = paper, published = "|cos| .32 and .32; sign not given") {
        (runs.mean(backbone.phases) isWithin -0.4..0.4).above(noiseWalk, by = .1)
    }
    claim("The way along the backbone grows as the square of the steps", source = paper, published = "2.07 and 2.07") {
        (runs.mean(backbone.growthAlong(0.0..0.2)) isWithin 1.9..2.3).below(noiseWalk, by = .05)
    }
    claim("The rest grows again after three fifths of the steps", source = paper, published = ".36 and .32") {
        (runs.mean(backbone.growthAcross(0.6..1.0)) isAbove 0.0 by .1).above(noiseWalk, by = .1)
    }
    claim("Without the start's direction PC1 still exceeds a walk's", source = "ours", published = "not controlled") {
        runs.mean(backbone.pc1, startRemoved).excess(noiseWalk) isAbove 0.0 by .05
    }
    claim(
        "The backbone is not where decay goes: cosine to -w_0 below .5",
        source = "ours",
        published = "not measured",
    ) {
        (runs.mean(backbone.toDecay) isAtMost .5).below(noiseWalk, by = .1)
    }
    claim(
        "Twins on other stories share their backbone: cosine of .5 or more",
        source = "ours",
        published = "no twins",
    ) {
        twins.cosineOfBackbones() isAtLeast .5
    }
    claim("They share half of the way: cosine of the displacements", source = "ours", published = "no twins") {
        twins.common() isAtLeast .5
    }
}
