#!/usr/bin/env kotlin
@file:Import("../scripts/lab.main.kts")

import holonomy.dsl.*
import holonomy.study.markers.*

experiment(
    "probes",
    study = study,
    question = "From which layer on can the number of markers and the label be read linearly?",
) {
    val accuracy = accuracy(profile.evaluations, profile.heldOut)
    // The runs of collapse, with all weights kept along the way.
    val runs =
        train(profile.attentionOnly, on = listOf(profile.mainTask), seeds = profile.seeds) {
            measure(accuracy)
            snapshot(everyWeight, count = profile.evaluations)
        }

    val end = endOfTraining
    val stages =
        choose(
            quick = listOf(reaches(.5, accuracy), end),
            standard = stagesByAccuracy(accuracy),
            paper = stagesByAccuracy(accuracy),
        )
    val last = profile.layers - 1
    val probes =
        linearProbes(
            runs,
            stages,
            trained = choose(quick = 1_024, standard = 4_096, paper = 16_384),
            tested = choose(quick = 512, standard = 4_096, paper = 16_384),
        )

    figure("probe-accuracy-by-layer") { probeAccuracyByLayer(probes) }
    figure("probe-overlap-by-layer") { probeOverlapByLayer(probes) }

    val source = "ours"
    claim("The label can be read from the last layer", source, published = "not stated") {
        (probes.accuracy(sequenceLabel, end, last) isAtLeast .95)
            .above(probes.shuffled(sequenceLabel, end, last), by = .1)
            .provided(trained(runs, accuracy))
    }
    claim("The number of markers can be read from the last layer", source, published = "not stated") {
        (probes.accuracy(markerCount, end, last) isAtLeast .95)
            .above(probes.shuffled(markerCount, end, last), by = .1)
            .provided(trained(runs, accuracy))
    }
    claim("m can be read from an earlier layer than the label", source, published = "not stated") {
        (probes.firstLayer(markerCount, end) isBelow probes.firstLayer(sequenceLabel, end) by .5).provided(
            trained(runs, accuracy)
        )
    }
}
