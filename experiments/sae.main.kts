#!/usr/bin/env kotlin
@file:Import("../scripts/lab.main.kts")

import holonomy.dsl.*
import holonomy.study.markers.*

experiment(
    "sae",
    study = study,
    question = "Do a few latents of a sparse autoencoder carry the computation, when their ablation can act?",
) {
    val main = profile.mainTask
    val accuracy = accuracy(profile.evaluations, profile.heldOut)
    // The runs of collapse, with all weights kept along the way.
    val runs =
        train(profile.attentionOnly, on = listOf(main), seeds = profile.seeds) {
            measure(accuracy)
            snapshot(everyWeight, count = profile.evaluations)
        }

    val last = profile.layers - 1
    val earlier =
        choose(quick = listOf(0), standard = listOf(0, 2), paper = (0..<last - 1).toList())
            .filter { it < last - 1 }
            .map { afterLayer(it) }
    val acting = afterLayer(last - 1) // the last place where an ablation can act
    val published = afterLayer(last)
    val early = reaches(.5, accuracy)
    val middle = reaches(.95, accuracy)
    val late = endOfTraining
    val recipe =
        choose(
            quick =
                SparseRecipe(
                    topK(8),
                    latents = 128,
                    steps = 400,
                    activations = 4_000,
                    batch = 128,
                    learningRate = 3e-3,
                ),
            standard = SparseRecipe(topK(16), latents = 256, steps = 4_000, activations = 100_000),
            paper = SparseRecipe(topK(16), latents = 256, steps = 4_000, activations = 500_000),
        )
    val ablation =
        choose(
            quick = ablation(chosen = 6, counts = listOf(1, 24), randomSets = 2, heldOut = 128),
            standard = ablation(chosen = 6, counts = listOf(1, 2, 3, 12, 24, 48, 96)),
            paper = ablation(chosen = 6, counts = listOf(1, 2, 3, 12, 24, 48, 96), heldOut = 2_048),
        )
    val topK = sparseAutoencoders(runs, listOf(early, middle, late), earlier + acting + published, recipe, ablation)
    // The paper's text describes ReLU with an L1 penalty; its code keeps the top 16.
    val relu = sparseAutoencoders(runs, listOf(late), listOf(acting), recipe.copy(sparsity = reluL1(16.0)), ablation)

    figure("figure6-ablation-by-stage") { ablationByStage(topK) }
    figure("ablation-curve") { ablationCurve(topK) }
    figure("correlation-spectrum") { correlationSpectrum(topK, acting) }
    figure("correlation-spectrum-relu") { correlationSpectrum(relu, acting) }
    figure("autoencoder-training") { autoencoderTraining(topK, acting) }

    val paper = "arXiv 2602.10496, Figure 6"
    // A count beyond chance grows with the number of sequences looked at; one by size of the correlation doesn't.
    for ((form, of) in listOf("" to topK, " of the paper's ReLU form" to relu)) {
        for (strength in listOf(.2, .3)) {
            claim(
                "3 to 5 latents$form go with the number of markers, |r| at least $strength",
                source = paper,
                published = "3 to 5 of several hundred; no size",
            ) {
                (of.latentsAbove(strength, markerCount, late, acting) isWithin 3.0..5.0).provided(
                    trained(runs, accuracy)
                )
            }
        }
    }
    for ((stage, drop) in listOf(early to ".52 to .49", middle to ".945 to .94", late to "1 to 1")) {
        claim(
            "At the published place, ablating 6 latents costs little: ${stage.name()}",
            source = paper,
            published = drop,
        ) {
            (topK.drop(mostVariable, stage, published) isAtMost .03).below(
                topK.drop(allLatents, stage, published),
                by = .03,
            )
        }
        claim("Where it can act, ablating 6 latents costs little: ${stage.name()}", source = paper, published = drop) {
            (topK.drop(mostVariable, stage, acting) isAtMost .03).below(topK.drop(allLatents, stage, acting), by = .03)
        }
    }
    claim(
        "The 6 latents of largest variance matter more than random ones that fire as often",
        source = "ours",
        published = "not tested",
    ) {
        (topK.drop(mostVariable, late, acting) isAbove topK.drop(randomLatents, late, acting) by .01).provided(
            trained(runs, accuracy)
        )
    }
}
