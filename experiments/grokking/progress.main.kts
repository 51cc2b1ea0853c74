#!/usr/bin/env kotlin
@file:Import("../../scripts/grokking-lab.main.kts")

import holonomy.dsl.*
import holonomy.study.grokking.*

experiment(
    "grokking-progress",
    study = study,
    question = "Does a network that adds build its waves before it generalises, and what does its path do meanwhile?",
) {
    // Published: p = 113, one layer, width 128, MLPs of 512, .3 of the pairs; all of those a batch, here 512 drawn.
    val published = profile.copy(task = PairSizes(113), layers = 1, steps = 30_000, snapshots = 81, evaluations = 101)
    val sizes = choose(quick = profile, standard = published, paper = published)
    val part = choose(quick = share, standard = .3, paper = .3)
    val addition = pairs("a + b", sizes.modulus) { a, b -> a + b }.trainedOn(part)

    // Of the copies of all weights every second one is judged; the key frequencies are chosen on the others.
    val copies = 2 * sizes.snapshots - 1
    val accuracy = pairAccuracy(sizes.evaluations)
    val fourier = fourierProgress(copies)
    val gap = spectralGap(snapshots = copies)
    val spectrum = trajectorySpectrum(snapshots = profile.snapshots, windows = profile.snapshots, shuffledWindows = 1)

    val runs =
        train(sizes.wideEncoder, on = listOf(addition), seeds = profile.seeds) {
            measure(accuracy, fourier, gap, spectrum)
        }

    figure("accuracy") { pairAccuracyOverSteps(runs, accuracy) }
    figure("figure7-progress") { progressOverSteps(runs, fourier) }
    figure("key-share") { keyShareOverSteps(runs, fourier) }
    figure("frequencies-by-rank") { frequenciesByRank(runs, fourier) }
    figure("path") { spectrumOverSteps(runs, listOf(spectrum.pc1Share, spectrum.r90Interpolated)) }
    figure("spectral-gap") { gapOverSteps(runs, gap) }

    val paper = "arXiv 2301.05217"
    val groks = { grokked(runs, accuracy) }
    claim(
        "The key frequencies hold .85 or more of the logits' variance",
        source = paper,
        published = "five key frequencies; no null",
    ) {
        (runs.keyShare(fourier, wavesOfLogits) isAtLeast .85).above(randomFrequencies, by = .1).provided(groks())
    }
    claim("They hold most of the embedding's, too", source = paper, published = "a few frequencies; no share") {
        (runs.keyShare(fourier, wavesOfEmbedding) isAtLeast .5).above(randomFrequencies, by = .1).provided(groks())
    }
    claim(
        "The logits use at most half as many frequencies as an untrained network's",
        source = paper,
        published = "five of 56; no null",
    ) {
        (runs.frequenciesUsed(fourier) over untrainedNetwork isAtMost .5).provided(groks())
    }
    claim(
        "Their waves alone generalise: a test loss of at most a tenth of guessing",
        source = paper,
        published = "lower than the whole network's; no null",
    ) {
        (runs.lossOverGuessing(fourier, restrictedLoss) isAtMost .1)
            .below(randomFrequencies, byFactor = 2.0)
            .provided(groks())
    }
    claim(
        "Without them what was memorised is gone: a training loss of at least half of guessing",
        source = paper,
        published = "worse than guessing; no null",
    ) {
        (runs.lossOverGuessing(fourier, excludedLoss) isAtLeast .5)
            .above(randomFrequencies, byFactor = 1.25)
            .provided(groks())
    }
    claim(
        "Memorisation comes first: the training loss falls before the waves suffice",
        source = paper,
        published = "1,400 against 9,400 epochs",
    ) {
        (runs.lead(fourier, of = trainLoss, over = restrictedLoss) isAbove 0.0 by .05).provided(groks())
    }
    claim(
        "The circuit forms before it shows: the restricted loss falls before the test loss",
        source = paper,
        published = "before; no size, no null",
    ) {
        (runs.lead(fourier, of = restrictedLoss, over = testLoss) isAbove 0.0 by .05)
            .above(randomFrequencies, by = .05)
            .provided(groks())
    }
    claim(
        "The excluded loss rises by half a nat or more while the test loss is still high",
        source = paper,
        published = "rises; no size, no null",
    ) {
        (runs.excludedRise(fourier) isAbove 0.0 by .5).above(randomFrequencies, by = .5).provided(groks())
    }
    claim(
        "The spectral gap of ten increments is wider than momentum's by a tenth or more",
        source = "arXiv 2603.15678",
        published = "k* = 2; no null",
    ) {
        runs.gapRatio(gap) over correlatedWalk isAtLeast 1.1
    }
}
