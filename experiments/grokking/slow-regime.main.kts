#!/usr/bin/env kotlin
@file:Import("../../scripts/grokking-lab.main.kts")

import holonomy.dsl.*
import holonomy.study.grokking.*

experiment(
    "grokking-slow-regime",
    study = study,
    question = "Does a network that takes far longer to generalise look the same on the way?",
) {
    val accuracy = pairAccuracy(profile.evaluations)
    val decay = decayControls(snapshots = profile.snapshots)
    val defects =
        commutators(
            moments,
            profile.snapshots,
            pairs = choose(quick = 2, standard = 5, paper = 5),
            variantPairs = 0,
            chosenPairs = 0,
            directions = 2,
        )

    // The published slow regime takes up to 650,000 steps of 3 layers: days. The smaller profiles lower the learning
    // rate.
    val recipe =
        choose(
            quick = profile.encoderAt(lowerRate),
            standard = profile.encoderAt(lowerRate),
            paper = profile.slowEncoder,
        )
    val slow =
        train(
            recipe.copy(name = "slow"),
            on = listOf(sum),
            seeds = choose(quick = profile.seeds, standard = profile.seeds, paper = listOf(42L, 137L)),
        ) {
            measure(accuracy, defects, decay)
        }
    val fast =
        train(profile.encoder.copy(name = "fast"), on = listOf(sum), seeds = profile.seeds) {
            measure(accuracy, defects, decay)
        }
    val onset = defectOnset(defects, publishedForm)

    figure("figureZ-accuracy") { pairAccuracyOverSteps(slow + fast, accuracy) }
    figure("figureY-defect") { defectByOperation(slow + fast, defects) }
    figure("figureH-pc1-by-path") { pc1ByPath(slow + fast, decay) }

    val paper = "arXiv 2602.16746, slow regime"
    val groks = { grokked(slow + fast, accuracy) }
    claim(
        "The onset leads by nearly all of the way to generalisation",
        source = paper,
        published = ".94 of the steps",
    ) {
        (slow.leadShare(onset, accuracy) isAtLeast .8).provided(slowRegime(recipe)).provided(groks())
    }
    claim(
        "The first component's share is larger than in the fast regime, at equal numbers of snapshots",
        source = paper,
        published = "by 14 to 17 points",
    ) {
        (slow.pc1(decay) isAbove fast.pc1(decay) by .05)
            .published(0.1..0.2)
            .provided(slowRegime(recipe))
            .provided(groks())
    }
    claim(
        "A quarter of the published form's records are exactly 0",
        source = "ours",
        published = ".24 and .26, not stated",
    ) {
        (slow.zeroDefects(defects, publishedForm) isWithin .1..0.4).provided(slowRegime(recipe))
    }
    claim("None of the true form's is", source = "ours", published = "not measured") {
        (slow.zeroDefects(defects, ourForm) isAtMost .05).provided(slowRegime(recipe))
    }
}
