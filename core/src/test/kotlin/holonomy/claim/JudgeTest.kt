package holonomy.claim

import holonomy.claim.Claim.ClaimedSet
import holonomy.claim.Claim.Side
import holonomy.claim.Judgement.Standing
import holonomy.data.Numbers
import holonomy.data.UserError
import holonomy.inference.Scale
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import java.util.TreeMap

private fun values(vararg perSeed: Double) =
    SeedValues.of("x", TreeMap(perSeed.withIndex().associate { (i, value) -> i + 1L to value }))

private fun judge(
    measured: SeedValues,
    claimed: ClaimedSet,
    nulls: List<Claim.Null> = listOf(),
    conditions: List<Claim.Condition> = listOf(),
    size: ClaimedSet? = null,
) = Judge.judge(Claim("text", "source", "published", measured, claimed, size, nulls, conditions))

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
                        listOf(Claim.Null("walk", nullValues, side, Margin.by(margin))),
                    )

                "is beaten by an excess whose paired interval lies beyond 0, however wide the values spread" {
                    val judgement = against(values(3.0, 4.0, 5.1), Side.ABOVE)
                    judgement.nulls().single().standing() shouldBe Standing.BEATEN
                    judgement.verdict() shouldBe Verdict.REPLICATED
                }
                "explains a value on its wrong side" {
                    val judgement = against(values(6.0, 7.0, 8.1), Side.ABOVE)
                    judgement.nulls().single().standing() shouldBe Standing.EXPLAINS
                    judgement.verdict() shouldBe Verdict.EXPLAINED
                    judgement.reason() shouldBe "the interval lies in 2.00 to 8.00, but explained by the null: walk"
                }
                "explains an excess within the margin that matters" {
                    against(values(3.0, 4.0, 5.1), Side.ABOVE, margin = 2.0).verdict() shouldBe Verdict.EXPLAINED
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
                "the value is undefined in seed 2"
            judge(values(Double.NaN, 4.0, Double.NaN), ClaimedSet(2.0, 8.0)).reason() shouldBe
                "the value is undefined in seeds 1, 3"
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

        "a published size: inside replicated, outside direction only, across its edge inconclusive" {
            fun sized(low: Double, high: Double) =
                judge(values(4.0, 5.0, 6.0), ClaimedSet.atLeast(1.0), size = ClaimedSet(low, high))
            sized(2.0, 8.0).let { it.verdict() to it.reason() } shouldBe
                (Verdict.REPLICATED to "the interval lies in >= 1.00, and in the published 2.00 to 8.00")
            sized(8.0, 20.0).let { it.verdict() to it.reason() } shouldBe
                (Verdict.DIRECTION_ONLY to "the interval lies in >= 1.00, outside the published 8.00 to 20.0")
            sized(5.0, 20.0).let { it.verdict() to it.reason() } shouldBe
                (Verdict.INCONCLUSIVE to
                    "direction as published, size open: the interval straddles the edge of the published 5.00 to 20.0")
            judge(values(4.0, 5.0, 6.0), ClaimedSet.atLeast(8.0), size = ClaimedSet(8.0, 20.0)).verdict() shouldBe
                Verdict.NOT_REPLICATED
        }

        "seeds that are all equal are no certainty: their grain is the interval, or there is none" {
            val equal = values(300.0, 300.0, 300.0)
            judge(equal, ClaimedSet.atLeast(100.0)).let { it.verdict() to it.reason() } shouldBe
                (Verdict.INCONCLUSIVE to
                    "all 3 seeds equal, and how coarsely they are read is not known: no interval over seeds")
            val read = judge(equal.grained(100.0), ClaimedSet.atLeast(100.0))
            read.estimate().low() to read.estimate().high() shouldBe (200.0 to 400.0)
            read.verdict() shouldBe Verdict.INCONCLUSIVE
            read.p() shouldBe .25 // the sign test: three of three on one side
            read.reason() shouldBe
                "the interval lies in >= 100, but all 3 seeds are equal to their grain: the sign test's p of 0.250 is too large"
            val six = judge(values(*DoubleArray(6) { 300.0 }).grained(100.0), ClaimedSet.atLeast(100.0))
            six.verdict() to six.p() shouldBe (Verdict.REPLICATED to 1 / 32.0)
            judge(equal.grained(250.0), ClaimedSet.atLeast(100.0)).verdict() shouldBe Verdict.INCONCLUSIVE
            values(0.0, 300.0, 600.0).grained(100.0).estimate() shouldBe values(0.0, 300.0, 600.0).estimate()
        }

        "the difference of two readings is as coarse as the coarser one, a ratio by both shares" {
            val early = values(100.0, 200.0).grained(10.0)
            val late = values(200.0, 400.0).grained(20.0)
            late.minus(early).grain() shouldBe 20.0
            late.over(early).grain() shouldBe (2 * (20.0 / 200 + 10.0 / 100) plusOrMinus 1e-12)
        }

        "the excess over a null is formed on the scale: ratios, odds ratios, differences of z" {
            fun excess(
                scale: Scale,
                measured: List<Double>,
                nullValues: List<Double>,
                margin: Margin = Margin.usual(),
            ) =
                judge(
                        SeedValues("x", scale, TreeMap(measured.withIndex().associate { (i, x) -> i + 1L to x })),
                        ClaimedSet(-1.0, 1e9),
                        listOf(
                            Claim.Null(
                                "walk",
                                SeedValues(
                                    "y",
                                    scale,
                                    TreeMap(nullValues.withIndex().associate { (i, x) -> i + 1L to x }),
                                ),
                                Side.ABOVE,
                                margin,
                            )
                        ),
                    )
                    .nulls()
                    .single()
            excess(Scale.LOG, listOf(2.0, 4.0), listOf(1.0, 2.0)).let {
                it.contrast() shouldBe "ratio"
                it.excess().value() shouldBe (2.0 plusOrMinus 1e-12)
                it.margin() shouldBe (1.1 plusOrMinus 1e-12)
            }
            excess(Scale.LOGIT, listOf(.75, .9), listOf(.5, .75)).let {
                it.contrast() shouldBe "odds ratio"
                it.excess().value() shouldBe (3.0 plusOrMinus 1e-12)
                it.margin() shouldBe (1.25 plusOrMinus 1e-12)
            }
            excess(Scale.LOGIT, listOf(.75, 1.0), listOf(.5, .75)).let {
                it.contrast() shouldBe "difference" // a share of exactly 1 has no odds
                it.excess().value() shouldBe (.25 plusOrMinus 1e-12)
                it.margin() shouldBe (.05 plusOrMinus 1e-12)
            }
            excess(Scale.CORRELATION, listOf(.8, .9), listOf(.5, .6)).let {
                it.contrast() shouldBe "difference of z"
                it.margin() shouldBe (.1 plusOrMinus 1e-12)
            }
            excess(Scale.LOGIT, listOf(.75, .9), listOf(.6, .4), Margin.by(.25)).margin() shouldBe
                (3.0 plusOrMinus 1e-9) // at the null's level .5: the odds of .75 over those of .5
            excess(Scale.LOGIT, listOf(.75, .9), listOf(.9, .9), Margin.by(.25)).standing() shouldBe Standing.EXPLAINS
            excess(Scale.LOG, listOf(2.0, 4.0), listOf(1.0, 2.0), Margin.factor(1.5)).margin() shouldBe
                (1.5 plusOrMinus 1e-12)
            excess(Scale.IDENTITY, listOf(2.0, 4.1), listOf(1.0, 3.0)).margin() shouldBe (.2 plusOrMinus 1e-12)
        }

        "intervals of shares stay within 0 .. 1, those of cosines within -1 .. 1; exact ends are possible" {
            fun of(scale: Scale, vararg x: Double) =
                SeedValues("x", scale, TreeMap(x.withIndex().associate { (i, value) -> i + 1L to value })).estimate()
            of(Scale.LOGIT, .9, .99, .6).let { (it.low() > 0 && it.high() < 1) shouldBe true }
            of(Scale.CORRELATION, .9, .99, -.6).let { (it.low() > -1 && it.high() < 1) shouldBe true }
            of(Scale.CORRELATION, 1.0, .99, .6).let {
                it.high() shouldBe 1.0
                it.method() shouldBe "mean, Student t, cut to -1 .. 1 (a cosine or correlation of exactly 1 has no z)"
            }
        }

        "a direction without a size is an error that says what to write" {
            shouldThrow<UserError> { judge(values(1.0, 2.0), ClaimedSet.atLeast(0.0)) }.message shouldBe
                "claim '>= 0': a direction without a size, which a tie would support; say what change matters, such as " +
                    "(a isAbove b by 0.05), or another bound than 0.0"
            val ratio = SeedValues("r", Scale.LOG, TreeMap(mapOf(1L to 1.0, 2L to 2.0)))
            shouldThrow<UserError> { judge(ratio, ClaimedSet.atMost(1.0)) }.message shouldBe
                "claim '<= 1.00': a direction without a size, which a tie would support; say what change matters, such " +
                    "as (a isBelow b byFactor 1.5), or another bound than 1.0"
        }

        "a claim's digest is what was declared, whatever was found" {
            fun claim(label: String, set: ClaimedSet, found: String, text: String = "text") =
                Claim(
                    text,
                    "source",
                    "published",
                    values(1.0, 2.0).labelled(label),
                    set,
                    null,
                    listOf(),
                    listOf(Claim.Condition("trained", true, found), Claim.Condition(Claim.COMPLETE, false, "one")),
                )
            val one = claim("x; sign test p .25", ClaimedSet(1.0, 2.0), "lowest .9").digest()
            one.length shouldBe 12
            claim("x; sign test p .5", ClaimedSet(1.0, 2.0), "lowest .99").digest() shouldBe one
            claim("y", ClaimedSet(1.0, 2.0), "lowest .9").digest() shouldNotBe one
            claim("x", ClaimedSet(1.0, 2.5), "lowest .9").digest() shouldNotBe one
            claim("x", ClaimedSet(1.0, 2.0), "lowest .9", "other").digest() shouldNotBe one
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
