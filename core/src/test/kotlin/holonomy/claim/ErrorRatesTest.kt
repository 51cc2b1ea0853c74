package holonomy.claim

import holonomy.Nightly
import holonomy.claim.Claim.ClaimedSet
import holonomy.claim.Claim.Side
import holonomy.claim.Judgement.Standing
import holonomy.inference.Interval
import holonomy.inference.Scale
import io.kotest.core.spec.style.FreeSpec
import io.kotest.inspectors.forAll
import io.kotest.matchers.doubles.shouldBeGreaterThan
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.shouldBe
import java.util.Random
import java.util.TreeMap
import kotlin.math.ceil
import kotlin.math.ln
import kotlin.math.sqrt

private const val STUDIES = 2_000

/** Four standard errors of a share of the studies: a true rate leaves it once in 16,000. */
private fun slack(rate: Double, studies: Int = STUDIES) = 4 * sqrt(rate * (1 - rate) / studies)

private fun seeds(n: Int, scale: Scale = Scale.IDENTITY, value: (Int) -> Double) =
    SeedValues("x", scale, TreeMap((0 until n).associate { it + 1L to value(it) }))

private fun judged(
    measured: SeedValues,
    set: ClaimedSet,
    size: ClaimedSet? = null,
    nulls: List<Claim.Null> = listOf(),
) = Judge.judge(Claim("text", "source", "published", measured, set, size, nulls, listOf()))

private fun rate(studies: Int = STUDIES, holds: () -> Boolean) = (1..studies).count { holds() } / studies.toDouble()

