#!/usr/bin/env kotlin
@file:Import("../scripts/lab.main.kts")

import holonomy.dsl.*
import holonomy.study.markers.*

experiment(
    "bubbling",
    study = study,
    question = "Does attention sharpen as the weights settle into their final subspace?",
) {
    val accuracy = accuracy(profile.evaluations, profile.heldOut)
    val entropy =
        attentionEntropy(
            profile.snapshots,
            choose(quick = 128, standard = 256, paper = 1_024),
            kept =
                choose(quick = listOf(1, 2, 4, 12), standard = listOf(1, 2, 4, 8, 16), paper = listOf(1, 2, 4, 8, 16)),
        )
    val distance = subspaceDistance(profile.snapshots)

    val runs =
        train(profile.attentionOnly, on = listOf(profile.mainTask), seeds = profile.seeds) {
            measure(accuracy, entropy, distance)
        }

    figure("figure2-entropy") { entropyOverSteps(runs, entropy) }
    figure("entropy-by-head") { entropyByHead(runs, entropy) }
    figure("top-k-accuracy") { topAttentionAccuracy(runs, entropy) }
    figure("entropy-against-distance") { entropyAgainstDistance(runs, entropy, distance) }

    val paper = "arXiv 2602.10496"
    claim("Attention sharpens: the entropy falls", source = "$paper, 4.2", published = "from 2.77 to about 1") {
        (runs.entropyChange(entropy) isBelow 0.0 by .5).published(1.3..2.3).provided(trained(runs, accuracy))
    }
    claim("The entropy falls smoothly, not in one jump", source = "$paper, 4.2", published = "smooth") {
        (runs.largestFall(entropy) isAtMost .5).provided(trained(runs, accuracy))
    }
    claim("The fall coincides with the settling of the subspace", source = "$paper, 4.2", published = "coincides") {
        (runs.halfTimesApart(entropy, distance) isAtMost .1)
            .below(runs.halfTimesApartFromSteady(entropy), name = "steady settling")
            .provided(trained(runs, accuracy))
    }
}
