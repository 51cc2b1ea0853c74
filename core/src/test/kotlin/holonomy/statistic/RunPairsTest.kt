package holonomy.statistic

import holonomy.claim.Claim
import holonomy.claim.Judge
import holonomy.claim.Margin
import holonomy.claim.Sampling
import holonomy.claim.SeedValues
import holonomy.claim.Verdict
import holonomy.data.UserError
import holonomy.inference.RankInterval
import holonomy.inference.Ranks
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeBetween
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldEndWith
import io.kotest.matchers.types.shouldBeInstanceOf
import java.util.Random
import kotlin.math.PI
import kotlin.math.asin
import kotlin.math.ln
import kotlin.math.pow
import kotlin.math.sqrt
import kotlin.math.tanh

private const val STUDIES = 2000

private fun run(seed: Int, x: Double, y: Double, setting: String = "one", vararg partners: Long) =
    RunPairs.Run(seed.toLong(), setting, partners.toSet(), x, y)

/** One run of each seed, both numbers in the order of the seeds. */
private fun apart(x: List<Double>, y: List<Double>) = RunPairs("a", "b", x.indices.map { run(it + 1, x[it], y[it]) })

/** Spearman's rho of normal pairs with a correlation. */
private fun truth(r: Double) = 6 / PI * asin(r / 2)

/** Three settings that raise x and y alike, and four seeds without anything in common but them. */
private val settingsOnly =
    RunPairs(
        "a",
        "b",
        (0..2).flatMap { setting ->
            listOf(.1 to .3, .2 to .1, .3 to .4, .4 to .2).mapIndexed { seed, (x, y) ->
                run(seed + 1, setting + x, setting + y, "setting $setting")
            }
        },
    )

