#!/usr/bin/env kotlin
@file:Import("../scripts/lab.main.kts")

import holonomy.dsl.*
import holonomy.study.markers.*
import holonomy.task.MarkedTask.Placement

experiment(
    "curvature",
    study = study,
    question = "How sharp is the loss along a training, and how much of a step lies in its few sharpest directions?",
) {
    // A training as the others, small enough at quick that its curvature costs seconds; any batch is a fair sample.
    val small = choose(quick = profile.copy(layers = 2, width = 32, batch = 32), standard = profile, paper = profile)
    val task = small.markedSum(placement = Placement.PER_SEQUENCE)
    val moments = choose(quick = 6, standard = 15, paper = 21)
    val accuracy = accuracy(small.evaluations, small.heldOut)
    val pairs =
        commutators(
            moments,
            small.snapshots,
            pairs = choose(quick = 4, standard = 9, paper = 9),
            variantPairs = 0,
            chosenPairs = 0,
        )
    // As many directions as classes, as published.
    val top =
        curvature(
            moments,
            eigenvalues = small.classes,
            batches = choose(quick = 1, standard = 3, paper = 3),
            products = choose(quick = 20, standard = 60, paper = 60),
            of = listOf(CurvatureMatrix.HESSIAN),
        )
    val runs =
        train(small.attentionOnly, on = listOf(task), seeds = small.seeds) {
            measure(accuracy, pairs, top)
            snapshot(everyWeight, small.snapshots)
        }
    val onGrid = choose(quick = 15, standard = 31, paper = 31)
    val planeBatches = choose(quick = 4, standard = 8, paper = 8)
    val planes = lossPlanes(runs, small.snapshots, planeBatches, onGrid)
    val sharpestPlanes =
        lossPlanes(
            runs,
            small.snapshots,
            planeBatches,
            onGrid,
            along = componentAndSharpest(products = choose(quick = 20, standard = 60, paper = 60)),
        )

    // Whether learning happens there: steps held to the top space, and without their part in it, while most is learned.
    val span = small.steps / choose(quick = 4, standard = 20, paper = 40)
    val anew = maxOf(1, span / 10)
    val losses = accuracy(choose(quick = 6, standard = 11, paper = 11), small.heldOut)
    val sharpest =
        topOfHessian(
            small.classes,
            every = anew,
            batches = choose(quick = 2, standard = 2, paper = 4),
            products = choose(quick = 10, standard = 20, paper = 20),
        )
    val any = randomDirections(small.classes, every = anew)
    val whole = fork(runs, at = span, steps = span, optimiser = kept, name = "the whole step") { measure(losses) }
    val (held, without) = suppressStepOutside(sharpest, 1.0, from = 0) to removeStepInside(sharpest, 1.0, from = 0)
    val (heldAtRandom, withoutRandom) = suppressStepOutside(any, 1.0, from = 0) to removeStepInside(any, 1.0, from = 0)
    val parts = intervene(whole, listOf(held, without, heldAtRandom, withoutRandom)) { measure(losses) }

    // Anchors that are known: a plateau at the edge of stability, on a set whose loss can't reach 0. A pilot on seed 1
    // chose the rates: they are judged on others.
    val unseen = profile.seeds.map { it + 10 }
    val looks = choose(quick = 7, standard = 21, paper = 41)
    val steps = choose(quick = 6 * profile.steps, standard = profile.steps, paper = profile.steps)
    val products = choose(quick = 10, standard = 30, paper = 30)
    val sharpness = curvature(looks, eigenvalues = 1, products = products, of = listOf(CurvatureMatrix.HESSIAN))
    val preconditioned =
        curvature(looks, eigenvalues = 1, products = products, of = listOf(CurvatureMatrix.PRECONDITIONED))
    val loss = accuracy(looks, heldOut = 128)
    val (slow, fast) =
        listOf(.1, .2).map { rate ->
            train(profile.descent(rate, steps), on = listOf(profile.fixedSet), seeds = unseen) {
                measure(loss, sharpness)
            }
        }
    val adam =
        train(profile.fullBatchAdam(.005, steps / 3), on = listOf(profile.fixedSet), seeds = unseen) {
            measure(loss, preconditioned)
        }

    // Its temperature needs a training set of known size, which these have.
    val coefficients =
        learningCoefficients(
            slow,
            localisation = 100.0,
            step = 5e-4,
            chains = choose(quick = 2, standard = 4, paper = 4),
            burnIn = choose(quick = 200, standard = 1_000, paper = 1_000),
            draws = choose(quick = 800, standard = 4_000, paper = 4_000),
        )

    figure("accuracy") { accuracyOverSteps(runs, accuracy) }
    figure("curvature") { curvatureOverSteps(runs, top, pairs) }
    figure("top-space") { topSpaceOverSteps(runs, top, caption = "k is the number of classes, ${small.classes}.") }
    figure("top-space-training") {
        lossOverSteps(
            whole + parts,
            losses,
            title = "Loss on new sequences, trained by a part of the step",
            caption = "The directions are found anew every $anew steps.",
        )
    }
    figure("loss-plane") { lossPlane(planes) }
    figure("loss-plane-sharpest") { lossPlane(sharpestPlanes) }
    figure("off-plane") { offPlaneOverSteps(planes, sharpestPlanes) }
    figure("edge-loss") { accuracyOverSteps(slow, loss, title = "Gradient descent at rate .1, loss stays above 0") }
    figure("edge-descent") { edgeOverSteps(slow + fast, sharpness, caption = "The edge: 2/eta.") }
    figure("edge-adam") {
        edgeOverSteps(adam, preconditioned, caption = "Of P^-1 H; the edge: 38/eta.")
            .with(title = "Largest preconditioned eigenvalue over Adam's edge of stability")
    }
    figure("learning-coefficient") { learningCoefficient(coefficients, caption = "Gradient descent at rate .1.") }

    val (descent, adaptive) = "arXiv 2103.00065" to "arXiv 2207.14484"
    claim("Gradient descent comes to its edge of stability, 2/eta", source = descent, published = "just above 2/eta") {
        (slow.overEdge(sharpness) isAtLeast .9).published(1.0..1.2)
    }
    claim("The rate sets the sharpness: half of it, twice as sharp", source = descent, published = "2/eta") {
        (slow.sharpness(sharpness) isAbove fast.sharpness(sharpness) byFactor 1.5).published(1.8..2.2)
    }
    claim("Adam comes to its own edge, 38/eta of P^-1 H", source = adaptive, published = "38/eta") {
        (adam.overEdge(preconditioned) isAtLeast .9).published(.95..1.05)
    }
    claim("Most of a gradient lies in the top space", source = "arXiv 1812.04754", published = "most, k = classes") {
        (runs.gradientInTopSpace(top) isAtLeast .5).above(runs.topSpaceByChance(top), name = "k/d")
    }
    claim("Less of the optimiser's step does", source = "ours", published = "not stated") {
        runs.stepInTopSpace(top) isBelow runs.gradientInTopSpace(top) byFactor 1.5
    }
    // A twentieth of a nat either way; the whole step is to learn six times as much.
    val something = { learning(whole, losses, atLeast = .3) }
    fun learned(by: Runs) = by.lossFall(losses)
    val dominant = "arXiv 2405.16002"
    claim(
        "While most is learned, steps held to the top space teach nothing",
        source = dominant,
        published = "loss doesn't fall",
    ) {
        (learned(parts.of(held)) isLike 0.0 within .05).provided(something())
    }
    claim(
        "Without their part in it they teach as much as the whole step then",
        source = dominant,
        published = "as SGD",
    ) {
        (learned(parts.of(without)) isLike learned(whole) within .05).provided(something())
    }
    claim("Held to as many random directions they teach nothing then", source = "ours", published = "not controlled") {
        (learned(parts.of(heldAtRandom)) isLike 0.0 within .05).provided(something())
    }
    claim("Without as many random directions they teach as much then", source = "ours", published = "not controlled") {
        (learned(parts.of(withoutRandom)) isLike learned(whole) within .05).provided(something())
    }
    claim("The commutator defect goes as lambda_1 / |g|", source = "ours", published = "not controlled") {
        runs.defectAsCurvature(pairs, top) isAtLeast .7
    }
    claim("Curvature tells more of it than 1 / |g| alone", source = "ours", published = "not controlled") {
        runs.defectAsCurvature(pairs, top) isAbove runs.defectAsGradient(pairs, top) by .1
    }
    claim(
        "A path lies nearer to a plane than a walk of its steps' lengths",
        source = "ours",
        published = "not stated",
    ) {
        planes.off() isBelow planes.offByWalk() by .05
    }
}
