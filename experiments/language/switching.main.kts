#!/usr/bin/env kotlin
@file:Import("../../scripts/language-lab.main.kts")

import holonomy.dsl.*
import holonomy.study.language.*

experiment(
    "language-switching",
    study = study,
    question = "Does retrieval oscillate, do the weights go somewhere while it does, and do text and probe compete?",
) {
    val main = choose(quick = profile.lasting(.3), standard = profile, paper = profile)
    val seeds = choose(quick = profile.seeds.take(2), standard = profile.seeds, paper = profile.seeds)
    val accuracy = accuracy(profile.snapshots, profile.heldOut)
    val backbone = backbone(profile.snapshots)
    val distant = "long gap, random ids"
    val states = 6
    val lens = logitLens(states, distant, sequences = choose(quick = 100, standard = 500, paper = 500))
    val runs =
        train(main.language, on = listOf(stories), seeds = seeds) {
            measure(accuracy, backbone, lens)
            snapshot(everyWeight, states)
        }

    val there = accuracy.on(distant)
    val text = accuracy.on("validation")
    val switches = switches(runs, there, backbone)
    val competition = competition(runs, states, batches = choose(quick = 8, standard = 32, paper = 32))

    figure("retrieval") {
        accuracyByArm(runs, accuracy, listOf(distant, "long gap, text"), title = "Far retrieval at each evaluation")
    }
    figure("switches") {
        switchesInOrder(
            switches,
            listOf(Switch.BACKBONE, Switch.GAIN),
            title = "Each switch beside the backbone, and whether steps along it raise retrieval at other times",
        )
    }
    figure("competition") {
        competitionOverSteps(
            competition,
            title = "Do the probe's gradient and the text's pull the same way?",
            caption = "A point: one batch. Of two batches: what noise leaves of a cosine of 1.",
        )
    }
    figure("lens") {
        lensOverSteps(
            runs,
            lens,
            title = "What the model would answer after each layer, and what each adds to the right logit",
            caption = "Parts of the logit in nats, above the mean over all tokens.",
        )
    }

    // Margins: one peak of a count; half of what is published; .1 of a correlation; .05 of a cosine.
    val paper = "arXiv 2602.23696"
    claim("Retrieval oscillates by more peaks of .03 than noise on one rise and fall", paper, "no null for noise") {
        (runs.peaks(there, least = .03) isAtLeast 3.0).above(
            runs.peaksOfNoise(there, least = .03),
            by = 1.0,
            name = "one rise and fall, binomial noise",
        )
    }
    claim("And by peaks above an evaluation's noise", "ours", "tiers of 2 and 3 sd, noise not doubled") {
        (runs.peaks(there, least = there.aboveNoise) isAtLeast 3.0).above(
            runs.peaksOfNoise(there, least = there.aboveNoise),
            by = 1.0,
            name = "one rise and fall, binomial noise",
        )
    }
    // Published of single blocks and one early switch a seed; of the whole and of all switches no size is known.
    claim("Switches lie to the backbone more than a walk's", "ours", "|cos| .20 to .31 of blocks; walk .03 to .28") {
        (switches.mean(Switch.BACKBONE) isAbove 0.0 by .03).above(noiseWalk, by = .03).above(otherTimes, by = .03)
    }
    claim("Steps along a switch raise retrieval outside its time, too", paper, "correlations .49, -.75, -.76 within") {
        (switches.mean(Switch.GAIN) isAbove 0.0 by .1).above(otherTimes, by = .1)
    }
    claim("Losses on probe and text rise against each other", paper, "a scatter of the probe's own fillers") {
        runs.lossCorrelation(text, there) isBelow 0.0 by .1
    }
    claim("So do their changes", "ours", "not given") { runs.lossCorrelationOfChanges(text, there) isBelow 0.0 by .1 }
    claim("The probe's gradient opposes the text's in the second half", paper, "cosines of .01 to .05, as strife") {
        competition.cosine(from = .5) isBelow 0.0 by .05
    }
    claim("They hardly meet: a cosine of 0 within .05", "ours", ".01 to .05 at beta2 .8 to .99") {
        competition.cosine(from = .5) isLike 0.0 within .05
    }
    claim("Not for noise: the probe's own gradients on two batches are alike", "ours", "not controlled") {
        competition.probeWithItself(from = .5) isAbove competition.cosine(from = .5) by .1
    }
    claim("The last layer writes most of the codeword's logit", "ours", "a figure without numbers") {
        (runs.shareOfLogit(profile.layers - 1, lens) isAtLeast .5).provided(reached(runs, there, atLeast = .5))
    }
}
