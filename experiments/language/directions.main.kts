#!/usr/bin/env kotlin
@file:Import("../../scripts/language-lab.main.kts")

import holonomy.dsl.*
import holonomy.study.language.*

experiment(
    "language-directions",
    study = study,
    question = "What does the loss look like along the path's own directions, and is the way to the probe needed?",
) {
    val main = choose(quick = profile.lasting(.3), standard = profile, paper = profile)
    val seeds = choose(quick = profile.seeds.take(2), standard = profile.seeds, paper = profile.seeds)
    val accuracy = accuracy(choose(quick = 6, standard = 21, paper = 21), profile.heldOut)
    val again = accuracy(choose(quick = 6, standard = 11, paper = 11), profile.heldOut)
    val backbone = backbone(profile.snapshots)
    val states = 6
    val runs =
        train(main.language, on = listOf(stories), seeds = seeds) {
            measure(accuracy, backbone)
            snapshot(everyWeight, states)
        }
    val losses =
        pathLosses(
            runs,
            backbone,
            states,
            sequences = choose(quick = 8, standard = 32, paper = 64),
            draws = choose(quick = 50, standard = 100, paper = 200),
            products = choose(quick = 2, standard = 4, paper = 20),
            sigma = .1,
        )

    // The way between the probe's gradient and the text's, kept out of the gradient as published, and of the step.
    val early = main.steps / choose(quick = 3, standard = 10, paper = 10)
    val span = main.steps / choose(quick = 3, standard = 10, paper = 10)
    val anew = maxOf(1, span / 10)
    val going = fork(runs, at = early, steps = span, optimiser = kept, name = "going on") { measure(again) }
    val apart =
        gradientsApart("probe", "text", count = 3, every = anew, batches = choose(quick = 6, standard = 12, paper = 24))
    val random = randomDirections(3, every = anew)
    val published = suppressInside(apart, s = 1.0, from = 0)
    val meant = removeStepInside(apart, s = 1.0, from = 0)
    val control = removeStepInside(random, s = 1.0, from = 0)
    val arms = intervene(going, listOf(published, meant, control)) { measure(again) }

    figure("quotients") {
        quotientsOverSteps(
            losses,
            title = "Rayleigh quotients of the path's directions over those of random directions",
            caption = "Random directions have the direction's length in each block. Misread: blocks in two orders.",
        )
    }
    figure("pushes-along-backbone") {
        pushesOverSteps(losses, Way.BACKBONE, title = "A block pushed along the backbone by a tenth of its length")
    }
    figure("pushes-ahead") {
        pushesOverSteps(losses, Way.AHEAD, title = "A block pushed along the step ahead by a tenth of its length")
    }
    figure("suppression") {
        lossByArm(
            going + arms,
            again.on("short gap, random ids"),
            title = "The probe's loss with the way to it kept out of the gradient, or of the step",
        )
    }

    val paper = "arXiv 2602.23696, its code"
    // A factor of 2 is what ten draws of a quotient swing by.
    claim("Gradients vary more along the backbone than at random", paper, "1.4, 1.9, 12, 4.8; up to 41; misread") {
        (losses.quotient(Way.BACKBONE, QuotientOf.COVARIANCE) isAbove 1.0 byFactor 2.0).published(1.4..41.0)
    }
    claim("Read in two orders, they vary as at random", "ours", "the published order") {
        losses.quotient(Way.MISREAD, QuotientOf.COVARIANCE) isLike 1.0 withinFactor 2.0
    }
    claim("They vary more along the next step than along the backbone", "ours", "not measured") {
        val ahead = losses.quotient(Way.AHEAD, QuotientOf.COVARIANCE)
        ahead isAbove losses.quotient(Way.BACKBONE, QuotientOf.COVARIANCE) byFactor 2.0
    }
    claim("The loss bends more along the backbone than at random", "ours", "not measured") {
        losses.quotient(Way.BACKBONE, QuotientOf.GAUSS_NEWTON) isAbove 1.0 byFactor 2.0
    }
    // A hundredth of a nat of the probe's loss, block by block: what a tenth of an accuracy comes to over ten blocks.
    claim(
        "Pushed along the step ahead, a block costs the probe more than at random",
        paper,
        "by -.05, no push at all",
    ) {
        losses.push(Way.AHEAD, "probe") isAbove losses.pushAtRandom(Way.AHEAD, "probe") by .01
    }
    claim("Pushed along the backbone it costs as at random", "ours", "not measured") {
        losses.push(Way.BACKBONE, "probe") isLike losses.pushAtRandom(Way.BACKBONE, "probe") within .01
    }
    // A tenth of a nat, of 2.8 to 4.2 for a guess among the codewords.
    val asked = again.on("short gap, random ids")
    val something = { learning(going, asked, atLeast = .3) }
    claim("Kept out of the gradient, the way to the probe is gone all the same", "ours", "code without a result") {
        (arms.of(published).finalLoss(asked) isLike going.finalLoss(asked) within .1).provided(something())
    }
    claim("Kept out of the step, it costs the probe", paper, "code without a result") {
        (arms.of(meant).finalLoss(asked) isAbove going.finalLoss(asked) by .1)
            .above(arms.of(control).finalLoss(asked) - going.finalLoss(asked), by = .1, name = "random directions")
            .provided(something())
    }
    claim("As many random directions kept out of the step cost nothing", "ours", "not controlled") {
        (arms.of(control).finalLoss(asked) isLike going.finalLoss(asked) within .1).provided(something())
    }
}
