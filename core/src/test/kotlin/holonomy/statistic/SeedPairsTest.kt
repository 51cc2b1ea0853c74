package holonomy.statistic

import holonomy.claim.Sampling
import holonomy.claim.SeedValues
import holonomy.data.Table
import holonomy.data.UserError
import holonomy.geometry.OverlapNull
import holonomy.geometry.Subspace
import holonomy.inference.Scale
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeBetween
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.util.Random
import kotlin.math.ln
import kotlin.math.sqrt

private fun values(vararg numbers: Double) =
    SeedValues.of("x", numbers.withIndex().associate { (i, x) -> i + 1L to x }.toSortedMap())

/** As the study writes them. */
private fun rows(seeds: Map<Long, Map<String, Subspace>>): Table {
    val names = listOf("one", "other", "block").map(Table::text) + Table.quantity("overlap")
    val sizes = listOf("one_directions", "other_directions", "weights").map(Table::whole)
    val rows = Table.builder(names + sizes)
    for ((one, own) in seeds) for ((other, its) in seeds) if (one != other) {
        own.forEach { (block, space) ->
            val overlap = space.anglesTo(its.getValue(block)).overlap()
            rows.row("$one", "$other", block, overlap, space.size(), its.getValue(block).size(), space.dimension())
        }
    }
    return rows.build()
}

class SeedPairsTest :
    FreeSpec({
        "three pairs by hand: the mean of logarithms, and t_2 sqrt(2/3 sum (x_(-s) - mean)^2)" {
            // Without seed 1 the pair (2, 3) is left, and so on: logarithms 0, 1 and 5, mean 2, squares 4 + 1 + 9.
            val e = Math.E
            val all = listOf(Triple(2L, 3L, 1.0), Triple(1L, 3L, e), Triple(1L, 2L, Math.exp(5.0)))
            val pairs = all.flatMap { (i, j, x) -> listOf(SeedPairs.Pair(i, j, x), SeedPairs.Pair(j, i, x)) }
            val found = SeedPairs("overlap", Scale.LOG, pairs).perSeed(listOf(1, 2, 3))
            found
                .bySeed()
                .mapValues { ln(it.value) }
                .values
                .zip(listOf(3.0, 2.5, .5))
                .forEach { (x, y) -> x shouldBe (y plusOrMinus 1e-12) }
            val estimate = found.estimate()
            ln(estimate.value()) shouldBe (2.0 plusOrMinus 1e-12)
            ln(estimate.high()) - 2 shouldBe (4.302652729911275 * sqrt(14.0 * 2 / 3) plusOrMinus 1e-9)
            estimate.n() shouldBe 3
            estimate.method() shouldBe "mean on a log scale, jackknife over seeds"
        }

        "of independent values the jackknife is Student's interval" {
            val own = values(.2, 1.0, 1.9, 4.0)
            val shared = own.sharing(mapOf(1L to setOf(9L), 2L to setOf(1L))).let { it.sampling() as Sampling.Shared }
            shared.without().keys shouldBe setOf(1L, 2L, 3L, 4L)
            val nothing = own.minus(values(0.0, 0.0, 0.0, 0.0).sharing(mapOf(1L to setOf(2L))))
            nothing.estimate().high() shouldBe (own.estimate().high() plusOrMinus 1e-9)
            own.sharing(mapOf(1L to setOf(9L))).sampling() shouldBe Sampling.INDEPENDENT
        }

        "independent subspaces: the exact p is uniform, and the interval holds chance" {
            val random = Random(3)
            var small = 0
            var held = 0
            val studies = 200
            repeat(studies) {
                val seeds = (1L..4L).associateWith { listOf("a", "b").associateWith { Subspace.random(30, 2, random) } }
                val found = SeedOverlapStudy.overChance("overlap", rows(seeds), seeds.keys.associateBy { "$it" }, 2)
                val p = found.label().substringAfter("with p ").toDouble()
                if (p < .1) small++
                val estimate = found.estimate()
                if (1.0 in estimate.low()..estimate.high()) held++
            }
            (small / studies.toDouble()).shouldBeBetween(.05, .15, 0.0)
            // On a log scale the mean of few chi-squares lies a little below chance; wider than need be all the same.
            (held / studies.toDouble()).shouldBeBetween(.93, 1.0, 0.0)
        }

        "the tail is that of the quantile" {
            val chance = OverlapNull(3, 3, 1000)
            chance.tailOfMean(chance.quantileOfMean(.975, 12), 12) shouldBe (.025 plusOrMinus 1e-9)
        }

        "a spread over seeds can't be set beside a number seed by seed, nor values that share seeds reduced" {
            shouldThrow<UserError> { values(1.0, 2.0).spread().minus(values(1.0, 2.0)) }.message shouldBe
                "'deviation over seeds of x (standard deviation over mean)' is a spread over seeds, no seed has a value of it, " +
                    "so it can't be set beside 'x' seed by seed; state a range for it: isAtMost, isAtLeast, isWithin"
            val shared = values(1.0, 2.0).sharing(mapOf(1L to setOf(2L)))
            shouldThrow<UserError> { Reduction.LEAST.of(listOf(shared, values(1.0, 2.0))) }.message!! shouldContain
                "least of 2 numbers: the seeds of 'x' share runs or give one spread"
            Reduction.LEAST.of(listOf(shared)) shouldBe shared
        }

        "outcomes keep Wilson's interval, whatever they share" {
            val outcomes = SeedValues("groks", Scale.OUTCOME, sortedMapOf(1L to 1.0, 2L to 1.0))
            outcomes.sharing(mapOf(1L to setOf(2L))).sampling() shouldBe Sampling.INDEPENDENT
        }
    })
