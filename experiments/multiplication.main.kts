#!/usr/bin/env kotlin
@file:Import("../scripts/lab.main.kts")

import holonomy.dsl.*
import holonomy.study.markers.*

experiment(
    "multiplication",
    study = study,
    question = "Does a product take more dimensions than a sum, with and without zero divisors?",
) {
    val classes = profile.classes
    val prime = prime(choose(quick = 5, standard = 7, paper = 7))
    val sum = profile.mainTask
    val product = profile.marked(productModulo(classes))
    val primeSum = profile.marked(sumModulo(prime))
    val primeProduct = profile.marked(productModulo(prime))
    // Without 0 the residues of a prime are a cyclic group: the sum modulo (prime - 1) under other names.
    val units = profile.marked(productOfUnits(prime))
    val sameGroup = profile.marked(sumModulo(prime - 1))
    val accuracy = accuracy(profile.evaluations, profile.heldOut)
    val spectrum =
        trajectorySpectrum(
            of = attention,
            snapshots = profile.snapshots,
            shuffledWindows = choose(quick = 1, standard = 5, paper = 10),
        )

    val runs =
        compare(
            listOf(profile.attentionOnly),
            on = listOf(sum, product, primeSum, primeProduct, sameGroup, units).distinct(),
            seeds = profile.seeds,
        ) {
            measure(accuracy, spectrum)
        }

    figure("final-accuracy") { finalAccuracyCompared(runs, accuracy, byTask) }
    figure("accuracy-by-operation") { accuracyCompared(runs, accuracy, byTask) }
    figure("rank-by-layer-and-operation") {
        rankByLayerCompared(
            runs,
            spectrum.r90Interpolated,
            byTask,
            caption =
                contrast(
                    "Product minus sum modulo $classes, mean r90",
                    runs.of(product).mean(spectrum.r90Interpolated),
                    runs.of(sum).mean(spectrum.r90Interpolated),
                ),
        )
    }

    val paper = "arXiv 2602.10496"
    claim("The path of a product has 4 to 6 dimensions", source = paper, published = "r90 4 to 6") {
        (runs.of(product).mean(spectrum.r90Interpolated) isWithin 4.0..6.0)
            .below(uncorrelatedWalk)
            .provided(trained(runs.of(product), accuracy))
            .provided(profile.publishedSize)
    }
    claim("The path of a sum has 3 to 4 dimensions", source = paper, published = "r90 3 to 4") {
        (runs.of(sum).mean(spectrum.r90Interpolated) isWithin 3.0..4.0)
            .below(uncorrelatedWalk)
            .provided(trained(runs.of(sum), accuracy))
            .provided(profile.publishedSize)
    }
    claim(
        "A product takes more dimensions than a sum of the same modulus",
        source = paper,
        published = "4 to 6 against 3 to 4",
    ) {
        (runs.of(product).mean(spectrum.r90Interpolated) isAbove runs.of(sum).mean(spectrum.r90Interpolated) by .5)
            .published(0.0..3.0)
            .provided(trained(runs.of(sum) + runs.of(product), accuracy))
    }
    claim("So it does modulo a prime", source = "ours", published = "none") {
        (runs.of(primeProduct).mean(spectrum.r90Interpolated) isAbove
                runs.of(primeSum).mean(spectrum.r90Interpolated) by
                .5)
            .provided(trained(runs.of(primeSum) + runs.of(primeProduct), accuracy))
    }
    claim(
        "Without zero it takes as many as the sum that is the same group, within .5",
        source = "ours",
        published = "none",
    ) {
        (runs.of(units).mean(spectrum.r90Interpolated) isLike
                runs.of(sameGroup).mean(spectrum.r90Interpolated) within
                .5)
            .provided(trained(runs.of(sameGroup) + runs.of(units), accuracy))
    }
}
