#!/usr/bin/env kotlin
@file:Import("../scripts/lab.main.kts")

import holonomy.dsl.*

experiment("curriculum", question = "Does a model that meets one m after the other forget the earlier ones, and does its path turn at each stage?") {

    val mixed = profile.mainTask
    val curriculum = profile.curriculum()
    val accuracy = accuracy(profile.evaluations, profile.heldOut)
    val spectrum = trajectorySpectrum(of = attention, snapshots = profile.snapshots, shuffledWindows = choose(quick = 1, standard = 5, paper = 10))

    val runs = compare(listOf(profile.attentionOnly), on = listOf(mixed, curriculum, profile.antiCurriculum(), profile.curriculum(rehearsal = .25)), seeds = profile.seeds) {
        measure(accuracy, spectrum)
    }

    figure("accuracy-by-schedule") { accuracyCompared(runs, accuracy, byTask) }
    figure("forgetting") {
        forgettingBySchedule(runs, accuracy, caption = contrast("Curriculum minus mixed, m = 1", runs.of(curriculum).forgetting(accuracy, of = 1), runs.of(mixed).forgetting(accuracy, of = 1)))
    }
    figure("rank-by-stage") { rankByStage(runs, spectrum) }
    figure("stage-overlaps") { stageOverlaps(runs.of(curriculum), runs.of(mixed), spectrum, k = 3) }

    val paper = "arXiv 2602.10496"
    claim("A curriculum forgets m = 1", source = paper, published = "forgets small m") {
        runs.of(curriculum).forgetting(accuracy, of = 1) isAtLeast .05
    }
    claim("Mixed training does not forget m = 1", source = paper, published = "does not forget") {
        (runs.of(mixed).forgetting(accuracy, of = 1) isAtMost .05).provided(trained(runs.of(mixed), accuracy))
    }
    claim("A curriculum forgets m = 1 more than mixed training, seed by seed", source = paper, published = "forgets small m") {
        runs.of(curriculum).forgetting(accuracy, of = 1) isAbove runs.of(mixed).forgetting(accuracy, of = 1)
    }
    claim("Successive stages move in other directions: their subspaces overlap no more than at chance", source = "ours", published = "none") {
        runs.of(curriculum).overlapBetweenStages(spectrum, k = 3) isAtMost 2.0
    }
}
