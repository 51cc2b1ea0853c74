#!/usr/bin/env kotlin
// The prelude of every experiment: the library's version and the profiles. Edit the numbers, or depart from them in a script.
@file:DependsOn("holonomy:holonomy-dsl:0.1.0")
@file:CompilerOptions("-jvm-target", "17")

import holonomy.dsl.*
import holonomy.study.markers.*

// The claims of all experiments with this prelude are one family: they are judged together.
val study = "marked sums"

val profile =
    profiles(
        // Small enough for minutes on a laptop, large enough to learn: at least .95 on every m.
        quick =
            Profile(
                name = "quick",
                task =
                    MarkedSizes(
                        length = 12, vocabulary = 32, classes = 4, firstMarker = 16, reservedMarkers = 3, markers = 1..2, heldOut = 512,
                    ),
                layers = 3, heads = 4, width = 64,
                learningRate = 1e-3, weightDecay = .01, warmup = 0, steps = 400, batch = 64,
                snapshots = 21, evaluations = 21, seeds = listOf(1, 2, 3),
            ),
        // The published model and task, up to 3 markers; learning rate and steps by a pilot, such that every m is learned (docs/standard.md).
        standard =
            Profile(
                name = "standard",
                task =
                    MarkedSizes(
                        length = 16, vocabulary = 256, classes = 8, firstMarker = 100, reservedMarkers = 6, markers = 1..3, heldOut = 512,
                    ),
                layers = 5, heads = 4, width = 128,
                learningRate = 7e-4, weightDecay = .01, warmup = 200, steps = 3_500, batch = 128,
                snapshots = 41, evaluations = 36, seeds = listOf(1, 2, 3),
            ),
        // The published code's protocol, 20 seeds: sized for a cluster or a GPU.
        paper =
            Profile(
                name = "paper",
                task =
                    MarkedSizes(
                        length = 16, vocabulary = 256, classes = 8, firstMarker = 100, reservedMarkers = 6, markers = 1..4, heldOut = 2_048,
                    ),
                layers = 5, heads = 4, width = 128,
                learningRate = 3e-4, weightDecay = .01, warmup = 0, steps = 20_000, batch = 128,
                snapshots = 41, evaluations = 101, seeds = (1L..20L).toList(),
            ),
    )

// The published recipe over its 20,000 steps, up to 4 markers: for what is said of the whole of a training.
val published =
    choose(
        quick = profile.copy(steps = 2 * profile.steps),
        standard =
            profile.copy(
                task = profile.task.copy(markers = 1..4, heldOut = 2_048),
                learningRate = 3e-4, warmup = 0, steps = 20_000, evaluations = 101,
            ),
        paper = profile,
    )
