#!/usr/bin/env kotlin
// The prelude of the language study: a small decoder on generated stories, with a key-retrieval probe in some of them.
@file:DependsOn("holonomy:holonomy-dsl:0.1.0")
@file:CompilerOptions("-jvm-target", "17")

import holonomy.dsl.*
import holonomy.study.language.*

val profile =
    profiles(
        // 35 s on two cores; retrieves at every seed of the pilot (15 to 20): docs/standard-language.md.
        quick =
            Profile(
                name = "quick",
                task = StorySizes(length = 48, vocabulary = 192, codewords = 16, heldOut = 200),
                layers = 2, heads = 2, width = 32,
                learningRate = 6e-3, weightDecay = 1.118, warmup = 100, steps = 1_000, batch = 16,
                snapshots = 21, evaluations = 31, seeds = listOf(1, 2, 3),
            ),
        // 'Mini' of the study's scaled presets: rate and decay by the square root of the batch.
        standard =
            Profile(
                name = "standard",
                task = StorySizes(length = 96, vocabulary = 384, codewords = 64, heldOut = 1_000),
                layers = 2, heads = 4, width = 64,
                learningRate = 2.236e-3, weightDecay = 1.118, warmup = 300, steps = 2_000, batch = 32,
                snapshots = 51, evaluations = 51, seeds = listOf(2, 3, 4),
            ),
        // 'Small': the published sizes need the published text and a GPU.
        paper =
            Profile(
                name = "paper",
                task = StorySizes(length = 128, vocabulary = 1_024, codewords = 64, heldOut = 1_000),
                layers = 4, heads = 8, width = 128,
                learningRate = 1.581e-3, weightDecay = .791, warmup = 300, steps = 2_000, batch = 64,
                snapshots = 51, evaluations = 51, seeds = listOf(2, 3, 4, 5, 6),
            ),
    )

// The claims of all experiments with this prelude are one family: they are judged together.
val study = "language"

// The question stands so many tokens after the codeword: as in training, and far beyond.
val near = choose(quick = 3..12, standard = 3..12, paper = 3..15)
val far = choose(quick = 16..27, standard = 32..76, paper = 40..100)

val stories = profile.stories(share = choose(quick = .3, standard = .2, paper = .2), near, far)

// What the controls share. Published: two fifths of the main run's steps, lambda 2 throughout, a window of their path.
val short =
    choose(
        quick = profile.lasting(.12).copy(warmup = profile.warmup / 4, batch = profile.batch / 2),
        standard = profile.lasting(.4),
        paper = profile.lasting(.4),
    )
val shortSeeds = choose(quick = profile.seeds.take(2), standard = profile.seeds, paper = profile.seeds)
val shortAccuracy = accuracy(choose(quick = 3, standard = 21, paper = 21), profile.heldOut / 5)
val shortPath = backbone(choose(quick = 41, standard = 81, paper = 81))
val window = backboneWindow(choose(quick = 41, standard = 81, paper = 81))
