#!/usr/bin/env kotlin
@file:Import("../scripts/lab.main.kts")

import holonomy.dsl.*
import holonomy.study.markers.*

experiment(
    "curriculum",
    study = study,
    question =
        "Does a model that meets one m after the other forget the earlier ones, and does its path turn at each stage?",
) {
    val mixed = profile.mainTask
    val staged = profile.curriculum()
    val rehearsed = profile.curriculum(rehearsal = .25)
    val accuracy = accuracy(profile.evaluations, profile.heldOut)
    val spectrum =
        trajectorySpectrum(
            of = attention,
            snapshots = profile.snapshots,
            shuffledWindows = choose(quick = 1, standard = 5, paper = 10),
        )

    val runs =
        compare(
            listOf(profile.attentionOnly),
            on = listOf(mixed, staged, rehearsed, profile.antiCurriculum()),
            seeds = profile.seeds,
        ) {
            measure(accuracy, spectrum)
        }
    val paths = stagePaths(runs, spectrum, directions = 3)

    figure("accuracy-by-schedule") { accuracyCompared(runs, accuracy, byTask) }
    figure("forgetting") {
        forgettingBySchedule(
            runs,
            accuracy,
            caption =
                contrast(
                    "Curriculum minus mixed, m = 1",
                    runs.of(staged).forgetting(accuracy, of = 1),
                    runs.of(mixed).forgetting(accuracy, of = 1),
                ),
        )
    }
    figure("rank-by-stage") { rankByStage(paths) }
    figure("stage-overlaps") { stageOverlaps(paths.of(runs.of(staged)), paths.of(runs.of(mixed))) }
    figure("stage-angles") { stageAngles(paths.of(runs.of(staged)), paths.of(runs.of(mixed))) }

    val paper = "arXiv 2602.10496"
    claim(
        "A curriculum forgets m = 1: by at least .05 more than the mixed run of the same seed",
        source = paper,
        published = "forgets small m",
    ) {
        (runs.of(staged).forgetting(accuracy, of = 1) isAbove runs.of(mixed).forgetting(accuracy, of = 1) by .05)
            .provided(learned(runs.of(staged), accuracy, m = 1))
            .provided(trained(runs.of(mixed), accuracy))
    }
    claim(
        "Mixed training does not: its accuracy on m = 1 ends at most .05 below its peak",
        source = paper,
        published = "does not forget",
    ) {
        (runs.of(mixed).forgetting(accuracy, of = 1) isAtMost .05).provided(trained(runs.of(mixed), accuracy))
    }
    for (m in listOf(1, 2)) {
        claim(
            "A quarter of earlier m prevents it for m = $m: at most .05 more is forgotten than by the mixed run",
            source = "ours",
            published = "none",
        ) {
            ((runs.of(rehearsed).forgetting(accuracy, of = m) - runs.of(mixed).forgetting(accuracy, of = m)) isAtMost
                    .05)
                .provided(learned(runs.of(rehearsed), accuracy, m = m))
                .provided(trained(runs.of(mixed), accuracy))
        }
    }
    claim(
        "Successive stages move in other directions: their subspaces overlap at most twice as much as random ones",
        source = "ours",
        published = "none",
    ) {
        (paths.of(runs.of(staged)).overlapOfSuccessive() isAtMost 2.0).provided(
            learned(runs.of(staged), accuracy, m = 1)
        )
    }
    claim(
        "The path turns at each stage: successive stages overlap less than the same steps of the mixed run",
        source = "ours",
        published = "none",
    ) {
        (paths.of(runs.of(staged)).overlapOfSuccessive() isBelow
                paths.of(runs.of(mixed)).overlapOfSuccessive() byFactor
                1.5)
            .provided(learned(runs.of(staged), accuracy, m = 1))
            .provided(trained(runs.of(mixed), accuracy))
    }
}
