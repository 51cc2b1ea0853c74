package holonomy.geometry

import holonomy.inference.Quantiles
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import java.util.Random
import kotlin.math.sqrt

private const val DRAWS = 20_000

private fun fixed(size: Int) = DoubleArray(size) { 1.0 + it % 3 }

class ProjectionNullTest :
    FreeSpec({
        "agrees with 20,000 sampled subspaces" {
            val random = Random(1)
            listOf(1 to 6, 3 to 12, 4 to 9).forEach { (k, dimension) ->
                val chance = ProjectionNull(k, dimension.toLong())
                val v = fixed(dimension)
                val sampled = DoubleArray(DRAWS) { Subspace.random(dimension, k, random).energyShare(v) }
                sampled.average() shouldBe (chance.mean() plusOrMinus .006)
                sampled.map { sqrt(it) }.average() shouldBe (chance.meanRho() plusOrMinus .006)
                listOf(.05, .95).forEach { Quantiles.of(sampled, it) shouldBe (chance.quantile(it) plusOrMinus .012) }
                val above = sampled.count { it > .3 } / DRAWS.toDouble()
                above shouldBe (chance.exceedance(.3) plusOrMinus .012)
            }
        }

        "closed forms: Beta(1, 1) is uniform, a plane's mean rho in three dimensions is pi/4" {
            val uniform = ProjectionNull(2, 4)
            uniform.quantile(.3) shouldBe (.3 plusOrMinus 1e-12)
            uniform.exceedance(.3) shouldBe (.7 plusOrMinus 1e-12)
            ProjectionNull(2, 3).meanRho() shouldBe (Math.PI / 4 plusOrMinus 1e-14)
            ProjectionNull(1, 3).meanRho() shouldBe (.5 plusOrMinus 1e-14)
        }

        "stays exact for millions of weights: E[rho] = sqrt(K/P) (1 - 1/(4K) + ..)" {
            listOf(367_624L, 51_000_000L).forEach { p ->
                val chance = ProjectionNull(60, p)
                val k = 60.0
                val series = sqrt(k / p) * (1 - 1 / (4 * k) + 1 / (32 * k * k))
                chance.meanRho() shouldBe (series plusOrMinus series * 1e-6)
                chance.energy().low shouldBe (chance.quantile(.025) plusOrMinus 0.0)
                chance.energy().ratio(sqrt(chance.mean())) shouldBe (1.0 plusOrMinus 1e-12)
            }
        }

        "quantiles keep their digits where the share is tiny: K = 1 in 51 million weights is chi-squared over P" {
            val chance = ProjectionNull(1, 51_000_000)
            // Squares of the normal quantiles at .5125 and .9875.
            chance.quantile(.025) * 51e6 shouldBe (9.820691171752584e-4 plusOrMinus 1e-10)
            chance.quantile(.975) * 51e6 shouldBe (5.023886187314888 plusOrMinus 1e-5)
        }

        "block-matched: mean and quantiles agree with sampled subspaces inside the blocks" {
            val random = Random(2)
            val v = fixed(30).also { it[3] = 9.0 }
            fun sample() =
                Subspace.sum(
                    listOf(
                        Subspace.random(8, 2, random).embedded(2, 30),
                        Subspace.random(12, 3, random).embedded(15, 30),
                    )
                )
            val matched = BlockMatchedNull.of(sample(), DRAWS, random)
            matched.blocks() shouldBe listOf(BlockMatchedNull.Block(2, 8, 2), BlockMatchedNull.Block(15, 12, 3))
            val sampled = DoubleArray(DRAWS) { sample().energyShare(v) }
            val expected = matched.energy(v)
            sampled.average() shouldBe (expected.mean plusOrMinus .004)
            sampled.map { sqrt(it) }.average() shouldBe (expected.meanRho plusOrMinus .004)
            Quantiles.of(sampled, .025) shouldBe (expected.low plusOrMinus .006)
            Quantiles.of(sampled, .975) shouldBe (expected.high plusOrMinus .012)
        }

        "one block that is everything is the plain null; a full block keeps its energy" {
            val whole = BlockMatchedNull.of(listOf(BlockMatchedNull.Block(0, 20, 4)), DRAWS, Random(3))
            val plain = ProjectionNull(4, 20)
            whole.energy(fixed(20)).mean shouldBe (plain.mean() plusOrMinus 1e-12)
            whole.energy(fixed(20)).high shouldBe (plain.quantile(.975) plusOrMinus .01)
            val full = BlockMatchedNull.of(listOf(BlockMatchedNull.Block(0, 2, 2)), 10, Random(4))
            full.energy(doubleArrayOf(3.0, 0.0, 4.0)).low shouldBe (.36 plusOrMinus 1e-12)
        }

        "overlap of random subspaces: chance level and chi-squared interval" {
            val random = Random(5)
            listOf(Triple(3, 3, 300), Triple(2, 5, 400)).forEach { (k1, k2, dimension) ->
                val chance = OverlapNull(k1, k2, dimension.toLong())
                val sampled =
                    DoubleArray(2000) {
                        Subspace.random(dimension, k1, random)
                            .anglesTo(Subspace.random(dimension, k2, random))
                            .overlap()
                    }
                sampled.average() shouldBe (chance.mean() plusOrMinus .04 * chance.mean())
                val inside = sampled.count { it in chance.quantile(.025)..chance.quantile(.975) } / 2000.0
                inside shouldBe (.95 plusOrMinus .02)
            }
        }

        "messages" {
            shouldThrow<IllegalArgumentException> { ProjectionNull(5, 5) }.message shouldBe
                "random subspace of 5 directions in 5 weights: expected at least 1 direction and fewer than weights"
        }
    })
