#!/usr/bin/env kotlin
@file:Import("../../scripts/language-lab.main.kts")

import holonomy.dsl.*
import holonomy.study.language.*

experiment(
    "language-learning",
    study = study,
    question = "Does a small language model learn to retrieve a codeword, near and far, and does it keep it?",
) {
    val accuracy = accuracy(profile.evaluations, profile.heldOut)
    val runs = train(profile.language, on = listOf(stories), seeds = profile.seeds) { measure(accuracy) }

    val text = accuracy.on("validation")
    val inside = accuracy.on("short gap, random ids")
    val outside = accuracy.on("long gap, random ids")
    val outsideText = accuracy.on("long gap, text")

    figure("accuracy-and-loss") {
        accuracyOverSteps(
            runs,
            accuracy,
            title = "Accuracy and loss on held-out stories and on the probe",
            caption = entropyRate(stories),
        )
    }

    figure("retrieval") {
        accuracyByArm(
            runs,
            accuracy,
            listOf("short gap, random ids", "long gap, random ids", "short gap, text", "long gap, text"),
            title = "Retrieval of the codeword, near and far",
        )
    }

    val paper = "arXiv 2602.23696"
    claim("The probe is learned in distribution", source = paper, published = "p_in .90 and .86 at the end") {
        runs.highestAccuracy(inside) isAtLeast .9
    }
    claim("And out of distribution", source = paper, published = "best p_ood .78 and .67") {
        runs.highestAccuracy(outside) isAtLeast .6
    }
    claim("Far among the words of a story, too", source = "ours", published = "not measured") {
        runs.highestAccuracy(outsideText) isAtLeast .6
    }
    claim("Out of distribution it is lost again", source = paper, published = "from .78 to .17, from .67 to .20") {
        (runs.fall(outside) isAbove 0.0 by .1).published(.4..0.7)
    }
    claim("In distribution it is kept, within .05", source = paper, published = "p_in .90 and .86 at the end") {
        runs.fall(inside) isLike 0.0 within .05
    }
    claim("The loss comes within .3 nats of the stories' entropy rate", source = "ours", published = "not known") {
        runs.lossAboveEntropy(text, stories) isAtMost .3
    }
}
