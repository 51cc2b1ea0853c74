#!/usr/bin/env kotlin
@file:Import("../../scripts/grokking-lab.main.kts")

import holonomy.dsl.*
import holonomy.dsl.PathOf.NEXT_SEED
import holonomy.study.grokking.*

experiment(
    "grokking-interventions",
    study = study,
    question = "Is the path's subspace, or motion out of it, what a network needs to generalise?",
) {
    val start = profile.steps / choose(quick = 4, standard = 9, paper = 20) // after memorisation, before generalisation

    // An arm may take twice as long as the plain run could; one that has grokked is done.
    val patience = choose(quick = 1, standard = 2, paper = 1)
    val longer = profile.copy(steps = patience * profile.steps)
    val snapshots = patience * (profile.snapshots - 1) + 1
    val accuracy = pairAccuracy((longer.steps / 10).toInt() + 1) // every 10 steps: a delay is known to 10

    val plain =
        train(longer.encoder.untilGrokked, on = listOf(sum), seeds = profile.seeds) {
            measure(accuracy)
            snapshot(attention, snapshots)
        }

    val own = plain.pathDirections(snapshots) // as published: from the whole path, its future included
    val past = plain.pathDirections(snapshots, until = start)
    val other = plain.pathDirections(snapshots, whose = NEXT_SEED)
    val ambient = randomDirections(8 * profile.layers)
    val inBlocks = randomDirections(2, inBlocksOf = attention)

    // The gradient held to directions, as published. All of it (s = 1) erases the network in any directions.
    val all = 1.0
    val most = choose(quick = .5, standard = .75, paper = .75)
    val some = choose(quick = listOf(.5), standard = listOf(.5, .75), paper = listOf(.25, .5, .75))
    val heldToPath = dosed(some + all) { suppressOutside(own, s = it, from = start) }
    val heldAtRandom = dosed(some) { suppressOutside(ambient, s = it, from = start) }
    val sameShare = matchShare(inBlocks, like = own, s = most, from = start)
    val asPublished = heldToPath + heldAtRandom + sameShare

    // The optimiser's own step held to directions, or taken without them, in attention's blocks alone.
    val part = choose(quick = all, standard = most, paper = most)
    fun stepHeldTo(to: Directions) =
        dosed(listOf(part, all).distinct()) { suppressStepOutside(to, s = it, from = start) }
    fun stepWithout(inside: Directions) = removeStepInside(inside, s = all, from = start)
    val held =
        choose(
            quick = listOf(past, inBlocks),
            standard = listOf(past, inBlocks),
            paper = listOf(own, past, other, inBlocks),
        )
    val removed =
        choose(quick = listOf(past, other), standard = listOf(past, other), paper = listOf(own, past, other, inBlocks))
    val stepsHeld = held.flatMap { stepHeldTo(it) }

    // What the removals are to be read beside: attention that stays where it is from that step on.
    val frozen = freeze(attention, from = start)

    // A network without MLPs must do with its attention; it memorises and groks later.
    val bare = longer.copy(steps = 2 * longer.steps).attentionEncoder.untilGrokked
    val later = 4 * start
    val bareSnapshots = 2 * (snapshots - 1) + 1
    val bareAccuracy = pairAccuracy((2 * longer.steps / 10).toInt() + 1)
    val barePlain =
        train(bare, on = listOf(sum), seeds = profile.seeds) {
            measure(bareAccuracy)
            snapshot(attention, bareSnapshots)
        }
    val bareFrozen = freeze(attention, from = later)
    val barePast = removeStepInside(barePlain.pathDirections(bareSnapshots, until = later), s = all, from = later)
    val bareOther = removeStepInside(barePlain.pathDirections(bareSnapshots, whose = NEXT_SEED), s = all, from = later)
    val bareArms = intervene(barePlain, listOf(bareFrozen, barePast, bareOther)) { measure(bareAccuracy) }

    val alongCommutators = kickAlongCommutator(own, 100.0, from = start, every = 50)
    val atRandom = kickAtRandom(own, 100.0, from = start, every = 50)
    val once =
        listOf(
            kickAlongCommutator(own, 10.0, from = start),
            kickAtRandom(own, 10.0, from = start),
            noise(own, .1, from = start, every = 50),
        )
    val kicks = listOf(alongCommutators, atRandom) + choose(quick = listOf(), standard = listOf(), paper = once)

    val removalsAndKicks = removed.map { stepWithout(it) } + frozen + kicks
    val arms = intervene(plain, asPublished + stepsHeld + removalsAndKicks) { measure(accuracy) }

    figure("figureI6-delay-as-published") { delayByStrength(plain, arms, asPublished, accuracy) }
    figure("figureI7-train-accuracy") {
        trainAccuracyByStrength(plain, arms, heldToPath + heldAtRandom + stepsHeld, accuracy)
    }
    figure("delay-right-arms") {
        delayByStrength(plain, arms, stepsHeld, accuracy, "How much later runs generalise, attention's own steps held")
    }
    figure("delay-removals-and-kicks") { delayByAct(plain, arms, removalsAndKicks, accuracy) }
    figure("delay-without-mlps") {
        delayByAct(barePlain, bareArms, listOf(bareFrozen, barePast, bareOther), bareAccuracy)
            .with(title = "How much later networks without MLPs generalise")
    }
    figure("not-yet-grokked") {
        notYetGrokked(
            plain + arms.of(heldToPath[most]) + arms.of(stepHeldTo(past)[part]) + arms.of(stepWithout(past)),
            accuracy,
        )
    }

    val paper = "arXiv 2602.16746, interventions"
    val groks = { grokked(plain, accuracy) }
    val fully = arms.of(heldToPath[all])
    claim("Held to the path's directions (s = 1), no network groks", source = paper, published = "0 of 12") {
        (fully.groks(accuracy) isAtMost .5).provided(groks())
    }
    claim(
        "It no longer knows its training pairs either: the projection erases it",
        source = "ours",
        published = "not shown",
    ) {
        (fully.finalTrainAccuracy(accuracy) isAtMost .5).provided(groks())
    }
    claim("Held halfway (s = .5) it groks later", source = paper, published = "by 0 to 11 %") {
        (arms.of(heldToPath[.5]).relativeDelay(plain, accuracy) isAbove 0.0 by .02)
            .published(0.0..0.11)
            .provided(groks())
            .provided(profile.publishedEncoder)
    }
    claim("The more it is held, the later it groks", source = paper, published = "monotone in s") {
        val less = arms.of(heldToPath[choose(quick = .5, standard = .5, paper = .25)])
        val more = arms.of(heldToPath[choose(quick = all, standard = .75, paper = .5)])
        (more.relativeDelay(plain, accuracy) isAbove less.relativeDelay(plain, accuracy) by .1)
            .provided(decided(more, less, accuracy))
            .provided(groks())
    }
    claim("Held as much to random directions it doesn't", source = paper, published = "harmless up to s = .75") {
        (arms.of(heldAtRandom[most]).relativeDelay(plain, accuracy) isLike 0.0 within .1)
            .provided(groks())
            .provided(profile.publishedEncoder)
    }
    claim(
        "Given the same share of the gradient, random directions of its blocks delay less than the path's",
        source = "ours",
        published = "not controlled",
    ) {
        val path = arms.of(heldToPath[most])
        val random = arms.of(sameShare)
        (path.relativeDelay(plain, accuracy) isAbove random.relativeDelay(plain, accuracy) by .1)
            .provided(decided(path, random, accuracy))
            .provided(groks())
    }
    claim(
        "Attention's steps held to its early path delay more than held to random directions of its blocks",
        source = "ours",
        published = "not controlled",
    ) {
        val early = arms.of(stepHeldTo(past)[all])
        val random = arms.of(stepHeldTo(inBlocks)[all])
        (early.relativeDelay(plain, accuracy) isAbove random.relativeDelay(plain, accuracy) by .1)
            .provided(decided(early, random, accuracy))
            .provided(groks())
    }
    claim(
        "Frozen outright from that step on, attention costs a network a quarter of its time to grok",
        source = "ours",
        published = "not tested",
    ) {
        (arms.of(frozen).relativeDelay(plain, accuracy) isAbove 0.0 by .25).provided(groks())
    }
    claim(
        "Its attention's early directions are not needed: without motion along them it groks as soon, within a tenth",
        source = paper,
        published = "necessary; not tested",
    ) {
        (arms.of(stepWithout(past)).relativeDelay(plain, accuracy) isLike 0.0 within .1)
            .provided(groks())
            .provided(delays(arms.of(frozen), plain, "attention frozen from there on", accuracy))
    }
    claim(
        "Frozen outright, the attention of a network without MLPs costs a quarter of its time to grok",
        source = "ours",
        published = "not tested",
    ) {
        (bareArms.of(bareFrozen).relativeDelay(barePlain, bareAccuracy) isAbove 0.0 by .25).provided(
            grokked(barePlain, bareAccuracy)
        )
    }
    claim(
        "Nor are they needed there: without motion along them it groks as soon, within a tenth",
        source = "ours",
        published = "not tested",
    ) {
        (bareArms.of(barePast).relativeDelay(barePlain, bareAccuracy) isLike 0.0 within .1)
            .provided(grokked(barePlain, bareAccuracy))
            .provided(delays(bareArms.of(bareFrozen), barePlain, "attention frozen from there on", bareAccuracy))
    }
    claim(
        "There it groks later without motion along its own early path than along another seed's path",
        source = "ours",
        published = "not controlled",
    ) {
        val early = bareArms.of(barePast).relativeDelay(barePlain, bareAccuracy)
        val others = bareArms.of(bareOther).relativeDelay(barePlain, bareAccuracy)
        (early isAbove others by .1)
            .provided(grokked(barePlain, bareAccuracy))
            .provided(decided(bareArms.of(barePast), bareArms.of(bareOther), bareAccuracy))
    }
    claim(
        "Repeated kicks along commutators change the grok step by less than 10 %",
        source = paper,
        published = "27 of 27 grok, within 3 %",
    ) {
        (arms.of(alongCommutators).relativeDelay(plain, accuracy) isLike 0.0 within .1)
            .provided(groks())
            .provided(profile.publishedEncoder)
    }
    claim(
        "They delay as much as random kicks of the same length, within 10 %",
        source = "ours",
        published = "other lengths",
    ) {
        val along = arms.of(alongCommutators)
        val random = arms.of(atRandom)
        (along.relativeDelay(plain, accuracy) isLike random.relativeDelay(plain, accuracy) within .1)
            .provided(decided(along, random, accuracy))
            .provided(groks())
    }
}
