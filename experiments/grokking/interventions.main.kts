#!/usr/bin/env kotlin
@file:Import("../../scripts/grokking-lab.main.kts")

import holonomy.dsl.*
import holonomy.dsl.PathOf.NEXT_SEED

experiment("grokking-interventions", question = "Is the path's subspace, or motion out of it, what a network needs to generalise?") {

    val start = profile.steps / choose(quick = 4, standard = 9, paper = 20) // after memorisation, before generalisation

    // An arm may take twice as long as the plain run could; one that has grokked is done.
    val patience = choose(quick = 1, standard = 2, paper = 1)
    val longer = profile.copy(steps = patience * profile.steps)
    val snapshots = patience * (profile.snapshots - 1) + 1
    val accuracy = pairAccuracy(patience * (profile.evaluations - 1) + 1)

    val plain = train(longer.encoder.untilGrokked, on = listOf(sum), seeds = profile.seeds) {
        measure(accuracy)
        snapshot(attention, snapshots)
    }

    val own = plain.pathDirections(snapshots) // as published: from the whole path, its future included
    val past = plain.pathDirections(snapshots, until = start)
    val other = plain.pathDirections(snapshots, whose = NEXT_SEED)
    val ambient = randomDirections(8 * profile.layers)
    val inBlocks = randomDirections(2, inBlocksOf = attention)

    val doses = choose(quick = listOf(.5, 1.0), standard = listOf(.5, .75, 1.0), paper = listOf(.25, .5, .75, 1.0))
    val randomDoses = doses.dropLast(1) // s = 1 erases the network in any directions
    val published = doses.map { suppressOutside(own, it, from = start) } + randomDoses.map { suppressOutside(ambient, it, from = start) }
    val rightArms = choose(quick = listOf(past, inBlocks), standard = listOf(past, inBlocks), paper = listOf(own, past, other, inBlocks))
    val removed = choose(quick = listOf(past, other), standard = listOf(past, other), paper = listOf(own, past, other, inBlocks))
    val matched = doses.dropLast(1).takeLast(1).map { matchShare(inBlocks, like = own, s = it, from = start) } // the same share of the gradient
    val stepsHeldTo = rightArms.associateWith { on -> doses.takeLast(choose(quick = 1, standard = 2, paper = 2)).map { suppressStepOutside(on, it, from = start) } }
    val without = removed.associateWith { removeStepInside(it, 1.0, from = start) }
    val steps = stepsHeldTo.values.flatten()
    val removals = without.values.toList()
    val sustained = listOf(kickAlongCommutator(own, 100.0, from = start, every = 50), kickAtRandom(own, 100.0, from = start, every = 50))
    val once = listOf(kickAlongCommutator(own, 10.0, from = start), kickAtRandom(own, 10.0, from = start), noise(own, .1, from = start, every = 50))
    val kicks = choose(quick = sustained, standard = sustained, paper = sustained + once)
    val acts = published + matched + steps + removals + kicks
    val arms = intervene(plain, acts) { measure(accuracy) }

    figure("figureI6-delay-as-published") { delayByStrength(plain, arms, published + matched, accuracy) }
    figure("figureI7-train-accuracy") { trainAccuracyByStrength(plain, arms, published + steps, accuracy) }
    figure("delay-right-arms") { delayByStrength(plain, arms, steps, accuracy) }
    figure("delay-removals-and-kicks") { delayByAct(plain, arms, removals + kicks, accuracy) }
    figure("not-yet-grokked") { notYetGrokked(plain + arms.of(published[doses.lastIndex - 1]) + arms.of(stepsHeldTo.getValue(past).first()) + arms.of(without.getValue(past)), accuracy) }

    val paper = "arXiv 2602.16746, interventions"
    val groks = { grokked(plain, accuracy) }
    val full = arms.of(published[doses.lastIndex]) // s = 1 on the own path
    val half = published.first { it.strength == .5 }
    claim("Held to the path's directions (s = 1), no network groks", source = paper, published = "0 of 12") {
        (full.groks(accuracy) isAtMost .5).provided(groks())
    }
    claim("It no longer knows its training pairs either: the projection erases it", source = "ours", published = "not shown") {
        (full.finalTrainAccuracy(accuracy) isAtMost .5).provided(groks())
    }
    claim("Held halfway (s = .5) it groks later", source = paper, published = "by 0 to 11 %") {
        (arms.of(half).relativeDelay(plain, accuracy) isAtLeast 0.0).provided(groks()).provided(profile.publishedEncoder)
    }
    claim("The more it is held, the later it groks", source = paper, published = "monotone in s") {
        val (less, more) = published.map { arms.of(it) }
        (more.delay(plain, accuracy) isAbove less.delay(plain, accuracy)).provided(decided(more, less, accuracy)).provided(groks())
    }
    claim("Held as much to random directions it doesn't", source = paper, published = "harmless up to s = .75") {
        (arms.of(published.last()).relativeDelay(plain, accuracy) isWithin -.1..0.1).provided(groks()).provided(profile.publishedEncoder)
    }
    claim("Given the same share of the gradient, random directions of its blocks delay less than the path's", source = "ours", published = "not controlled") {
        val (path, random) = listOf(published[doses.size - 2], matched.single()).map { arms.of(it) }
        (path.delay(plain, accuracy) isAbove random.delay(plain, accuracy)).provided(decided(path, random, accuracy)).provided(groks())
    }
    claim("Attention's steps held to its early path delay more than held to random directions of its blocks", source = "ours", published = "not controlled") {
        val (early, random) = listOf(past, inBlocks).map { arms.of(stepsHeldTo.getValue(it).last()) }
        (early.delay(plain, accuracy) isAbove random.delay(plain, accuracy)).provided(decided(early, random, accuracy)).provided(groks())
    }
    claim("Without its attention moving along its early path's main directions a network groks later", source = "ours", published = "necessary; not tested") {
        (arms.of(without.getValue(past)).delay(plain, accuracy) isAtLeast 1.0).provided(groks())
    }
    claim("And later than without motion along those of another seed's path", source = "ours", published = "not controlled") {
        val (early, others) = listOf(past, other).map { arms.of(without.getValue(it)) }
        (early.delay(plain, accuracy) isAbove others.delay(plain, accuracy)).provided(decided(early, others, accuracy)).provided(groks())
    }
    claim("Repeated kicks along commutators change the grok step by less than 10 %", source = paper, published = "27 of 27 grok, within 3 %") {
        (arms.of(sustained[0]).relativeDelay(plain, accuracy) isWithin -.1..0.1).provided(groks()).provided(profile.publishedEncoder)
    }
    claim("They delay as much as random kicks of the same length, within 10 %", source = "ours", published = "other lengths") {
        val (along, random) = sustained.map { arms.of(it) }
        (along.relativeDelay(plain, accuracy) - random.relativeDelay(plain, accuracy) isWithin -.1..0.1).provided(decided(along, random, accuracy)).provided(groks())
    }
}
