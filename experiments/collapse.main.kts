#!/usr/bin/env kotlin
@file:Import("../scripts/lab.main.kts")

import holonomy.dsl.*
import holonomy.study.markers.*
import holonomy.task.Task

experiment(
    "collapse",
    study = study,
    question = "How many dimensions does the path of each attention matrix have, beside a random walk?",
) {
    val markers =
        choose(
            quick = listOf(1, 2),
            standard = listOf(1, 2, 3),
            paper = listOf(1, 2, 4, 6),
        ) // at most so many in a sequence
    val main = profile.mainTask
    val fewest = profile.markedSum(1..markers.min())
    val most = profile.markedSum(1..markers.max())
    val accuracy = accuracy(profile.evaluations, profile.heldOut)
    val spectrum =
        trajectorySpectrum(
            of = attention,
            snapshots = profile.snapshots,
            shuffledWindows = choose(quick = 1, standard = 5, paper = 10),
        )

    val runs =
        train(profile.attentionOnly, on = markers.map { profile.markedSum(1..it) }, seeds = profile.seeds) {
            measure(accuracy, spectrum)
        }
    val orientation = seedOverlaps(runs.of(main), spectrum, k = 3)
    // The paper's text describes plain SGD at 1e-3 and positions drawn per sequence; its code does neither.
    val paperText =
        train(profile.attentionOnly.paperText(), on = listOf(main.positionsPerSequence()), seeds = profile.seeds) {
            measure(accuracy, spectrum)
        }

    figure("accuracy") { accuracyOverSteps(runs.of(main), accuracy) }
    figure("figure1-rank-by-layer") { rankByLayer(runs.of(main), spectrum.r90Interpolated, beside = uncorrelatedWalk) }
    figure("spectrum-over-steps") {
        spectrumOverSteps(runs.of(main), listOf(spectrum.r90Interpolated, spectrum.pc1Share))
    }
    figure("rank-against-markers") { rankAgainstMarkers(runs, spectrum.r90Interpolated) }
    figure("paper-text-accuracy") {
        accuracyOverSteps(paperText, accuracy, title = "Plain SGD at 1e-3, the protocol of the paper's text")
    }

    val paper = "arXiv 2602.10496"
    claim(
        "W_V and W_O are lower-dimensional than W_Q and W_K",
        source = "$paper, 4.1",
        published = "V, O 3.8 to 2.6; Q, K 6.1 to 4.1",
    ) {
        (runs.of(main).mean(spectrum.r90Interpolated, of = V + O) isBelow
                runs.of(main).mean(spectrum.r90Interpolated, of = Q + K) by
                .5)
            .published(1.5..2.3)
            .below(uncorrelatedWalk)
            .below(driftPlusNoise)
            .provided(trained(runs.of(main), accuracy))
    }
    claim("The dimension is stable over seeds", source = "$paper, 4.2", published = "stable") {
        runs.of(main).deviationOverSeeds(spectrum.r90Interpolated) isAtMost .1
    }
    claim(
        "The orientation is not: subspaces of two seeds overlap at most twice as much as at chance",
        source = "$paper, 4.2",
        published = "differs by seed",
    ) {
        orientation.overChance() isAtMost 2.0
    }
    // A task of more markers is learned later: each path is cut where its run has learned its own.
    fun whenLearned(task: Task) = runs.of(task).mean(spectrum.r90Interpolated, upTo = runs.of(task).stepsTo(accuracy))
    claim(
        "The dimension stays as the number of markers grows, at matched learning",
        source = "$paper, 4.1",
        published = "stable up to m = 6",
    ) {
        (whenLearned(most) isLike whenLearned(fewest) within 1.0)
            .below(uncorrelatedWalk)
            .provided(trained(runs, accuracy))
    }
    claim("The protocol of the paper's text learns the task", source = "$paper, 3", published = "plain SGD at 1e-3") {
        (paperText.finalAccuracy(accuracy) isAtLeast .95).provided(profile.publishedSteps)
    }
}