class RunPairsTest :
    FreeSpec({
        val random = Random(23)
        fun normal() = random.nextGaussian()
        fun pair(r: Double) = normal().let { it to r * it + sqrt(1 - r * r) * normal() }
        fun study(n: Int, r: Double) =
            List(n) { pair(r) }.let { all -> apart(all.map { it.first }, all.map { it.second }) }
        fun coverage(truth: Double, studies: Int = STUDIES, study: () -> RunPairs) =
            (1..studies).count { study().correlation().estimate().let { truth in it.low()..it.high() } } /
                studies.toDouble()

        "a run of each seed: rho with Bonett and Wright's interval; a seed shows rho without it" {
            val x = listOf(1.0, 2.0, 3.0, 4.0, 5.0, 6.0)
            val y = listOf(2.0, 1.0, 4.0, 3.0, 6.0, 5.0)
            val values = apart(x, y).rankCorrelation()
            val rho = 1 - 6 * 6.0 / (6 * 35)
            val half = 1.959963984540054 * sqrt((1 + rho * rho / 2) / 3)
            val z = ln((1 + rho) / (1 - rho)) / 2
            val estimate = values.estimate()
            estimate.value() shouldBe (rho plusOrMinus 1e-12)
            estimate.low() shouldBe (tanh(z - half) plusOrMinus 1e-9)
            estimate.high() shouldBe (tanh(z + half) plusOrMinus 1e-9)
            estimate.n() shouldBe 6
            values.bySeed().getValue(1L) shouldBe (Ranks.spearman(x.drop(1).toDoubleArray(), y.drop(1).toDoubleArray()))
        }

        "a perfect order is bounded from below, by half a step of ranks" {
            val estimate = RankInterval.of(1.0, 6, .95)
            estimate.value() shouldBe 1.0
            estimate.high() shouldBe 1.0
            val inner = 1 - 6.0 / (6 * 35)
            estimate.low() shouldBe
                (tanh(ln((1 + inner) / (1 - inner)) / 2 - 1.959963984540054 * sqrt(1.5 / 3)) plusOrMinus 1e-9)
            RankInterval.of(-1.0, 6, .95).let { it.low() to it.high() } shouldBe (-1.0 to -estimate.low())
        }

        "runs that share a seed, or data: seeds are left out whole" {
            val shared = settingsOnly.rankCorrelation()
            shared.sampling().shouldBeInstanceOf<Sampling.Shared>()
            shared.estimate().n() shouldBe 4
            shared.bySeed().getValue(1L) shouldBe
                RunPairs("a", "b", settingsOnly.runs().filter { it.seed() != 1L }).let { RunPairs.rho(it.runs()) }
            val ring = RunPairs("a", "b", (1..6).map { run(it, it * 1.0, -it * 1.0, "one", it % 6 + 1L) })
            ring.rankCorrelation().sampling().shouldBeInstanceOf<Sampling.Shared>().without().getValue(1L) shouldBe
                -(1 - 6.0 / (4 * 15))
        }

        "fewer than five runs are refused, with the reason" {
            shouldThrow<UserError> { apart(listOf(1.0, 2.0, 3.0, 4.0), listOf(1.0, 2.0, 3.0, 4.0)).rankCorrelation() }
                .message shouldBe
                "rank correlation of a and b: expected at least 5 runs, found 4: four runs fall into one order by chance " +
                    "once in 24, so a correlation of so few says nothing; add seeds, or values of an axis"
        }

        "an undefined number of one run, or one outcome in all, leaves it undefined; no run is dropped" {
            val x = listOf(1.0, 2.0, 3.0, 4.0, 5.0, 6.0)
            val missing = apart(x, listOf(1.0, 2.0, Double.NaN, 4.0, 5.0, 6.0)).rankCorrelation()
            missing.estimate().isDefined shouldBe false
            missing.bySeed().filterValues { it.isNaN() }.keys.contains(3L) shouldBe true
            apart(x, List(6) { 7.0 }).rankCorrelation().estimate().isDefined shouldBe false
        }

        "what settings alone give: the mean over all orders of the seeds, and none where there is one setting" {
            val y = settingsOnly.runs().groupBy({ it.seed() }) { it.y() }
            fun orders(of: List<Long>): List<List<Long>> =
                if (of.isEmpty()) listOf(listOf()) else of.flatMap { one -> orders(of - one).map { listOf(one) + it } }
            val all =
                orders(listOf(1L, 2L, 3L, 4L)).map { order ->
                    RunPairs.rho(
                        settingsOnly.runs().mapIndexed { i, run ->
                            RunPairs.Run(
                                run.seed(),
                                run.setting(),
                                setOf(),
                                run.x(),
                                y.getValue(order[run.seed().toInt() - 1])[i / 4],
                            )
                        }
                    )
                }
            val alone = settingsOnly.bySettingsAlone().estimate().value()
            alone shouldBe (all.average() plusOrMinus 1e-12)
            val rho = settingsOnly.rankCorrelation()
            val asLarge =
                all.count { kotlin.math.abs(it - alone) >= kotlin.math.abs(rho.estimate().value() - alone) - 1e-12 }
            asLarge shouldBe 24 // the seeds are as uncorrelated as can be
            rho.label() shouldEndWith "; permutation p 1.00 of 24 orders of the seeds"
            study(6, .5).bySettingsAlone().estimate().value() shouldBe (0.0 plusOrMinus 1e-15)
        }

        "the permutation test counts orders: a perfect order of five is one of two in 120; where seeds lack settings none" {
            val x = listOf(1.0, 2.0, 3.0, 4.0, 5.0)
            apart(x, x).rankCorrelation().label() shouldBe
                "rank correlation of a and b; permutation p 0.0167 of 120 orders of the seeds"
            RunPairs("a", "b", settingsOnly.runs().drop(1)).rankCorrelation().label() shouldEndWith
                "; no permutation test, not every seed has every setting"
        }

        "a shuffled predictor's p is uniform: at most .05 in 5 % of the studies" {
            val small =
                (1..400).count {
                    Regex("permutation p (\\S+) ")
                        .find(study(6, 0.0).rankCorrelation().label())!!
                        .groupValues[1]
                        .toDouble() <= .05
                }
            (small / 400.0).shouldBeBetween(.02, .08, 0.0)
        }

        "a predictor that settings alone explain is explained by that null, one that seeds bear out beats it" {
            fun judged(pairs: RunPairs) =
                Judge.judge(
                        Claim(
                            "a foretells b",
                            "ours",
                            "none",
                            pairs.correlation(),
                            Claim.ClaimedSet.atLeast(.3),
                            null,
                            listOf(Claim.Null("alone", pairs.bySettingsAlone(), Claim.Side.ABOVE, Margin.usual())),
                            listOf(),
                        )
                    )
                    .verdict()
            judged(study(20, .95)) shouldBe Verdict.REPLICATED
            val planted =
                RunPairs(
                    "a",
                    "b",
                    (1..12).flatMap { seed ->
                        val own = seed * 5 % 13 / 10.0
                        (0..2).map {
                            run(seed, it + own + .01 * normal(), 1.5 * it + own + .01 * normal(), "setting $it")
                        }
                    },
                )
            judged(planted) shouldBe Verdict.REPLICATED
            judged(settingsOnly) shouldBe Verdict.INCONCLUSIVE // four seeds can't tell
            val unplanted =
                (1..300).flatMap { seed ->
                    (0..2).map { run(seed, it + .1 * normal(), it + .1 * normal(), "setting $it") }
                }
            judged(RunPairs("a", "b", unplanted)) shouldBe Verdict.EXPLAINED
        }

        "independent runs: the interval covers .94 to .985" -
            {
                for (n in listOf(6, 20)) for (r in listOf(0.0, .5, .8)) "n = $n, correlation $r" {
                    coverage(truth(r)) { study(n, r) }.shouldBeBetween(.94, .985, 0.0)
                }
            }

        "four runs of each seed: the jackknife over seeds covers .93 or more" -
            {
                for (n in listOf(3, 6, 20)) "$n seeds" {
                    val r = .8 * .5
                    fun clustered() =
                        RunPairs(
                            "a",
                            "b",
                            (1..n).flatMap { seed ->
                                val (a, b) = pair(.8)
                                (1..4).map { run(seed, a + normal(), b + normal(), "setting $it") }
                            },
                        )
                    coverage(truth(r), STUDIES / 4, ::clustered).shouldBeBetween(.93, 1.0, 0.0)
                }
            }

        "a rate is each seed's own, exact on an exponential; undefined with one x or a number that isn't positive" {
            fun law(seed: Int, a: Double, vararg xs: Double) = xs.map { run(seed, it, 3 * kotlin.math.exp(a * it)) }
            val values = RunPairs("rho", "T", law(1, .5, 1.0, 2.0, 8.0) + law(2, -2.0, 1.0, 2.0, 8.0)).rate()
            values.label() shouldBe "exponential rate of T in rho"
            values.bySeed().getValue(1L) shouldBe (.5 plusOrMinus 1e-12)
            values.bySeed().getValue(2L) shouldBe (-2.0 plusOrMinus 1e-12)
            for (undefined in listOf(law(1, .5, 2.0, 2.0), law(1, .5, 2.0) + run(1, 4.0, 0.0))) {
                RunPairs("rho", "T", undefined).rate().bySeed().getValue(1L).isNaN() shouldBe true
            }
        }

        "an exponent is each seed's own, exact on a power law; undefined with one x or a number that isn't positive" {
            fun law(seed: Int, b: Double, vararg x: Double) = x.map { run(seed, it, 3 * it.pow(b), "x $it") }
            val values = RunPairs("P", "r90", law(1, .5, 1.0, 2.0, 8.0) + law(2, .25, 1.0, 2.0, 8.0)).exponent()
            values.label() shouldBe "exponent of r90 on P"
            values.bySeed().getValue(1L) shouldBe (.5 plusOrMinus 1e-12)
            values.bySeed().getValue(2L) shouldBe (.25 plusOrMinus 1e-12)
            RunPairs("P", "r90", law(1, .5, 2.0, 2.0)).exponent().bySeed().getValue(1L).isNaN() shouldBe true
            RunPairs("P", "r90", law(1, .5, 2.0) + run(1, 4.0, 0.0)).exponent().bySeed().getValue(1L).isNaN() shouldBe
                true
        }
    })

/** The correlation without its permutation test, which a study of coverage has no use for. */
private fun RunPairs.correlation(): SeedValues = correlated()