/** The rates that docs/statistics.md promises, in simulated studies whose truth is known. */
class ErrorRatesTest :
    FreeSpec({
        tags(Nightly)

        "rule 1: a change that is just too small is called replicated in 2.5 % of the studies, none in fewer" -
            {
                for (n in listOf(3, 6)) "$n seeds" {
                    val random = Random(n.toLong())
                    fun replicated(truth: Double) = rate {
                        judged(seeds(n) { truth + random.nextGaussian() }, ClaimedSet.atLeast(1.0)).verdict() ==
                            Verdict.REPLICATED
                    }
                    replicated(1.0) shouldBeLessThan .025 + slack(.025)
                    replicated(1.0) shouldBeGreaterThan .025 - slack(.025)
                    replicated(0.0) shouldBeLessThan .025
                }
            }

        "rule 1: a size at the edge of the published one is called replicated in at most 2.5 %, one far from it direction only" {
            val random = Random(11)
            fun verdicts(truth: Double) =
                List(STUDIES) {
                    judged(
                            seeds(6) { truth + .5 * random.nextGaussian() },
                            ClaimedSet.atLeast(1.0),
                            ClaimedSet(8.0, 20.0),
                        )
                        .verdict()
                }
            verdicts(8.0).count { it == Verdict.REPLICATED } / STUDIES.toDouble() shouldBeLessThan .025 + slack(.025)
            verdicts(4.0).count { it == Verdict.DIRECTION_ONLY } / STUDIES.toDouble() shouldBeGreaterThan .95
            verdicts(1.0).count { it.isPositive } / STUDIES.toDouble() shouldBeLessThan .025 + slack(.025)
        }

        "rule 1: a difference at the margin is called 'like' in at most 2.5 %, none in most" {
            val random = Random(12)
            fun like(truth: Double) = rate {
                judged(seeds(6) { truth + .3 * random.nextGaussian() }, ClaimedSet(-.5, .5)).verdict() ==
                    Verdict.REPLICATED
            }
            like(.5) shouldBeLessThan .025 + slack(.025)
            like(-.5) shouldBeLessThan .025 + slack(.025)
            like(0.0) shouldBeGreaterThan .7
        }

        "rule 2: a null that is exactly true explains in most studies and is beaten in at most 2.5 %, on every scale" {
            val random = Random(13)
            val levels = mapOf(Scale.IDENTITY to 4.0, Scale.LOG to 4.0, Scale.LOGIT to .7, Scale.CORRELATION to .7)
            val spread = mapOf(Scale.IDENTITY to .12, Scale.LOG to .03, Scale.LOGIT to .07, Scale.CORRELATION to .03)
            levels.entries.forAll { (scale, level) ->
                fun draw(shift: Double) =
                    seeds(6, scale) {
                        scale.back(scale.forward(level) + shift + spread.getValue(scale) * random.nextGaussian())
                    }
                fun standings(shift: Double) =
                    List(STUDIES) {
                        val walk = Claim.Null("walk", draw(0.0), Side.ABOVE, Margin.usual())
                        judged(draw(shift), ClaimedSet(-1.0, 1e9), nulls = listOf(walk)).nulls().single()
                    }
                val alike = standings(0.0).map { it.standing() }
                alike.count { it == Standing.EXPLAINS } / STUDIES.toDouble() shouldBeGreaterThan .5
                alike.count { it == Standing.BEATEN } / STUDIES.toDouble() shouldBeLessThan .025
                val margin = Margin.usual().on(scale, scale, level, Side.ABOVE)
                standings(margin).count { it.standing() == Standing.BEATEN } / STUDIES.toDouble() shouldBeLessThan
                    .025 + slack(.025)
                standings(3 * margin).count { it.standing() == Standing.BEATEN } /
                    STUDIES.toDouble() shouldBeGreaterThan .9
            }
        }

        "rule 5: steps read every 100 steps lie in the interval as often as it says, and without the grain they don't" {
            val random = Random(14)
            fun covered(grain: Double) = rate {
                val truth = 1000 + 100 * random.nextDouble()
                val read = seeds(4) { 100 * ceil((truth + 5 * random.nextGaussian()) / 100) }.grained(grain).estimate()
                truth in read.low()..read.high()
            }
            covered(100.0) shouldBeGreaterThan .95
            covered(0.0) shouldBeLessThan .3
        }

        "rule 6: of 30 claims that don't hold one is replicated in at most 5 % of the studies after Holm, in half of them alone" {
            val random = Random(15)
            val studies = 400
            var alone = 0
            var after = 0
            repeat(studies) {
                val places =
                    Family.of(
                        List(30) {
                            val judgement = judged(seeds(3) { 1 + random.nextGaussian() }, ClaimedSet.atLeast(1.0))
                            Family.Member("study", judgement.verdict(), judgement.p())
                        }
                    )
                if (places.any { it.member().alone() == Verdict.REPLICATED }) alone++
                if (places.any { it.verdict() == Verdict.REPLICATED }) after++
            }
            after / studies.toDouble() shouldBeLessThan .05 + slack(.05, studies)
            alone / studies.toDouble() shouldBeGreaterThan .4
        }

        "rule 6: at Holm's first step of 80 claims three seeds keep the rate of normal values, not of skewed or uniform ones" {
            val studies = 200_000
            val level = 1 - .05 / 80
            val nominal = .05 / 80 / 2
            fun rate(random: Random, noise: (Random) -> Double) =
                rate(studies) { Interval.of(DoubleArray(3) { noise(random) }, Scale.IDENTITY, level).low() > 0 }
            rate(Random(1)) { it.nextGaussian() } shouldBeLessThan nominal + slack(nominal, studies)
            // A mean of 0, and a long tail on the side that isn't claimed.
            val skewed = rate(Random(2)) { 1 + ln(1 - it.nextDouble()) } / nominal
            skewed shouldBeGreaterThan 8.0
            skewed shouldBeLessThan 13.0
            val uniform = rate(Random(3)) { it.nextDouble() - .5 } / nominal
            uniform shouldBeGreaterThan 1.8
            uniform shouldBeLessThan 3.2
        }

        "rule 6: among what the false-discovery rate calls true, at most 5 % is false on average" {
            val random = Random(16)
            val studies = 200
            val shares =
                List(studies) {
                    val members =
                        List(20) { i ->
                            val truth = if (i < 10) 1.0 else 4.0
                            val judgement = judged(seeds(6) { truth + random.nextGaussian() }, ClaimedSet.atLeast(1.0))
                            Family.Member("study", judgement.verdict(), judgement.p())
                        }
                    val found = Family.of(members).withIndex().filter { it.value.discovery() <= .05 }
                    if (found.isEmpty()) 0.0 else found.count { it.index < 10 } / found.size.toDouble()
                }
            shares.average() shouldBeLessThan .05 + 4 * .1 / sqrt(studies.toDouble())
            shares.average() shouldBeGreaterThan 0.0
        }

        "the p-value of a claim is that of its weakest part, and at most .05 exactly where its verdict is positive" {
            val random = Random(17)
            repeat(300) {
                val null0 = seeds(4) { random.nextGaussian() }
                val judgement =
                    judged(
                        seeds(4) { 3 + random.nextGaussian() },
                        ClaimedSet.atLeast(1.0),
                        nulls = listOf(Claim.Null("walk", null0, Side.ABOVE, Margin.by(.5))),
                    )
                (judgement.p() <= .05) shouldBe judgement.verdict().isPositive
            }
        }
    })
