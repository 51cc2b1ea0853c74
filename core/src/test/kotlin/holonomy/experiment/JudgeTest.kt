package holonomy.experiment

import holonomy.data.UserError
import holonomy.experiment.Claim.ClaimedSet
import holonomy.experiment.Claim.Side
import holonomy.experiment.Judgement.Standing
import holonomy.stats.Scale
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import java.util.TreeMap

private fun values(vararg perSeed: Double) =
    SeedValues.of("x", TreeMap(perSeed.withIndex().associate { (i, value) -> i + 1L to value }))

private fun judge(
    measured: SeedValues,
    claimed: ClaimedSet,
    nulls: List<Claim.Null> = listOf(),
    conditions: List<Claim.Condition> = listOf(),
) = Judge.judge(Claim("text", "source", "published", measured, claimed, nulls, conditions))

class JudgeTest :
    FreeSpec({
        "the estimate is the mean with Student's interval (4, 5, 6: t = 4.30265, s = 1, so 5 -+ 2.48414)" {
            val estimate = judge(values(4.0, 5.0, 6.0), ClaimedSet(0.0, 10.0)).estimate()
            estimate.value() shouldBe (5.0 plusOrMinus 1e-12)
            estimate.low() shouldBe (5.0 - 2.484137 plusOrMinus 1e-5)
            estimate.high() shouldBe (5.0 + 2.484137 plusOrMinus 1e-5)
            estimate.n() shouldBe 3
        }

        "inside the claimed set: replicated" {
            judge(values(4.0, 5.0, 6.0), ClaimedSet(2.0, 8.0)).verdict() shouldBe Verdict.REPLICATED
        }

        "outside: not replicated" {
            val judgement = judge(values(4.0, 5.0, 6.0), ClaimedSet.atLeast(8.0))
            judgement.verdict() shouldBe Verdict.NOT_REPLICATED
            judgement.reason() shouldBe "the interval lies outside >= 8.00"
        }

        "across the edge: inconclusive" {
            val judgement = judge(values(4.0, 5.0, 6.0), ClaimedSet.atMost(6.0))
            judgement.verdict() shouldBe Verdict.INCONCLUSIVE
            judgement.reason() shouldBe "the interval straddles the edge of <= 6.00"
        }

        "a null" -
            {
                fun against(nullValues: SeedValues, side: Side, margin: Double = 0.0) =
                    judge(
                        values(4.0, 5.0, 6.0),
                        ClaimedSet(2.0, 8.0),
                        listOf(Claim.Null("walk", nullValues, side, margin)),
                    )

                "is beaten by an excess whose paired interval lies beyond 0, however wide the values spread" {
                    val judgement = against(values(3.0, 4.0, 5.1), Side.ABOVE)
                    judgement.nulls().single().standing() shouldBe Standing.BEATEN
                    judgement.verdict() shouldBe Verdict.REPLICATED
                }
                "explains a value on its wrong side" {
                    val judgement = against(values(6.0, 7.0, 8.1), Side.ABOVE)
                    judgement.nulls().single().standing() shouldBe Standing.EXPLAINS
                    judgement.verdict() shouldBe Verdict.NOT_REPLICATED
                    judgement.reason() shouldBe "explained by the null: walk"
                }
                "explains an excess within the margin that matters" {
                    against(values(3.0, 4.0, 5.1), Side.ABOVE, margin = 2.0).verdict() shouldBe Verdict.NOT_REPLICATED
                }
                "leaves open what straddles" {
                    val judgement = against(values(3.0, 6.0, 6.0), Side.ABOVE)
                    judgement.nulls().single().standing() shouldBe Standing.OPEN
                    judgement.verdict() shouldBe Verdict.INCONCLUSIVE
                }
                "is beaten from below on the other side" {
                    against(values(6.0, 7.0, 8.1), Side.BELOW).verdict() shouldBe Verdict.REPLICATED
                }
            }

        "one seed, a failed condition or an undefined value: inconclusive, and it says why" {
            judge(values(5.0), ClaimedSet(2.0, 8.0)).reason() shouldBe "1 seed: no interval over seeds"
            judge(values(4.0, Double.NaN, 6.0), ClaimedSet(2.0, 8.0)).reason() shouldBe
                "the value is undefined in at least one seed"
            val untrained = Claim.Condition("trained to .95", false, "lowest 0.400")
            judge(values(4.0, 5.0, 6.0), ClaimedSet(2.0, 8.0), conditions = listOf(untrained)).let {
                it.verdict() shouldBe Verdict.INCONCLUSIVE
                it.reason() shouldBe "needs: trained to .95; found lowest 0.400"
            }
        }

        "outcomes that agree but are too few to tell say so" {
            fun outcomes(n: Int) =
                judge(
                    SeedValues("share", Scale.OUTCOME, TreeMap((1L..n).associateWith { 1.0 })),
                    ClaimedSet(.5, Double.POSITIVE_INFINITY),
                )
            outcomes(3).let { it.verdict() to it.reason() } shouldBe
                (Verdict.INCONCLUSIVE to
                    "all 3 seeds agree, too few to tell: the interval straddles the edge of >= 0.500")
            outcomes(4).verdict() shouldBe Verdict.REPLICATED // Wilson, 4 of 4: [.510, 1]
        }

        "differences are paired within the seed, over the seeds that both have" {
            val other = SeedValues.of("y", TreeMap(mapOf(2L to 1.0, 3L to 2.0, 9L to 7.0)))
            values(4.0, 5.0, 6.0).minus(other).bySeed() shouldBe TreeMap(mapOf(2L to 4.0, 3L to 4.0))
        }

        "a ratio's mean is geometric and its interval stays positive" {
            val estimate = SeedValues("ratio", Scale.LOG, TreeMap(mapOf(1L to .1, 2L to 1.0, 3L to 10.0))).estimate()
            estimate.value() shouldBe (1.0 plusOrMinus 1e-9)
            (estimate.low() > 0) shouldBe true
        }

        "an empty claimed set is an error" {
            shouldThrow<UserError> { ClaimedSet(3.0, 2.0) }.message shouldBe
                "claim: expected low <= high, found 3.0 and 2.0"
        }

        "numbers for people" {
            listOf(0.0, 1.0, 12.345, -0.0001, 123456.0, .5, Double.NaN, Double.NEGATIVE_INFINITY)
                .map(Numbers::brief) shouldBe
                listOf("0", "1.00", "12.3", "-1.00e-04", "1.23e+05", "0.500", "undefined", "-inf")
        }
    })
