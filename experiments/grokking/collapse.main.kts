#!/usr/bin/env kotlin
@file:Import("../../scripts/grokking-lab.main.kts")

import holonomy.dsl.*
import holonomy.study.grokking.*
import holonomy.task.PairSplit.BY_ORBIT
import holonomy.task.Task

experiment(
    "grokking-collapse",
    study = study,
    question = "Does a network that groks move along a line, or does weight decay draw the line?",
) {
    val accuracy = pairAccuracy(profile.evaluations)
    val spectrum = trajectorySpectrum(snapshots = profile.snapshots, windows = profile.snapshots, shuffledWindows = 1)
    val decay = decayControls(snapshots = profile.snapshots)

    val runs = train(profile.encoder, on = operations, seeds = profile.seeds) { measure(accuracy, spectrum, decay) }
    val undecayed =
        train(profile.encoder(weightDecay = 0.0), on = listOf(sum, cubic), seeds = profile.seeds) {
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

    // The paper's runs stop when they grok, ours go on: every path is cut there, the control's at the same step.
    fun whenItGroks(task: Task) = runs.of(task).grokStep(accuracy)
    fun pc1(of: Task, until: Task = of) = runs.of(of).mean(spectrum.pc1Share, upTo = whenItGroks(until))

    val paper = "arXiv 2602.16746"
    val groks = { grokked(runs.of(sum), accuracy) }
    claim(
        "The first component holds 68 to 83 % of the path of a network, up to where it groks",
        source = "$paper, PCA",
        published = ".68 to .83",
    ) {
        (pc1(sum) isWithin 0.68..0.83)
            .above(uncorrelatedWalk, by = .05)
            .above(driftPlusNoise, by = .05)
            .provided(groks())
            .provided(profile.publishedEncoder)
    }
    claim(
        "It lies above a random walk in every operation that groks",
        source = "$paper, PCA",
        published = "5 to 20 sigma; no size",
    ) {
        (least(grokking.map { pc1(it).excess(uncorrelatedWalk) }) isAbove 0.0 by .05).provided(groks())
    }
    claim(
        "At matched steps and snapshots it is larger where the network groks",
        source = "ours",
        published = "not matched",
    ) {
        (least(grokking.map { pc1(it) - pc1(cubic, until = it) }) isAbove 0.0 by .05).provided(groks())
    }
    claim(
        "It rises until the network groks, more than a random walk's",
        source = "$paper, PCA",
        published = "rises; no null",
    ) {
        (runs.of(sum).pc1Growth(spectrum, upTo = whenItGroks(sum)) isAbove 0.0 by .05)
            .above(uncorrelatedWalk, by = .05)
            .provided(groks())
    }
    claim(
        "Without the component along the initial weights it still exceeds a random walk",
        source = "ours",
        published = "not controlled",
    ) {
        (runs.of(sum).pc1(decay, startRemoved).excess(uncorrelatedWalk) isAbove 0.0 by .05).provided(groks())
    }
    claim(
        "The gradient's part alone is straighter than one that only balances decay",
        source = "ours",
        published = "not controlled",
    ) {
        (runs.of(sum).pc1(decay, gradientPart).excess(balanceOfDecay) isAbove 0.0 by .02).provided(groks())
    }
    claim(
        "Without decay the first component is that of a random walk, within .05",
        source = "ours",
        published = "not controlled",
    ) {
        undecayed.of(sum).pc1(decay).excess(uncorrelatedWalk) isLike 0.0 within .05
    }
    claim(
        "Where nothing groks (a^3 + ab) decay raises the first component",
        source = "ours",
        published = "not controlled",
    ) {
        runs.of(cubic).pc1(decay) isAbove undecayed.of(cubic).pc1(decay) by .05
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
        (unmirrored.relativeDelay(runs.of(sum), accuracy) isAbove 0.0 by .1).provided(groks())
    }
}
