#!/usr/bin/env kotlin
@file:Import("../scripts/lab.main.kts")

import holonomy.dsl.*
import holonomy.dsl.CommutatorNumber.COSINE
import holonomy.dsl.CommutatorNumber.DEFECT
import holonomy.dsl.ShareNull.BLOCK_MATCHED
import holonomy.dsl.ShareNull.ISOTROPIC
import holonomy.study.markers.*

experiment(
    "commutators",
    study = study,
    question = "How far are steps from commuting, and do their commutators avoid the path of training?",
) {
    val accuracy = accuracy(profile.evaluations, profile.heldOut)
    val pairs =
        commutators(
            choose(quick = 6, standard = 21, paper = 41),
            profile.snapshots,
            pairs = choose(quick = 6, standard = 9, paper = 9),
            variantPairs = choose(quick = 2, standard = 9, paper = 9),
        )

    val runs =
        train(profile.attentionOnly, on = listOf(profile.mainTask), seeds = profile.seeds) { measure(accuracy, pairs) }

    val seeds = otherSeeds(runs, pairs)

    figure("figure3-defect") { defectOverSteps(runs, pairs, accuracy) }
    figure("quantiles") { defectQuantiles(runs, pairs) }
    figure("figure4-share") { shareOverSteps(runs, pairs) }
    figure("figure4-ratio") { shareOverChance(runs, pairs) }
    figure("figure5-parts") { partsOverSteps(runs, pairs) }
    figure("bases") { shareByBasis(runs, pairs) }
    figure("other-seeds") { shareByOwner(seeds) }
    figure("variants") { defectByVariant(runs, pairs) }
    figure("defect-by-markers") { byMarkers(runs, pairs, DEFECT) }
    figure("cosine-by-markers") { byMarkers(runs, pairs, COSINE) }
    figure("defect-against-gradient") { defectAgainstGradient(runs, pairs) }

    val paper = "arXiv 2602.10496, 4.3"
    claim("The defect grows at matched gradient norm", source = "ours", published = "not controlled") {
        runs.defectTrendAtMatchedGradient(pairs) isAbove 0.0 by .1
    }
    claim("Defect and loss correlate weakly", source = paper, published = "weak") {
        runs.defectAgainstLoss(pairs, accuracy) isAtMost .3
    }
    claim("The share of delta in the path is small, yet above chance", source = paper, published = "rho .02 to .13") {
        (runs.rho(pairs) isWithin 0.02..0.13)
            .above(runs.randomRho(pairs, ISOTROPIC), name = "isotropic")
            .above(runs.randomRho(pairs, BLOCK_MATCHED), name = "block-matched")
            .provided(profile.publishedSize)
    }
    claim("Delta is nearly perpendicular to the path", source = paper, published = "1 - rho > .92") {
        (runs.oneMinusRho(pairs) isAtLeast .92).provided(profile.publishedSize)
    }
    claim("It is more so than a random vector is", source = "ours", published = "not controlled") {
        (runs.oneMinusRho(pairs) isAbove runs.randomOneMinusRho(pairs, ISOTROPIC) by .01).provided(
            profile.publishedSize
        )
    }
    claim(
        "The path is the run's own: other seeds' paths hold less of delta",
        source = "ours",
        published = "not controlled",
    ) {
        seeds.ownShare() isAbove seeds.otherShare() byFactor 1.25
    }
    claim("Twice the step size gives the same defect", source = "ours", published = "within 5 %") {
        runs.defectDeviation(pairs, "double eta") isAtMost .05
    }
}
