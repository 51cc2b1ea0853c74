package holonomy.statistic

import holonomy.Nightly
import holonomy.claim.SeedValues
import holonomy.inference.Proportion
import holonomy.inference.Scale
import io.kotest.core.spec.style.FreeSpec
import io.kotest.core.spec.style.scopes.FreeSpecContainerScope
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeBetween
import io.kotest.matchers.shouldBe
import java.util.Random
import kotlin.math.exp

private const val STUDIES = 4000
private val FEW = listOf(3, 6, 20)

private fun values(scale: Scale, n: Int, of: (Long) -> Double) =
    SeedValues("x", scale, (1L..n).associateWith(of).toSortedMap())

/** Share of studies whose 95 % interval holds the true value. */
private fun coverage(truth: Double, study: () -> SeedValues) =
    (1..STUDIES).count { study().estimate().let { truth in it.low()..it.high() } } / STUDIES.toDouble()

/**
 * What claims read, in models of their own: seeds that vary, runs and pairs that vary in them. Of 4,000 studies a
 * coverage of .95 varies by .0034.
 */
class CoverageTest :
    FreeSpec({
        tags(Nightly)

        val random = Random(19)
        fun normal() = random.nextGaussian()
        suspend fun FreeSpecContainerScope.covers(name: String, truth: Double, study: (Int) -> SeedValues) {
            for (n in FEW) "$name: .93 to .97 at n = $n" { coverage(truth) { study(n) }.shouldBeBetween(.93, .97, 0.0) }
        }

        "independent seeds" -
            {
                covers("a mean", 2.0) { n -> values(Scale.IDENTITY, n) { 2 + normal() } }
                covers("a geometric mean", exp(2.0)) { n -> values(Scale.LOG, n) { exp(2 + normal()) } }
                covers("a mean of logits", .5) { n -> values(Scale.LOGIT, n) { 1 / (1 + exp(normal())) } }
                covers("a difference paired in the seed", 1.0) { n ->
                    val seeds = DoubleArray(n) { 3 * normal() }
                    values(Scale.IDENTITY, n) { 1 + seeds[it.toInt() - 1] + normal() }
                        .minus(values(Scale.IDENTITY, n) { seeds[it.toInt() - 1] + normal() })
                }
                covers("a ratio paired in the seed", 2.0) { n ->
                    val seeds = DoubleArray(n) { 3 * normal() }
                    values(Scale.LOG, n) { 2 * exp(seeds[it.toInt() - 1] + normal()) }
                        .over(values(Scale.LOG, n) { exp(seeds[it.toInt() - 1] + normal()) })
                }
            }

        "several runs of a seed made one number (expected least of four normal values: -1.0294)" -
            {
                val expected =
                    mapOf(Reduction.MEAN to 0.0, Reduction.MEDIAN to 0.0, Reduction.LEAST to -1.0294) +
                        (Reduction.MOST to 1.0294)
                expected.forEach { (reduction, truth) ->
                    covers("$reduction", truth) { n ->
                        values(Scale.IDENTITY, n) {
                            val seed = normal()
                            reduction.of(*DoubleArray(4) { seed + normal() })
                        }
                    }
                    covers("$reduction of several numbers, seed by seed", truth) { n ->
                        val seeds = DoubleArray(n) { normal() }
                        reduction.of(List(4) { values(Scale.IDENTITY, n) { s -> seeds[s.toInt() - 1] + normal() } })
                    }
                }
            }

        "a share of runs: the exact coverage, mean over true shares, and the least between .1 and .9" -
            {
                val exact = mapOf(3 to (.95595 to .8892), 6 to (.95487 to .9076), 20 to (.95317 to .9265))
                exact.forEach { (n, expected) ->
                    "n = $n" {
                        val covered = (1..999).associate { it / 1000.0 to wilson(it / 1000.0, n) }
                        covered.values.average() shouldBe (expected.first plusOrMinus 1e-4)
                        covered.filterKeys { it in 0.1..0.9 }.values.min() shouldBe (expected.second plusOrMinus 1e-4)
                    }
                }
            }

        "pairs of seeds, x_ij = a_i + a_j + e_ij: the jackknife" -
            {
                fun pairs(n: Int, seeds: Double, own: Double): SeedValues {
                    val a = DoubleArray(n + 1) { seeds * normal() }
                    val e = Array(n + 1) { DoubleArray(n + 1) { own * normal() } }
                    val all =
                        (1..n).flatMap { i ->
                            (1..n)
                                .filter { it != i }
                                .map { j ->
                                    SeedPairs.Pair(i.toLong(), j.toLong(), a[i] + a[j] + e[minOf(i, j)][maxOf(i, j)])
                                }
                        }
                    return SeedPairs("overlap", Scale.IDENTITY, all).perSeed((1L..n).toList())
                }
                covers("where seeds differ", 0.0) { n -> pairs(n, 1.0, .3) }
                "independent subspaces, whose pairs alone vary: wider than need be, .987 at n = 3" {
                    for (n in FEW) coverage(0.0) { pairs(n, 0.0, 1.0) } shouldBe (.989 plusOrMinus .007)
                }
                "Student's t on the seeds' means, as it was, covers .60 and .84 at n = 3" {
                    fun student(seeds: Double, own: Double) =
                        coverage(0.0) { pairs(3, seeds, own).let { SeedValues("x", it.scale(), it.bySeed()) } }
                    student(1.0, 0.0) shouldBe (.605 plusOrMinus .03)
                    student(0.0, 1.0) shouldBe (.836 plusOrMinus .03)
                }
                "two seeds are one pair: a value, no interval" {
                    val estimate = pairs(2, 1.0, 1.0).estimate()
                    estimate.isDefined shouldBe true
                    estimate.hasInterval() shouldBe false
                    estimate.n() shouldBe 2
                }
            }

        "a ring, in which each seed shares data with the next one" -
            {
                fun ring(n: Int): SeedValues {
                    val a = DoubleArray(n) { normal() }
                    return values(Scale.IDENTITY, n) { a[it.toInt() - 1] + a[it.toInt() % n] }
                        .sharing((1L..n).associateWith { setOf(it % n + 1) })
                }
                for (n in FEW.dropLast(1)) {
                    "jackknife: .93 to .97 at n = $n" { coverage(0.0) { ring(n) }.shouldBeBetween(.93, .97, 0.0) }
                    "less a number of the seed's own, at n = $n" {
                        coverage(0.0) { ring(n).minus(values(Scale.IDENTITY, n) { .1 * normal() }) }
                            .shouldBeBetween(.93, .97, 0.0)
                    }
                }
                "wider than need be for many: .973 at n = 20" {
                    coverage(0.0) { ring(20) } shouldBe (.973 plusOrMinus .008)
                }
            }

        "a share mediated, of means of 2 and .4 that spread by .3 and .2: the jackknife" -
            {
                covers("1 - .4 / 2", .8) { n ->
                    Mediation.share(
                        values(Scale.IDENTITY, n) { 2 + .3 * normal() },
                        values(Scale.IDENTITY, n) { .4 + .2 * normal() },
                    )
                }
            }

        "the coefficient of variation" -
            {
                for (true_ in listOf(.05, .2)) covers("of $true_", true_) { n ->
                    values(Scale.IDENTITY, n) { 5 * (1 + true_ * normal()) }.spread()
                }
            }
    })

/** Exact coverage of Wilson's interval: sum over k of the binomial probability where it holds p. */
private fun wilson(p: Double, n: Int): Double {
    var probability = Math.pow(1 - p, n.toDouble())
    var covered = 0.0
    for (k in 0..n) {
        val interval = Proportion.wilson(k, n)
        if (p in interval.low()..interval.high()) covered += probability
        probability *= (n - k) / (k + 1.0) * p / (1 - p)
    }
    return covered
}
