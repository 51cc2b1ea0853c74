#!/usr/bin/env kotlin
@file:Import("../../scripts/language-lab.main.kts")

import holonomy.dsl.*
import holonomy.study.language.*

experiment(
    "language-beta2",
    study = study,
    question = "Does the second moment's memory make the backbone, and does training fail where it has none?",
) {
    fun beta2(value: Double) = short.adam("beta2 $value", beta2 = value)
    val signs = short.adam("both betas 0", beta1 = .0, beta2 = .0)
    val betas =
        choose(
            quick = listOf(.99, .95, .8, .0),
            standard = listOf(.999, .99, .95, .9, .8, .5, .0),
            paper = listOf(.999, .99, .95, .9, .8, .5, .0),
        )
    val runs =
        train(betas.map(::beta2) + signs, on = listOf(stories), seeds = shortSeeds) {
            measure(shortAccuracy, window, shortPath)
        }
    val usual = runs.of(beta2(.95))
    val shorter = runs.of(beta2(.8))
    val none = runs.of(beta2(.0))
    val noise = noiseTrainings(usual, window)

    figure("window-by-beta2") { backboneByArm(runs, listOf(window.pc1, window.k95, window.drift), log = true) }
    figure("updates-by-beta2") {
        backboneByArm(runs, listOf(window.updateCosine, window.unseenUpdateCosine))
            .with(title = "Updates along the first component by arm, beside a walk that learns nothing")
    }
    // Without a second moment's memory the weights run away: beside them nothing else could be seen.
    figure("along-across") {
        val others = betas.filter { it > 0 }.map { runs.of(beta2(it)) }.reduce(Runs::plus) + runs.of(signs)
        backboneOverSteps(others, listOf(shortPath.along, shortPath.across, shortPath.drift))
    }
    figure("loss") { lossByArm(runs, shortAccuracy.on("validation")) }

    // Margins: half of what is published. A loss of twice another's is no training, a drift of ten walks' has run away,
    // and a cosine of .05 is fifteen times what independent directions of this many weights have.
    val paper = "arXiv 2602.23696, section 6"
    val text = shortAccuracy.on("validation")
    claim("With beta2 .95 the first component holds more of the window than a walk's", paper, "68.4 %; null 57.1") {
        (usual.mean(window.pc1) isWithin .63..0.74)
            .above(noiseWalk, by = .05)
            .above(noise.mean(window.pc1), by = .05, name = "noise training")
    }
    claim("With beta2 .8 the window is less straight than with .95", paper, "63.4 against 68.4 %") {
        (usual.mean(window.pc1) - shorter.mean(window.pc1) isAbove 0.0 by .025).published(.025..0.075)
    }
    claim("And longer", paper, "drift 128 against 109") {
        (shorter.atEnd(window.drift) isAbove usual.atEnd(window.drift) byFactor 1.08).published(1.08..1.27)
    }
    // A walk's lie against it by then: decay undoes what grew.
    claim("Updates after the window lie along its backbone more than a walk's do", "ours", "not out of sample") {
        usual.mean(window.unseenUpdateCosine).excess(noiseWalk) isAbove 0.0 by .05
    }
    claim("Without a second moment's memory training diverges", paper, "loss 1.2e8 against 1.21") {
        none.finalLoss(text) isAbove usual.finalLoss(text) byFactor 2.0
    }
    claim("The weights run away there", paper, "drift 211,694; null 129") {
        (none.atEnd(window.drift) over noiseWalk isAtLeast 10.0)
    }
    claim("The first moment over the latest gradient fails, not the gradient's sign", "ours", "no such arm") {
        none.finalLoss(text) isAbove runs.of(signs).finalLoss(text) byFactor 2.0
    }
    claim("And moves as far as noise would, within a tenth", "ours", "no arm") {
        runs.of(signs).atEnd(window.drift) over noiseWalk isLike 1.0 withinFactor 1.1
    }
}
