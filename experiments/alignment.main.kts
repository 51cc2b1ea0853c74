#!/usr/bin/env kotlin
@file:Import("../scripts/lab.main.kts")

import holonomy.dsl.*
import holonomy.dsl.Partner.*
import holonomy.model.WeightGroup
import holonomy.study.markers.*

experiment(
    "alignment",
    study = study,
    question =
        "Do runs that share initial values or data move in the same subspace, " +
            "and how early do they point to their end?",
) {
    val accuracy = accuracy(profile.evaluations, profile.heldOut)
    val cosine = cosineToFinal(profile.snapshots)
    val heads = headSpectra(profile.snapshots)

    // Runs of collapse, on two tasks; then each seed's initial values with the next seed's data.
    val runs =
        train(profile.attentionOnly, on = listOf(profile.mainTask), seeds = profile.seeds) {
            measure(accuracy, cosine, heads)
        }
    val other =
        train(profile.attentionOnly, on = listOf(profile.markedSum(1..1)), seeds = profile.seeds) {
            snapshot(attention, profile.snapshots)
        }
    val crossed =
        train(profile.attentionOnly, on = listOf(profile.mainTask), seeds = profile.seeds, data = nextSeed) {
            measure(accuracy)
            snapshot(attention, profile.snapshots)
        }
    // Which initial values must two runs share? The next seed's run, begun with this seed's embeddings, or attention,
    // alone.
    fun sharing(blocks: WeightGroup) =
        train(profile.attentionOnly, on = listOf(profile.mainTask), seeds = profile.seeds, nextSeed, keeping = blocks) {
            measure(accuracy)
            snapshot(attention, profile.snapshots)
        }
    val parts = sharing(embeddings) + sharing(attention)
    val overlap = overlaps(runs + other + crossed + parts, profile.snapshots, k = 3)

    figure("overlap-by-comparison") { overlapByComparison(overlap) }
    figure("overlap-between-runs") { overlapBetweenRuns(overlap) }
    figure("overlap-by-matrix") { overlapByMatrix(overlap) }
    figure("overlap-within-runs") { overlapWithinRuns(overlap) }
    figure("cosine-to-final") { cosineOverSteps(runs, cosine) }
    figure("head-rank-by-layer") { headRankByLayer(runs, heads) }

    val source = "ours"
    claim("Other data, same initial values: the paths share directions", source, published = "not stated") {
        (overlap.overChance(OTHER_DATA) isAtLeast 2.0)
            .above(overlap.atMostByChance(OTHER_DATA), name = "97.5 % of random pairs")
            .provided(trained(runs + crossed, accuracy))
    }
    claim(
        "Other initial values, same data: the matrices' paths share at most twice as much as at chance",
        source = "arXiv 2602.10496, 4.2",
        published = "differs by seed",
    ) {
        (overlap.overChance(OTHER_START) isAtMost 2.0).provided(trained(runs + crossed, accuracy))
    }
    claim("Other initial values, same data: nor do the heads' products", source, published = "not stated") {
        (overlap.overChance(OTHER_START, of = headProducts) isAtMost 2.0).provided(trained(runs + crossed, accuracy))
    }
    claim(
        "The initial values set more of the orientation than the data do (overlap, 1 = the same subspace)",
        source,
        published = "not stated",
    ) {
        (overlap.difference(OTHER_DATA, OTHER_START) isAbove 0.0 by .01).provided(trained(runs + crossed, accuracy))
    }
    for ((partner, what) in listOf(SAME_EMBEDDINGS to "embeddings", SAME_ATTENTION to "attention's")) {
        claim("Initial values of the $what alone, all else other: the paths share directions", source, "not stated") {
            (overlap.overChance(partner) isAtLeast 2.0)
                .above(overlap.atMostByChance(partner), name = "97.5 % of random pairs")
                .provided(trained(runs + parts, accuracy))
        }
    }
    claim(
        "Sharing the embeddings alone gives less than half of the overlap that sharing all initial values gives",
        source,
        published = "not stated",
    ) {
        (overlap.overChance(OTHER_DATA) isAbove overlap.overChance(SAME_EMBEDDINGS) byFactor 2.0).provided(
            trained(runs + crossed + parts, accuracy)
        )
    }
    claim(
        "Another task (one marker only) from the same initial values shares directions",
        source,
        published = "not stated",
    ) {
        (overlap.overChance(OTHER_TASK) isAtLeast 2.0)
            .above(overlap.atMostByChance(OTHER_TASK), name = "97.5 % of random pairs")
            .provided(trained(runs, accuracy))
    }
    claim(
        "Half way, a path points to its end more than a walk (of equal steps: sqrt(1/2))",
        source,
        published = "not stated",
    ) {
        (runs.cosineToFinal(cosine, after = .5) isAtLeast .71)
            .above(uncorrelatedWalk)
            .above(driftPlusNoise)
            .provided(trained(runs, accuracy))
    }
    claim("So it does without the component along the initial weights", source, published = "not stated") {
        (runs.cosineToFinal(cosine, after = .5, initialRemoved = true) isAtLeast .71)
            .above(uncorrelatedWalk)
            .above(driftPlusNoise)
            .provided(trained(runs, accuracy))
    }
}
