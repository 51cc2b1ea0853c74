#!/usr/bin/env kotlin
@file:Import("../../scripts/language-lab.main.kts")

import holonomy.dsl.*
import holonomy.study.language.*
import holonomy.train.Training

experiment(
    "language-reheating",
    study = study,
    question = "Does a higher rate at the end bring back what was lost, or is it learned anew?",
) {
    val distant = "long gap, random ids"
    val accuracy = accuracy(profile.evaluations, profile.heldOut)
    val again = accuracy(choose(quick = 11, standard = 21, paper = 21), profile.heldOut)
    val main = train(profile.language, on = listOf(stories), seeds = profile.seeds) { measure(accuracy) }

    fun reheated(name: String, optimiser: Continuation, training: Training? = profile.reheating()) =
        fork(
            main,
            at = profile.steps,
            steps = profile.reheating().steps(),
            optimiser = optimiser,
            training = training,
            name = name,
        ) {
            measure(again)
        }
    // As published: the optimiser fresh, the probe weighing 4, which it does at the end of the training already.
    val full = reheated("reheated", fresh)
    val milder =
        choose(quick = listOf(), standard = listOf(.6, .3), paper = listOf(.6, .3)).map {
            reheated("reheated at $it of the rate", fresh, profile.reheating(rate = it))
        }

    // What it is to be told apart from: the optimiser's memory, a heavier probe, mere steps, and learning it anew.
    val remembering = reheated("optimiser kept", rewarmed)
    val heavier = reheated("probe doubled", fresh, profile.reheating(probe = 8.0))
    val goingOn = reheated("going on", kept, training = null) // at the rate that the training ended with
    val untrained =
        train(
            profile.language.trainedBy(profile.reheating(), "untrained"),
            on = listOf(stories),
            seeds = profile.seeds,
        ) {
            measure(again)
        }

    val arms = milder.fold(full + remembering + heavier + goingOn + untrained) { all, arm -> all + arm }
    figure("before") { accuracyOverSteps(main, accuracy, title = "The trainings that are reheated") }
    figure("reheating") {
        accuracyByArm(
            arms,
            again,
            listOf(distant, "short gap, random ids"),
            title = "Retrieval while a training is reheated",
        )
    }

    val paper = "arXiv 2602.23696"
    val there = again.on(distant)
    val something = { fallen(main, accuracy.on(distant), by = .1) }
    claim("Reheated, far retrieval comes back", source = paper, published = "gains of .49 and .71, the better rates") {
        (full.gain(there) isAbove 0.0 by .1).published(.2..0.75).provided(something())
    }
    claim("It comes back more than by as many steps more", source = "ours", published = "not controlled") {
        (full.gain(there) isAbove goingOn.gain(there) by .1).provided(something())
    }
    claim("The optimiser need not be fresh: the same gain within .1", source = "ours", published = "not controlled") {
        (remembering.gain(there) isLike full.gain(there) within .1).provided(something())
    }
    claim(
        "A heavier probe is not needed: the same gain within .1",
        source = paper,
        published = "'probe weight doubled'",
    ) {
        (heavier.gain(there) isLike full.gain(there) within .1).provided(something())
    }
    claim("It is not learned anew: an untrained network gets less far", source = "ours", published = "not controlled") {
        (full.highestAccuracy(there) isAbove untrained.highestAccuracy(there) by .1).provided(something())
    }
    claim("What came back is lost again", source = paper, published = "from .70 to .22, .78 to .28, .58 to .42") {
        (full.fall(there) isAbove 0.0 by .1).published(.15..0.55).provided(something())
    }
}
