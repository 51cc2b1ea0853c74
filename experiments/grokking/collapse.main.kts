#!/usr/bin/env kotlin
@file:Import("../../scripts/grokking-lab.main.kts")

import holonomy.dsl.*
import holonomy.task.PairSplit.BY_ORBIT

experiment(
    "grokking-collapse",
    study = study,
    question = "Does a network that groks move along a line, or does weight decay draw the line?",
) {
    val accuracy = pairAccuracy(profile.evaluations)
    val spectrum = trajectorySpectrum(snapshots = profile.snapshots, windows = 12, shuffledWindows = 1)
    val decay = decayControls(snapshots = profile.snapshots)

    val runs = train(profile.encoder, on = operations, seeds = profile.seeds) { measure(accuracy, spectrum, decay) }
    val undecayed =
        train(profile.encoder(weightDecay = 0.0), on = listOf(sum), seeds = profile.seeds) {
            measure(accuracy, spectrum, decay)
        }
    val unmirrored =
        train(profile.encoder, on = listOf(sum.splitBy(BY_ORBIT)), seeds = profile.seeds) { measure(accuracy) }

    figure("accuracy") { pairAccuracyOverSteps(runs + undecayed + unmirrored, accuracy) }
    figure("not-yet-grokked") { notYetGrokked(runs + undecayed + unmirrored, accuracy) }
    figure("figureA-pc1-by-path") { pc1ByPath(runs + undecayed, decay) }
    figure("figureC-components") { componentShares(runs.of(sum), decay) }
    figure("figureE-pc1-excess") { pc1ExcessByMatrix(runs + undecayed, spectrum, beside = driftPlusNoise) }
    figure("figureF-expanding-window") {
        spectrumOverSteps(runs.of(sum), listOf(spectrum.pc1Share, spectrum.r90Interpolated))
    }
    figure("start-share") { startShareByRuns(runs + undecayed, decay) }

    val paper = "arXiv 2602.16746"
    claim(
        "The first component holds 68 to 83 % of the path of a network that groks",
        source = "$paper, PCA",
        published = ".68 to .83",
    ) {
        (runs.of(sum).pc1(decay) isWithin 0.68..0.83)
            .above(uncorrelatedWalk)
            .above(driftPlusNoise)
            .provided(grokked(runs.of(sum), accuracy))
            .provided(profile.publishedEncoder)
    }
    claim(
        "It lies above a random walk in every operation, the control included",
        source = "$paper, PCA",
        published = "5 to 20 sigma",
    ) {
        least(operations.map { runs.of(it).pc1Excess(decay) }) isAbove 0.0 by .05
    }
    claim(
        "At matched steps and snapshots it is larger where the network groks",
        source = "ours",
        published = "not matched",
    ) {
        (least(grokking.map { runs.of(it).pc1(decay) }) isAbove runs.of(cubic).pc1(decay) by .05).provided(
            grokked(runs.of(sum), accuracy)
        )
    }
    claim("It rises over training, more than a random walk's", source = "$paper, PCA", published = "rises; no null") {
        (runs.of(sum).pc1Growth(spectrum) isAbove 0.0 by .05).above(uncorrelatedWalk)
    }
    claim(
        "Without the component along the initial weights it still exceeds a random walk",
        source = "ours",
        published = "not controlled",
    ) {
        (runs.of(sum).pc1Excess(decay, startRemoved) isAbove 0.0 by .05).provided(grokked(runs.of(sum), accuracy))
    }
    claim(
        "The path of the gradient's part alone exceeds a random walk, too",
        source = "ours",
        published = "not controlled",
    ) {
        (runs.of(sum).pc1Excess(decay, gradientPart) isAbove 0.0 by .05).provided(grokked(runs.of(sum), accuracy))
    }
    claim(
        "Less than half of the displacement lies along the initial weights",
        source = "ours",
        published = "not measured",
    ) {
        runs.of(sum).startShare(decay) isAtMost .5
    }
    claim(
        "Addition groks later split by unordered pair: no mirror image (b, a) of a test pair in training, " +
            "and a third fewer distinct sums there",
        source = "ours",
        published = "not controlled; half of the test pairs have one",
    ) {
        (unmirrored.relativeDelay(runs.of(sum), accuracy) isAbove 0.0 by .1).provided(grokked(runs.of(sum), accuracy))
    }
}
