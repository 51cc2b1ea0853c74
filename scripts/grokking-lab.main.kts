#!/usr/bin/env kotlin
// The prelude of the grokking study: the library's version and its profiles. `classes` is the modulus p; a task has two tokens, a and b.
@file:DependsOn("holonomy:holonomy-dsl:0.1.0")
@file:CompilerOptions("-jvm-target", "17")

import holonomy.dsl.*

private fun encoderProfile(
    name: String, p: Int, layers: Int, width: Int, learningRate: Double, steps: Long, batch: Int, records: Int, seeds: List<Long>,
) = Profile(
    name = name,
    length = 2, vocabulary = p, classes = p, firstMarker = p, reservedMarkers = 0, markers = 1..1,
    layers = layers, heads = 4, width = width,
    learningRate = learningRate, weightDecay = 1.0, warmup = 0, steps = steps, batch = batch,
    snapshots = records, evaluations = records, heldOut = 0, seeds = seeds,
)

val profile =
    profiles(
        // A small prime that still groks.
        quick = encoderProfile("quick", p = 23, layers = 1, width = 32, learningRate = 1e-2, steps = 1_500, batch = 128, records = 31, seeds = listOf(1, 2, 3)),
        // The published sizes, every run equally long: same window, same number of snapshots.
        standard = encoderProfile("standard", p = 97, layers = 2, width = 128, learningRate = 1e-3, steps = 4_500, batch = 512, records = 46, seeds = listOf(42, 137, 2024)),
        paper = encoderProfile("paper", p = 97, layers = 2, width = 128, learningRate = 1e-3, steps = 10_000, batch = 512, records = 101, seeds = listOf(42, 137, 2024) + (1L..17L)),
    )

/** Share of the pairs that is trained on; at a small prime half is too few. */
val share = choose(quick = .6, standard = .5, paper = .5)
