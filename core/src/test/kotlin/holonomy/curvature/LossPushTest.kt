package holonomy.curvature

import holonomy.data.UserError
import holonomy.geometry.Orthonormal
import holonomy.task.Stream
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.shouldBe

private val random = Stream.of(1, "loss push test").at(0)

private fun gaussian(size: Int) = DoubleArray(size) { random.nextGaussian() }

class LossPushTest :
    FreeSpec({
        "a planted direction costs what its curvature says, others of its block a share of it, other blocks nothing" {
            val (first, second) = block(0, 40) to block(40, 20)
            val theta = gaussian(first.size() + second.size())
            val planted = gaussian(first.size()).let { v -> v.map { it / Orthonormal.norm(v) }.toDoubleArray() }
            val slope = .3
            // L = 1/2 h (p'(w - theta))^2 + slope p'w, w in the first block
            val loss = { at: DoubleArray ->
                val along = planted.indices.sumOf { planted[it] * (at[it] - theta[it]) }
                7.0 / 2 * along * along + slope * along
            }
            val v = DoubleArray(theta.size) { if (it < first.size()) 3 * planted[it] else 1.0 }
            val far = .1 * Orthonormal.norm(theta.copyOf(first.size()))
            val found = LossPush.of(loss, theta, v, first, .1, 5, random)
            found.along() shouldBe (7.0 / 2 * far * far + slope * far plusOrMinus 1e-12)
            found.against() shouldBe (7.0 / 2 * far * far - slope * far plusOrMinus 1e-12)
            found.bothWays() shouldBe (7.0 / 2 * far * far plusOrMinus 1e-12)
            found.random().size shouldBe 5
            // Orthogonal to the planted direction: all of the block's curvature lies along it.
            found.random().forEach { it shouldBe (0.0 plusOrMinus 1e-12) }
            val elsewhere = LossPush.of(loss, theta, v, second, .1, 5, random)
            listOf(elsewhere.along(), elsewhere.against()).forEach { it shouldBe (0.0 plusOrMinus 1e-12) }
            // Another direction of the block meets the planted one by chance only.
            val other = DoubleArray(theta.size).also { gaussian(first.size()).copyInto(it) }
            LossPush.of(loss, theta, other, first, .1, 5, random).bothWays() shouldBeLessThan found.bothWays() / 2
        }

        "mistakes are named" {
            val first = block(0, 40)
            val theta = gaussian(60)
            shouldThrow<UserError> { LossPush.of({ 0.0 }, theta, theta, first, .1, 40, random) }.message shouldBe
                "push of block '${first.name()}': expected 1 to 39 random directions and a share of its length above 0, found 40 and 0.1"
        }
    })
