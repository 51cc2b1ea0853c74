package holonomy.inference

import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import kotlin.random.Random

class UnimodalTest :
    FreeSpec({
        fun distance(one: DoubleArray, other: DoubleArray) =
            one.indices.sumOf { (one[it] - other[it]) * (one[it] - other[it]) }

        /** Every curve of one rise and one fall on a grid of values, tried in turn. */
        fun nearestOnGrid(values: DoubleArray, grid: List<Double>): Double {
            var least = Double.POSITIVE_INFINITY
            val curve = DoubleArray(values.size)
            fun go(i: Int, falling: Boolean) {
                if (i == values.size) {
                    least = minOf(least, distance(values, curve))
                    return
                }
                for (level in grid) {
                    val down = i > 0 && level < curve[i - 1]
                    if (falling && i > 0 && level > curve[i - 1]) continue
                    curve[i] = level
                    go(i + 1, falling || down)
                }
            }
            go(0, false)
            return least
        }

        fun peaks(values: DoubleArray) =
            values
                .toList()
                .zipWithNext { a, b -> b.compareTo(a) }
                .filter { it != 0 }
                .zipWithNext()
                .count { it == (-1 to 1) }

        "no curve of one rise and one fall comes nearer" {
            val random = Random(1)
            repeat(40) {
                val values = DoubleArray(6) { random.nextInt(5) / 4.0 }
                val fit = Unimodal.fit(values)
                peaks(fit) shouldBe 0
                // Pools of at most six quarters have means on this grid only by chance: the fit is at least as near.
                (distance(values, fit) <= nearestOnGrid(values, List(9) { it / 8.0 }) + 1e-12) shouldBe true
            }
        }

        "what has one peak already is its own fit; a swing becomes a level" {
            val hill = doubleArrayOf(.1, .2, .2, .7, .5, .5, .0)
            Unimodal.fit(hill) shouldBe hill
            val swing = DoubleArray(40) { if (it % 10 < 5) .4 else .6 }
            val fit = Unimodal.fit(swing)
            peaks(fit) shouldBe 0
            fit.average() shouldBe (swing.average() plusOrMinus 1e-12)
        }

        "rising alone pools what stands the wrong way round" {
            Unimodal.rising(doubleArrayOf(3.0, 1.0, 2.0, 5.0)) shouldBe doubleArrayOf(2.0, 2.0, 2.0, 5.0)
            Unimodal.fit(doubleArrayOf()) shouldBe doubleArrayOf()
        }
    })
