package holonomy.inference

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeNaN
import io.kotest.matchers.shouldBe
import io.kotest.property.Arb
import io.kotest.property.arbitrary.int
import io.kotest.property.arbitrary.long
import io.kotest.property.checkAll
import java.util.Random
import kotlin.math.abs

private const val ROUNDING = 1e-12

/**
 * Darwin's maize: height of cross- minus self-fertilised plants, in eighths of an inch; Fisher (1935) enumerated it.
 */
private val maize =
    doubleArrayOf(49.0, -67.0, 8.0, 16.0, 6.0, 23.0, 28.0, 41.0, 14.0, 29.0, 56.0, 24.0, 75.0, 60.0, -48.0)

class ExactTestsTest :
    FreeSpec({
        "sign flips of Darwin's maize: 863 of 32,768, as Fisher counted" {
            val test = SignFlip.of(maize)
            test.greater shouldBe (863 / 32_768.0 plusOrMinus ROUNDING)
            test.twoSided shouldBe (1726 / 32_768.0 plusOrMinus ROUNDING)
            test.floor() shouldBe (2 / 32_768.0 plusOrMinus ROUNDING)
        }

        "agrees with counting every sign pattern" {
            checkAll(40, Arb.int(0..9), Arb.long()) { n, seed ->
                val random = Random(seed)
                val d = DoubleArray(n) { random.nextInt(7) - 2.0 }
                val sums =
                    (0 until (1 shl n)).map { signs ->
                        d.indices.sumOf { if (signs shr it and 1 == 1) d[it] else -d[it] }
                    }
                val test = SignFlip.of(d)
                test.greater shouldBe (sums.count { it >= d.sum() } / sums.size.toDouble() plusOrMinus ROUNDING)
                test.less shouldBe (sums.count { it <= d.sum() } / sums.size.toDouble() plusOrMinus ROUNDING)
                test.twoSided shouldBe
                    (sums.count { abs(it) >= abs(d.sum()) } / sums.size.toDouble() plusOrMinus ROUNDING)
            }
        }

        "three seeds cannot go below .25, and equal sums in other orders are ties" {
            SignFlip.of(doubleArrayOf(1.0, 2.0, 3.0)).twoSided shouldBe .25
            SignFlip.of(doubleArrayOf(1.0, 2.0, 3.0)).floor() shouldBe .25
            SignFlip.of(doubleArrayOf(.1, .2, .3)).greater shouldBe SignFlip.of(doubleArrayOf(1.0, 2.0, 3.0)).greater
            SignFlip.of(doubleArrayOf(0.0, 0.0)).twoSided shouldBe 1.0
        }

        "under the null it rejects as often as it says" {
            val random = Random(1)
            val rejected =
                (1..4000).count { SignFlip.of(DoubleArray(8) { random.nextGaussian() * (it + 1) }).twoSided <= .05 }
            rejected / 4000.0 shouldBe (12 / 256.0 plusOrMinus .012)
        }

        "rank correlation of IQ and hours of television: -29/165" {
            val iq = doubleArrayOf(106.0, 86.0, 100.0, 101.0, 99.0, 103.0, 97.0, 113.0, 112.0, 110.0)
            val hours = doubleArrayOf(7.0, 0.0, 27.0, 50.0, 28.0, 29.0, 20.0, 12.0, 6.0, 17.0)
            Ranks.spearman(iq, hours) shouldBe (-29 / 165.0 plusOrMinus ROUNDING)
        }

        "ranks with ties: one plus those below, plus half of the other equals" {
            checkAll(40, Arb.int(0..12), Arb.long()) { n, seed ->
                val random = Random(seed)
                val x = DoubleArray(n) { random.nextInt(5).toDouble() }
                Ranks.of(x) shouldBe
                    DoubleArray(n) { i -> 1 + x.count { it < x[i] } + (x.count { it == x[i] } - 1) / 2.0 }
            }
            Ranks.spearman(doubleArrayOf(1.0, 2.0, 2.0, 5.0), doubleArrayOf(3.0, 4.0, 4.0, 9.0)) shouldBe
                (1.0 plusOrMinus ROUNDING)
            Ranks.spearman(doubleArrayOf(1.0, 1.0), doubleArrayOf(3.0, 4.0)).shouldBeNaN()
        }

        "Holm's adjusted p-values" {
            val adjusted = Holm.adjusted(doubleArrayOf(.01, .04, .03, .005))
            listOf(.03, .06, .06, .02).forEachIndexed { i, p -> adjusted[i] shouldBe (p plusOrMinus ROUNDING) }
            Holm.adjusted(doubleArrayOf(.6, .7)).toList() shouldBe listOf(1.0, 1.0)
        }

        "adjusted p-values reject what Holm's step-down procedure rejects" {
            checkAll(60, Arb.int(1..8), Arb.long()) { m, seed ->
                val random = Random(seed)
                val p = DoubleArray(m) { random.nextDouble() * .1 }
                val sorted = p.sorted()
                val rejected = sorted.indices.takeWhile { sorted[it] * (m - it) <= .05 }.map { sorted[it] }.toSet()
                p.indices.filter { Holm.adjusted(p)[it] <= .05 }.map { p[it] }.toSet() shouldBe rejected
            }
        }

        "messages" {
            shouldThrow<IllegalArgumentException> { SignFlip.of(DoubleArray(25)) }.message shouldBe
                "sign-flip test of 25 pairs: at most 24 are enumerated; with so many use the interval of the paired difference"
            shouldThrow<IllegalArgumentException> { Holm.adjusted(doubleArrayOf(1.5)) }.message shouldBe
                "p-value 1.5 of test 0: expected 0 .. 1"
        }
    })
