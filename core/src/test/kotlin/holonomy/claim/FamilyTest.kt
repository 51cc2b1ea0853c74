package holonomy.claim

import holonomy.claim.Family.Member
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe

class FamilyTest :
    FreeSpec({
        val members =
            listOf(
                Member("sums", Verdict.REPLICATED, .01),
                Member("sums", Verdict.REPLICATED, .04),
                Member("sums", Verdict.INCONCLUSIVE, 1.0),
                Member("grokking", Verdict.DIRECTION_ONLY, .03),
                Member("grokking", Verdict.NOT_REPLICATED, .9),
            )
        val places = Family.of(members)

        "Holm within the study, the false-discovery rate over all" {
            places.map { it.size() } shouldBe listOf(3, 3, 3, 2, 2)
            listOf(.03, .08, 1.0, .06, .9).zip(places) { p, place -> place.holm() shouldBe (p plusOrMinus 1e-12) }
            listOf(.05, .2 / 3, 1.0, .2 / 3, 1.0).zip(places) { q, place ->
                place.discovery() shouldBe (q plusOrMinus 1e-12)
            }
        }

        "a positive verdict that doesn't stand up to the correction is inconclusive, and says so" {
            places.map { it.verdict() } shouldBe
                listOf(
                    Verdict.REPLICATED,
                    Verdict.INCONCLUSIVE,
                    Verdict.INCONCLUSIVE,
                    Verdict.INCONCLUSIVE,
                    Verdict.NOT_REPLICATED,
                )
            places[1].reason("the interval lies in >= 1.00") shouldBe
                "replicated on its own (p 0.0400), not among the 3 claims of 'sums' (Holm 0.0800): the interval lies in >= 1.00"
            places[0].reason("as it is") shouldBe "as it is"
        }

        "a claim without a p-value belongs to its family with 1" {
            Member("sums", Verdict.INCONCLUSIVE, Double.NaN).p() shouldBe 1.0
        }

        "in words" {
            Family.words(places) shouldBe
                "5 claims ('sums' 3, 'grokking' 2): 2 replicated alone, by 95 % intervals; 1 after Holm's correction within " +
                    "the study; 1 at a false-discovery rate of 5 % over all. If none of the statements held, at most 0.125 " +
                    "would be expected to be replicated alone, by chance"
            Family.words(places.take(1)).startsWith("1 claim ('sums' 3): ") shouldBe true
        }

        "verdicts by their words" { Verdict.entries.forEach { Verdict.of(it.words()) shouldBe it } }
    })
