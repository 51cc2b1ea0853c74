#!/usr/bin/env kotlin
@file:Import("../scripts/lab.main.kts")

import holonomy.dsl.*
import holonomy.study.markers.*

experiment(
    "same-start",
    study = study,
    question = "What do two runs share that took their first steps together, and how many steps does it take?",
) {
    val task = profile.mainTask
    val accuracy = accuracy(profile.evaluations, profile.heldOut)
    // Splits at steps of which a snapshot is kept.
    val early = profile.steps / choose(quick = 8, standard = 10, paper = 8)
    val half = profile.steps / 2
    val snapshots = choose(quick = 17, standard = 21, paper = 17)
    val main =
        train(profile.attentionOnly, on = listOf(task), seeds = profile.seeds) {
            measure(accuracy)
            snapshot(everyWeight, snapshots)
        }
    // Twins: from a step on, the next seed's data; from step 0 on, the same initial values alone.
    val apart =
        train(profile.attentionOnly, on = listOf(task), seeds = profile.seeds, data = nextSeed) {
            measure(accuracy)
            snapshot(everyWeight, snapshots)
        }
    val forks =
        listOf(early, 2 * early, half, half + half / 2).map { step ->
            fork(
                main,
                at = step,
                steps = profile.steps - step,
                optimiser = kept,
                data = nextSeed,
                name = "other data from step $step",
            ) {
                measure(accuracy)
                snapshot(everyWeight, snapshots)
            }
        }
    val splits = splits(main, listOf(apart) + forks, snapshots, batches = choose(quick = 8, standard = 16, paper = 16))
    fun planes(twins: Runs, parent: String) =
        lossPlanes(
            main,
            snapshots,
            batches = choose(quick = 2, standard = 4, paper = 8),
            points = choose(quick = 11, standard = 21, paper = 31),
            along = endsAndParent(twins, parent),
        )
    val sameStart = planes(apart, parent = "their initial values")
    val splitEarly = planes(forks.first(), parent = "the weights they share after step $early")

    figure("accuracy") { accuracyOverSteps(main, accuracy) }
    figure("barrier") { barrierBySplit(splits) }
    figure("loss-between-ends") { lossBetweenEnds(splits) }
    figure("loss-plane-same-start") { lossPlane(sameStart) }
    figure("off-plane-same-start") { offPlaneOverSteps(sameStart) }
    figure("loss-plane-early") { lossPlane(splitEarly) }
    figure("off-plane-early") { offPlaneOverSteps(splitEarly) }
    figure("overlap") { overlapBySplit(splits) }

    val frankle = "arXiv 1912.05671"
    val learned = { trained(main + apart, accuracy) }
    claim(
        "The same initial values alone don't lead into one basin",
        source = frankle,
        published = "unstable at first",
    ) {
        (splits.barrier(at = 0) isAbove 0.0 by .1).provided(learned())
    }
    claim("They lead nearer to one than other ones do", source = "ours", published = "not stated") {
        (splits.barrier(at = 0) isBelow splits.barrierOfUnrelated() by .1).provided(learned())
    }
    claim("At most an eighth of the steps together does", source = frankle, published = "stable early in training") {
        (splits.barrier(at = early) isAtMost .05).provided(learned())
    }
    claim("Half of the steps together does", source = frankle, published = "stable early in training") {
        (splits.barrier(at = half) isAtMost .05).provided(learned())
    }
    claim("Paths that share their start alone go the same directions", source = "ours", published = "not stated") {
        (splits.overlap(at = 0) isAtLeast 2.0)
            .above(splits.overlapByChance(at = 0), name = "97.5 % of random pairs")
            .provided(learned())
    }
    claim("Those that split halfway share more of what is left of the way", source = "ours", published = "not stated") {
        (splits.overlap(at = half) isAbove splits.overlap(at = 0) byFactor 1.5).provided(learned())
    }
}
