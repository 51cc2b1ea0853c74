#!/usr/bin/env kotlin
// The prelude of the grokking study: the library's version, its profiles and its tasks, of two tokens, a and b.
@file:DependsOn("holonomy:holonomy-dsl:0.1.0")
@file:CompilerOptions("-jvm-target", "17")

import holonomy.dsl.*
import holonomy.study.grokking.*

// The claims of all experiments with this prelude are one family: they are judged together.
val study = "grokking"

val profile =
    profiles(
        // A small prime that still groks.
        quick =
            Profile(
                name = "quick",
                task = PairSizes(modulus = 23),
                layers = 1, heads = 4, width = 32,
                learningRate = 6e-3, weightDecay = 1.0, warmup = 0, steps = 1_050, batch = 128,
                snapshots = 36, evaluations = 71, seeds = listOf(1, 2, 3),
            ),
        // The published sizes; every run as long as the others: same window, same number of snapshots.
        standard =
            Profile(
                name = "standard",
                task = PairSizes(modulus = 97),
                layers = 2, heads = 4, width = 128,
                learningRate = 1e-3, weightDecay = 1.0, warmup = 0, steps = 4_500, batch = 512,
                snapshots = 46, evaluations = 46, seeds = listOf(42, 137, 2024),
            ),
        // Twenty seeds, the published three among them.
        paper =
            Profile(
                name = "paper",
                task = PairSizes(modulus = 97),
                layers = 2, heads = 4, width = 128,
                learningRate = 1e-3, weightDecay = 1.0, warmup = 0, steps = 10_000, batch = 512,
                snapshots = 101, evaluations = 101, seeds = listOf(42L, 137L, 2024L) + (1L..17L),
            ),
    )

// Share of the pairs that is trained on; at a small prime half is too few.
val share = choose(quick = .8, standard = .5, paper = .5)

// Moments of a run at which commutators are measured.
val moments = choose(quick = 9, standard = 23, paper = 51)

// The learning rate of the slower of two regimes.
val lowerRate = profile.learningRate / choose(quick = 1.5, standard = 2.0, paper = 2.0)

val sum = pairs("a + b", profile.modulus) { a, b -> a + b }.trainedOn(share)
val difference = pairs("a - b", profile.modulus) { a, b -> a - b }.trainedOn(share)
val product = pairs("ab", profile.modulus) { a, b -> a * b }.withoutZero().trainedOn(share)
val cubic = pairs("a^3 + ab", profile.modulus) { a, b -> a * a * a + a * b }.trainedOn(share) // control: does not grok

// The operations that grok. A test pair of the sum can have its mirror image in training; one of the difference never has.
val grokking = choose(quick = listOf(sum), standard = listOf(sum, difference, product), paper = listOf(sum, difference, product))
val operations = grokking + cubic
