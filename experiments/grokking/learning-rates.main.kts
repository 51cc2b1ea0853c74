#!/usr/bin/env kotlin
@file:Import("../../scripts/grokking-lab.main.kts")

import holonomy.dsl.*
import holonomy.dsl.CosineNull.SIGNS
import holonomy.dsl.CosineNull.UNIFORM
import holonomy.study.grokking.*

experiment(
    "grokking-learning-rates",
    study = study,
    question =
        "Does the learning rate set when a network groks, how far steps are from commuting, " +
            "and how long one warns of the other?",
) {
    val accuracy = pairAccuracy(profile.evaluations)
    val defects =
        commutators(
            moments,
            profile.snapshots,
            pairs = choose(quick = 2, standard = 5, paper = 9),
            variantPairs = 0,
            chosenPairs = 0,
            directions = 2,
        )
    val along = converse(moments, moments, pairs = choose(quick = 2, standard = 5, paper = 12))

    // Slower runs get more steps.
    val base = profile.learningRate
    val rates =
        choose(
            quick = listOf(lowerRate, base),
            standard = listOf(lowerRate, base),
            paper = listOf(base / 10, base / 3, base, 3 * base, 10 * base),
        )
    val rate = axis("learning rate", rates)
    val operation = axis("operation", choose(quick = listOf(sum), standard = listOf(sum), paper = listOf(sum, cubic)))
    val runs =
        train(
            sweep(operation, rate),
            model = { profile.encoderAt(it[rate]) },
            on = { it[operation] },
            seeds = profile.seeds,
        ) {
            measure(accuracy, defects, along)
        }
    val sums = runs.of(sum)
    val control =
        train(sweep(rate), model = { profile.encoderAt(it[rate]) }, on = { cubic }, seeds = profile.seeds) {
            measure(accuracy)
        }
    val published = defectOnset(defects, publishedForm)
    val trivial = trivialDetectors(accuracy)
    val trainReached = trainAccuracyReached(accuracy)

    figure("figurePD-grok-share") { grokShareMap(runs + control, rate, accuracy) }
    figure("figurePD-grok-step") { grokStepMap(runs + control, rate, accuracy) }
    figure("figurePD-largest-defect") { largestDefectMap(runs, rate, defects, accuracy, publishedForm) }
    figure("figurePD-largest-defect-exact") { largestDefectMap(runs, rate, defects, accuracy, ourForm) }
    figure("figurePD4-phase-portrait") { phasePortrait(sums, defects, along, rate) }
    figure("figureO-along-commutators") { alongCommutatorsOverSteps(sums.of(rate, base), along) }
    figure("onset-against-grokking") { onsetAgainstGrokking(sums, rate, listOf(published) + trivial, accuracy) }

    val paper = "arXiv 2602.16746, learning rates"
    val slow = sums.of(rate, rates.min())
    val fast = sums.of(rate, base)
    claim("A smaller rate groks later", source = paper, published = "10 times later at a tenth") {
        (slow.relativeDelay(fast, accuracy) isAbove 0.0 by .1).provided(grokked(fast, accuracy))
    }
    claim("Addition groks at every rate tried", source = paper, published = "at three rates of three") {
        least(rates.map { sums.of(rate, it).groks(accuracy) }) isAtLeast .5
    }
    claim("At no other rate tried does a^3 + ab grok", source = paper, published = "at none of three") {
        most((rates - base).map { control.of(rate, it).groks(accuracy) }) isAtMost .5
    }
    claim("The largest defect (as published) grows as the rate falls", source = paper, published = "30 to 11148") {
        slow.largestDefect(defects, accuracy, publishedForm) isAbove
            fast.largestDefect(defects, accuracy, publishedForm) byFactor
            1.5
    }
    claim("So does the true one", source = "ours", published = "not measured") {
        slow.largestDefect(defects, accuracy, ourForm) isAbove
            fast.largestDefect(defects, accuracy, ourForm) byFactor
            1.5
    }
    claim(
        "At the largest rate (0.01 as published) the onset comes no earlier than generalisation",
        source = paper,
        published = "it follows, by up to 3100 steps",
    ) {
        (sums.of(rate, rates.max()).lead(published, accuracy) isAtMost 100.0).provided(
            reaches(rate, 10 * profile.learningRate)
        )
    }
    claim("The lead grows faster than the grok step", source = paper, published = "exponent 1.27 to 1.3") {
        (sums.leadExponent(rate, published, accuracy) isAbove 1.0 by .1).published(0.2..0.4)
    }
    claim("Because the onset hardly depends on it", source = "ours", published = "not regressed; about .16") {
        sums.onsetExponent(rate, published, accuracy) isAtMost .5
    }
    claim("So it is for train accuracy .99, a detector without geometry", source = "ours", published = "not compared") {
        sums.onsetExponent(rate, trainReached, accuracy) isAtMost .5
    }
    claim(
        "The path runs along commutators no more than a random vector",
        source = paper,
        published = "ratio .1 to 2.5",
    ) {
        fast.alongCommutators(along, UNIFORM) isAtMost 2.5
    }
    claim("Nor more than itself with random signs", source = "ours", published = "not controlled") {
        fast.alongCommutators(along, SIGNS) isAtMost 1.5
    }
    claim("Nor does its gradient part", source = "ours", published = "not controlled") {
        fast.alongCommutators(along, SIGNS, gradientDisplacement) isAtMost 1.5
    }
    claim(
        "A larger rate moves more along commutators",
        source = paper,
        published = "ratio .1 to .9 at 1e-4, 1.3 to 2.1 at 1e-2",
    ) {
        fast.alongCommutators(along, UNIFORM) isAbove slow.alongCommutators(along, UNIFORM) byFactor 1.5
    }
}
