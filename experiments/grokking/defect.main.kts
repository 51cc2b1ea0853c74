#!/usr/bin/env kotlin
@file:Import("../../scripts/grokking-lab.main.kts")

import holonomy.dsl.*
import holonomy.dsl.BasisKind.SINGULAR_DIRECTIONS
import holonomy.dsl.ShareNull.BLOCK_MATCHED
import holonomy.dsl.ShareNull.ISOTROPIC
import holonomy.study.grokking.*

experiment(
    "grokking-defect",
    study = study,
    question = "Do steps stop commuting before a network generalises, or when its gradients vanish?",
) {
    val accuracy = pairAccuracy(profile.evaluations)
    val many = choose(quick = 8, standard = 16, paper = 32)
    fun commutators(directions: Int) =
        commutators(
            moments,
            profile.snapshots,
            pairs = choose(quick = 2, standard = 5, paper = 9),
            variantPairs = 0,
            chosenPairs = 0,
            directions = directions,
        )
    val pairs = commutators(directions = 2)
    val wider = commutators(directions = many)

    val runs = train(profile.encoder, on = operations, seeds = profile.seeds) { measure(accuracy, pairs) }
    val sums = train(profile.encoder, on = listOf(sum), seeds = profile.seeds) { measure(accuracy, pairs, wider) }

    val seeds = otherSeeds(sums, pairs)

    val published = defectOnset(pairs, publishedForm)
    val exact = defectOnset(pairs, ourForm, least = 0.0)
    val trivial = trivialDetectors(accuracy)
    val trainReached = trainAccuracyReached(accuracy)

    figure("figureW-defect") { defectByOperation(runs, pairs) }
    figure("defect-against-gradient") { defectAgainstGradient(sums, pairs) }
    figure("fired") { firedByDetector(operations.map { runs.of(it) }, listOf(published, exact) + trivial) }
    figure("figureX-lead") { leadByDetector(sums, listOf(published, exact) + trivial, accuracy) }
    figure("figureK-share") { shareOverSteps(sums, pairs) }
    figure("figureC5-share-over-chance") { shareOverChance(sums, pairs, unusedWeights = false) }
    figure("figureC3-directions") { shareByDirections(sums, listOf(pairs, wider), accuracy) }
    figure("figureC1-bases") { shareByBasis(sums, pairs) }
    figure("other-seeds") { shareByOwner(seeds) }

    val paper = "arXiv 2602.16746"
    val groks = { grokked(sums, accuracy) }
    claim("The published defect at step 0 is ten times the true one", source = "ours", published = "2.4 against .22") {
        (sums.firstDefect(pairs, publishedForm) over sums.firstDefect(pairs, ourForm) isWithin 5.0..20.0).provided(
            profile.publishedEncoder
        )
    }
    claim(
        "The defect (as published) is 10 to 1000 times larger where the network groks",
        source = "$paper, commutators",
        published = "10 to 1000",
    ) {
        (sums.largestDefect(pairs, accuracy, publishedForm) isAbove
                runs.of(cubic).largestDefect(pairs, accuracy, publishedForm) byFactor
                10.0)
            .published(10.0..1000.0)
            .provided(groks())
            .provided(profile.publishedEncoder)
    }
    claim(
        "So it is before the test set is half right, over the same steps of both (as published)",
        source = "ours",
        published = "not controlled",
    ) {
        (sums.largestDefect(pairs, accuracy, publishedForm, before = sums) over
                runs.of(cubic).largestDefect(pairs, accuracy, publishedForm, before = sums) isAtLeast
                10.0)
            .provided(groks())
            .provided(profile.publishedEncoder)
    }
    claim("The true defect is ten times larger where the network groks", source = "ours", published = "not measured") {
        (sums.largestDefect(pairs, accuracy, ourForm) over
                runs.of(cubic).largestDefect(pairs, accuracy, ourForm) isAtLeast
                10.0)
            .provided(groks())
            .provided(profile.publishedEncoder)
    }
    claim("The defect grows at matched gradient norm", source = "ours", published = "not controlled") {
        sums.defectTrendAtMatchedGradient(pairs) isAbove 0.0 by .1
    }
    claim(
        "The published onset precedes test accuracy .90 in every operation that groks",
        source = "$paper, onset",
        published = "12 of 12, by 600 to 1600 steps",
    ) {
        (least(grokking.map { runs.of(it).lead(published, accuracy) }) isAbove 0.0 by 100.0)
            .published(600.0..1600.0)
            .provided(groks())
    }
    claim(
        "The published onset does not fire where the network doesn't grok",
        source = "ours",
        published = "fires in 6 of 6",
    ) {
        runs.of(cubic).fired(published) isAtMost .5
    }
    claim(
        "The published onset leads by more than train accuracy .99 does",
        source = "ours",
        published = "not compared",
    ) {
        (sums.lead(published, accuracy) isAbove sums.lead(trainReached, accuracy) by 100.0).provided(groks())
    }
    claim(
        "Train accuracy .99 is reached where the network doesn't grok, too",
        source = "ours",
        published = "not compared",
    ) {
        runs.of(cubic).fired(trainReached) isAtLeast .5
    }
    claim(
        "Less of the commutator lies in the path's directions than of a block-matched random one",
        source = "$paper, rho",
        published = "rho = 1.000 in 36 of 36",
    ) {
        sums.ratio(pairs, BLOCK_MATCHED) isBelow 1.0 byFactor 1.1
    }
    claim(
        "In memorisation the weights' singular directions hold 1.8 to 2.9 times a random subspace's share",
        source = "$paper, random control",
        published = "1.8 to 2.9; 3 directions",
    ) {
        (sums.ratioInMemorisation(pairs, accuracy, ISOTROPIC, SINGULAR_DIRECTIONS) isWithin 1.8..2.9).provided(
            profile.publishedEncoder
        )
    }
    claim("They hold more than a random subspace of the same blocks", source = "ours", published = "not controlled") {
        sums.ratioInMemorisation(pairs, accuracy, BLOCK_MATCHED, SINGULAR_DIRECTIONS) isAbove 1.0 byFactor 1.1
    }
    claim(
        "$many of the weights' singular directions a matrix hold as many times a random subspace's share as 2 do",
        source = "$paper, random control",
        published = "stable from 1 to 32",
    ) {
        val narrow = sums.ratioInMemorisation(pairs, accuracy, ISOTROPIC, SINGULAR_DIRECTIONS)
        val wide = sums.ratioInMemorisation(wider, accuracy, ISOTROPIC, SINGULAR_DIRECTIONS)
        (wide isLike narrow withinFactor 1.25).provided(profile.publishedEncoder)
    }
    claim(
        "The path is the run's own: other seeds' paths hold less of the commutator",
        source = "ours",
        published = "not controlled",
    ) {
        seeds.ownShare() isAbove seeds.otherShare() byFactor 1.25
    }
}
