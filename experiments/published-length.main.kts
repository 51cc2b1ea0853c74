#!/usr/bin/env kotlin
@file:Import("../scripts/lab.main.kts")

import holonomy.dsl.*
import holonomy.dsl.ShareNull.BLOCK_MATCHED
import holonomy.study.markers.*

experiment(
    "published-length",
    study = study,
    question = "Over the published 20,000 steps: do paths settle, do defects grow, does their share in the path fall?",
) {
    val accuracy = accuracy(published.evaluations, published.heldOut)
    val spectrum = trajectorySpectrum(snapshots = published.snapshots, shuffledWindows = choose(1, 5, 10))
    val pairs =
        commutators(
            choose(quick = 9, standard = 41, paper = 41),
            published.snapshots,
            pairs = choose(quick = 2, standard = 9, paper = 9),
        )
    val entropy =
        attentionEntropy(published.snapshots, choose(128, 256, 1_024), kept = listOf(1, 2, 4, 8, published.length))

    val runs =
        train(published.attentionOnly, on = listOf(published.mainTask), seeds = profile.seeds) {
            measure(accuracy, spectrum, pairs, entropy)
        }

    figure("accuracy") { accuracyOverSteps(runs, accuracy) }
    figure("spectrum-over-steps") { spectrumOverSteps(runs, listOf(spectrum.r90, spectrum.r90Interpolated)) }
    figure("figure3-defect") { defectOverSteps(runs, pairs, accuracy) }
    figure("figure4-ratio") { shareOverChance(runs, pairs) }
    figure("figure2-entropy") { entropyOverSteps(runs, entropy) }

    val paper = "arXiv 2602.10496"
    val learned = { trained(runs, accuracy) }
    // Not from step 0: there the weights are those that were drawn.
    val early = Phase(.05, .2, "steps 5 to 20 %")
    claim("The path of an attention matrix has 3 to 5 dimensions", source = "$paper, 4.1", published = "r90 3 to 5") {
        (runs.mean(spectrum.r90) isWithin 3.0..5.0) // the whole number, as published
            .below(uncorrelatedWalk, by = .5)
            .below(driftPlusNoise, by = .5)
            .provided(learned())
            .provided(published.publishedSize)
            .provided(published.publishedSteps)
    }
    claim("W_V and W_O are lower-dimensional than W_Q and W_K", source = "$paper, 4.1", published = "by 2.3 to 1.5") {
        (runs.mean(spectrum.r90Interpolated, of = V + O) isBelow runs.mean(spectrum.r90Interpolated, of = Q + K) by .5)
            .published(1.5..2.3)
            .below(uncorrelatedWalk)
            .below(driftPlusNoise)
            .provided(learned())
            .provided(published.publishedSteps)
    }
    claim(
        "The dimension is reached in the first 30 % of training",
        source = "$paper, 4.1",
        published = ".2 to .3 of the steps",
    ) {
        (runs.settledAfter(spectrum.r90Interpolated, margin = .5) isAtMost .3)
            .below(uncorrelatedWalk, by = .1)
            .provided(learned())
            .provided(published.publishedSteps)
    }
    claim(
        "The defect grows (as published: float32 vectors subtracted)",
        source = "$paper, 4.3",
        published = "3 to 20 times",
    ) {
        (runs.defect(pairs, publishedForm, lastFifth) isAbove runs.defect(pairs, publishedForm, early) byFactor 1.5)
            .published(3.0..20.0)
            .provided(published.publishedSteps)
    }
    claim("The true defect grows", source = "$paper, 4.3", published = "3 to 20 times") {
        (runs.defect(pairs, over = lastFifth) isAbove runs.defect(pairs, over = early) byFactor 1.5)
            .published(3.0..20.0)
            .provided(published.publishedSteps)
    }
    claim("It stays where it was, within a factor of 1.5", source = "ours", published = "not controlled") {
        (runs.defect(pairs, over = lastFifth) isLike runs.defect(pairs, over = early) withinFactor 1.5).provided(
            published.publishedSteps
        )
    }
    claim("The published growth is mostly rounding: twice the true one's", source = "ours", published = "not seen") {
        val asPublished = runs.defect(pairs, publishedForm, lastFifth) over runs.defect(pairs, publishedForm, early)
        val inFloat64 = runs.defect(pairs, over = lastFifth) over runs.defect(pairs, over = early)
        (asPublished isAbove inFloat64 byFactor 2.0).provided(published.publishedSteps)
    }
    claim("The share over chance falls (as published)", source = "$paper, 4.3", published = "9.7 to 2.1") {
        (runs.publishedRatio(pairs, early) isAbove runs.publishedRatio(pairs, lastFifth) byFactor 1.5)
            .published(3.0..7.0)
            .provided(published.publishedSteps)
    }
    claim("The share over the block-matched chance falls", source = "ours", published = "not controlled") {
        (runs.ratio(pairs, BLOCK_MATCHED, early) isAbove runs.ratio(pairs, BLOCK_MATCHED, lastFifth) byFactor 1.5)
            .provided(published.publishedSteps)
    }
    claim("The entropy is about 1 after 1,000 steps", source = "$paper, figure 2", published = "about 1") {
        (runs.entropyAfter(entropy, step = 1_000) isWithin .7..1.3)
            .provided(published.publishedSize)
            .provided(published.publishedSteps)
    }
}
