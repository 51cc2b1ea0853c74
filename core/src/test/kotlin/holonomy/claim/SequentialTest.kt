package holonomy.claim

import holonomy.Nightly
import holonomy.claim.Claim.ClaimedSet
import holonomy.inference.Scale
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeGreaterThan
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.shouldBe
import java.util.Random
import java.util.TreeMap

private const val STUDIES = 10_000

private fun values(scale: Scale, numbers: List<Double>) =
    SeedValues("x", scale, TreeMap(numbers.withIndex().associate { (i, value) -> i + 1L to value }))

private fun claim(measured: SeedValues, claimed: ClaimedSet, nulls: List<Claim.Null> = listOf()) =
    Claim("text", "source", "published", measured, claimed, null, nulls, listOf())

class SequentialTest :
    FreeSpec({
        val design = Sequential.from(3)

        "looks: the declared seeds, then 6, 10 and 20; .05 is shared out among them" {
            design.looks() shouldBe listOf(3, 6, 10, 20)
            design.level() shouldBe (.9875 plusOrMinus 1e-12)
            Sequential.from(4).looks() shouldBe listOf(4, 6, 10, 20)
            Sequential.from(10).looks() shouldBe listOf(10, 20)
            Sequential.from(10).level() shouldBe (.975 plusOrMinus 1e-12)
            Sequential.from(25).let { it.looks() to it.level() } shouldBe (listOf(25) to .95)
        }

        "a look's interval is Student's at its level: t_2(.99375) = 8.86 where .95 has 4.3027" {
            val measured = values(Scale.IDENTITY, listOf(4.0, 5.0, 6.0))
            val estimate = design.judge(claim(measured, ClaimedSet(0.0, 10.0))).estimate()
            estimate.level() shouldBe (.9875 plusOrMinus 1e-12)
            estimate.high() shouldBe (5 + .9875 * Math.sqrt(2 / (1 - .9875 * .9875)) / Math.sqrt(3.0) plusOrMinus 1e-9)
            Judge.judge(claim(measured, ClaimedSet(0.0, 10.0))).verdict() shouldBe Verdict.REPLICATED
            design.judge(claim(measured, ClaimedSet(0.0, 10.0))).verdict() shouldBe Verdict.INCONCLUSIVE
            val nulls =
                listOf(
                    Claim.Null("zero", values(Scale.IDENTITY, listOf(0.0, 0.0, 0.0)), Claim.Side.ABOVE, Margin.usual())
                )
            design.judge(claim(measured, ClaimedSet.atLeast(-9.0), nulls)).nulls().single().excess().level() shouldBe
                (.9875 plusOrMinus 1e-12)
        }

        "10,000 studies of a claim that is false by nothing: 'replicated' at any stop in at most 5 %"
            .config(tags = setOf(Nightly)) -
            {
                val random = Random(5)

                /**
                 * Share of studies that end in 'replicated' when seeds are added until the verdict is no longer open.
                 */
                fun falseReplications(
                    level: Double,
                    next: (Random) -> Double,
                    claimed: ClaimedSet,
                    scale: Scale,
                ): Double =
                    (1..STUDIES).count {
                        val all = List(20) { next(random) }
                        design
                            .looks()
                            .map { n -> Judge.judge(claim(values(scale, all.take(n)).at(level), claimed)).verdict() }
                            .firstOrNull { it != Verdict.INCONCLUSIVE } == Verdict.REPLICATED
                    } / STUDIES.toDouble()

                "a mean at the edge of its set" {
                    falseReplications(
                            design.level(),
                            { 1 + it.nextGaussian() },
                            ClaimedSet.atLeast(1.0),
                            Scale.IDENTITY,
                        )
                        .shouldBeLessThan(.025)
                }
                "a ratio at the edge of its set" {
                    falseReplications(
                            design.level(),
                            { 2 * Math.exp(it.nextGaussian()) },
                            ClaimedSet.atMost(2.0),
                            Scale.LOG,
                        )
                        .shouldBeLessThan(.025)
                }
                "a share of runs at the edge of its set" {
                    falseReplications(
                            design.level(),
                            { if (it.nextBoolean()) 1.0 else 0.0 },
                            ClaimedSet.atLeast(.5),
                            Scale.OUTCOME,
                        )
                        .shouldBeLessThan(.05)
                }
                "either wrong verdict on a value in the middle of a set that is too narrow to be reached" {
                    // Both edges lie within a hair of the truth: what misses it to either side is an error.
                    val misses =
                        (1..STUDIES).count {
                            val all = List(20) { random.nextGaussian() }
                            design.looks().any { n ->
                                val estimate = values(Scale.IDENTITY, all.take(n)).at(design.level()).estimate()
                                estimate.low() > 0 || estimate.high() < 0
                            }
                        } / STUDIES.toDouble()
                    misses shouldBeLessThan .05
                    misses shouldBeGreaterThan .03
                }
                "looking as often at intervals of .95 would not hold it" {
                    falseReplications(.95, { 1 + it.nextGaussian() }, ClaimedSet.atLeast(1.0), Scale.IDENTITY)
                        .shouldBeGreaterThan(.05)
                }
            }

        "outcomes: 3 of 3 leave 'at least half' open, and 6 of 6 at a look's level" {
            val half = claim(values(Scale.OUTCOME, listOf()), ClaimedSet.atLeast(.5))
            listOf(3, 4).map { Sequential.canDecide(half, it, .95) } shouldBe listOf(false, true)
            listOf(3, 6, 7, 10).map { Sequential.canDecide(half, it, design.level()) } shouldBe
                listOf(false, false, true, true)
            // 'at most .2' is refuted by 2 of 2 already
            val few = claim(values(Scale.OUTCOME, listOf()), ClaimedSet.atMost(.2))
            Sequential.canDecide(few, 3, .95) shouldBe true
            Sequential.canDecide(claim(values(Scale.IDENTITY, listOf()), ClaimedSet.atLeast(.5)), 2, .95) shouldBe true
        }

        "how many seeds it would likely take" -
            {
                "from the present mean and spread: 1 -+ .8 above 0 at 6 seeds, for .8 t_5(.99375)/sqrt 6 = 1.24 at 10" {
                    val measured = values(Scale.IDENTITY, listOf(.2, 1.0, 1.8))
                    val extended = measured.extended(10)
                    extended.values().average() shouldBe (1.0 plusOrMinus .15)
                    Math.sqrt(
                        extended.values().let { v -> v.sumOf { (it - v.average()) * (it - v.average()) } / 9 }
                    ) shouldBe (.8 plusOrMinus .05)
                    design.likely(claim(measured, ClaimedSet.atLeast(.001)), 3).asInt shouldBe 10
                    design.likely(claim(measured, ClaimedSet.atLeast(.9)), 3).isPresent shouldBe false
                    measured.extended(3) shouldBe measured
                }
                "outcomes: all of 3 become all of 10" {
                    val measured = values(Scale.OUTCOME, listOf(1.0, 1.0, 1.0))
                    design.likely(claim(measured, ClaimedSet.atLeast(.5)), 3).asInt shouldBe 10
                }
                "a spread over seeds: its chi-square limits narrow" {
                    val measured = values(Scale.IDENTITY, listOf(9.6, 10.0, 10.4)).spread()
                    design.likely(claim(measured, ClaimedSet.atMost(.1)), 3).asInt shouldBe 10
                }
                "values that share seeds: the standard error falls with sqrt n" {
                    val all = (1L..3L).associateWith { setOf(it % 3 + 1) }
                    val measured = values(Scale.IDENTITY, listOf(.2, 1.0, 1.8)).sharing(all)
                    val (now, then) = listOf(measured, measured.extended(12)).map { it.estimate() }
                    val t = listOf(4.302653, 2.200985) // t_2, t_11
                    (then.high() - then.value()) / t[1] shouldBe
                        ((now.high() - now.value()) / t[0] / 2 plusOrMinus 1e-6)
                }
            }

        "more seeds don't help a claim whose condition fails, nor an undefined value" {
            val measured = values(Scale.IDENTITY, listOf(4.0, 5.0, 6.0))
            fun judged(condition: Claim.Condition, of: SeedValues = measured) =
                Judge.judge(
                    Claim("text", "source", "published", of, ClaimedSet.atLeast(5.0), null, listOf(), listOf(condition))
                )
            Sequential.isOpen(judged(Claim.Condition("trained", true, ""))) shouldBe true
            Sequential.isOpen(judged(Claim.Condition("trained", false, "lowest .4"))) shouldBe false
            val undefined = values(Scale.IDENTITY, listOf(4.0, Double.NaN))
            Sequential.isOpen(judged(Claim.Condition("trained", true, ""), undefined)) shouldBe false
        }
    })
