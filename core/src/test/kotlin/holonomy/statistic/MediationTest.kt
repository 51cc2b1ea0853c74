package holonomy.statistic

import holonomy.claim.SeedValues
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import kotlin.math.sqrt

private fun effects(label: String, vararg values: Double) =
    SeedValues.of(label, values.withIndex().associate { it.index + 1L to it.value }.toSortedMap())

class MediationTest :
    FreeSpec({
        "1 - direct / total of the means; its interval leaves seeds out of both" {
            val share = Mediation.share(effects("a", 4.0, 6.0, 5.0), effects("b", 1.0, 3.0, .5))
            share.label() shouldBe "share mediated: 1 - (b) / (a)"
            share.bySeed() shouldBe sortedMapOf(1L to .75, 2L to .5, 3L to .9)
            val without = listOf(1 - 3.5 / 11, 1 - 1.5 / 9, 1 - 4.0 / 10)
            val half = 4.302652729749464 * sqrt(2.0 / 3 * without.sumOf { (it - without.average()).let { d -> d * d } })
            val estimate = share.estimate()
            estimate.value() shouldBe (1 - 4.5 / 15 plusOrMinus 1e-12)
            estimate.low() shouldBe (1 - 4.5 / 15 - half plusOrMinus 1e-12)
            estimate.high() shouldBe (1 - 4.5 / 15 + half plusOrMinus 1e-12)
        }

        "an effect that is all direct, turned round, or undefined in one seed" {
            Mediation.share(effects("a", 2.0, 4.0), effects("b", 2.0, 4.0)).estimate().value() shouldBe 0.0
            Mediation.share(effects("a", 2.0, 4.0), effects("b", -1.0, -2.0)).estimate().value() shouldBe 1.5
            Mediation.share(effects("a", 2.0, Double.NaN), effects("b", 1.0, 1.0)).estimate().isDefined shouldBe false
            Mediation.share(effects("a", 1.0, -1.0), effects("b", 1.0, 1.0)).estimate().isDefined shouldBe false
            Mediation.share(effects("a", 1.0, 2.0, 3.0), effects("b", 1.0, 1.0)).estimate().isDefined shouldBe false
        }
    })
