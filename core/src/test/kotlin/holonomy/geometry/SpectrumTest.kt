package holonomy.geometry

import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.doubles.shouldBeNaN
import io.kotest.matchers.shouldBe
import io.kotest.property.Arb
import io.kotest.property.arbitrary.int
import io.kotest.property.arbitrary.long
import io.kotest.property.checkAll
import java.util.Random
import kotlin.math.cos
import kotlin.math.exp
import kotlin.math.ln
import kotlin.math.sin
import kotlin.math.sqrt

/** A path with orthogonal centred components of these variances (in units of the largest). */
private fun pathWithVariances(vararg variances: Double): Array<FloatArray> {
    val n = 8
    val signs = listOf(0b01010101, 0b00110011, 0b00001111)
    return Array(n) { i ->
        FloatArray(signs.size) { d ->
            val sign = if (signs[d] shr i and 1 == 1) 1.0 else -1.0
            (sign * sqrt(variances.getOrElse(d) { 0.0 })).toFloat()
        }
    }
}

/** Eigenvalues of the D x D scatter matrix, the textbook way, as an independent oracle. */
private fun scatterEigenvalues(rows: Array<FloatArray>): DoubleArray {
    val dimension = rows[0].size
    val mean = DoubleArray(dimension) { d -> rows.sumOf { it[d].toDouble() } / rows.size }
    val eigen =
        SymmetricEigen.of(
            SymmetricMatrix.of(dimension) { a, b -> rows.sumOf { (it[a] - mean[a]) * (it[b] - mean[b]) } }
        )
    return DoubleArray(dimension) { eigen.value(it) }
}

/** Turned by a random angle in each of the planes (a, a + 1). */
private fun turned(row: FloatArray, random: Random): FloatArray {
    val result = row.map { it.toDouble() }.toDoubleArray()
    for (a in 0 until row.size - 1) {
        val angle = random.nextDouble() * 6.3
        val (x, y) = result[a] to result[a + 1]
        result[a] = cos(angle) * x - sin(angle) * y
        result[a + 1] = sin(angle) * x + cos(angle) * y
    }
    return FloatArray(row.size) { result[it].toFloat() }
}

class SpectrumTest :
    FreeSpec({
        "statistics of a known spectrum .64 .25 .11" {
            val spectrum = Spectrum.of(gramOf(pathWithVariances(64.0, 25.0, 11.0)), Centring.CENTRED)
            val p = listOf(.64, .25, .11)
            val q = listOf(8.0, 5.0, sqrt(11.0)).let { roots -> roots.map { it / roots.sum() } }
            relativeDistance(spectrum.varianceShare().copyOf(3), p.toDoubleArray()) shouldBeLessThan 1e-6
            spectrum.r90() shouldBe 3.0
            spectrum.r90Interpolated() shouldBe (2 + .01 / .11 plusOrMinus 1e-5)
            spectrum.rank(.5) shouldBe 1.0
            spectrum.rankInterpolated(.32) shouldBe (.5 plusOrMinus 1e-6)
            spectrum.r95() shouldBe 3.0
            spectrum.pc1Share() shouldBe (.64 plusOrMinus 1e-6)
            spectrum.participationRatio() shouldBe (1 / p.sumOf { it * it } plusOrMinus 1e-5)
            spectrum.entropyRank() shouldBe (exp(-p.sumOf { it * ln(it) }) plusOrMinus 1e-5)
            spectrum.entropyRankOfSingularValues() shouldBe (exp(-q.sumOf { it * ln(it) }) plusOrMinus 1e-5)
            spectrum.eigenvalues().size shouldBe 8
        }

        "the Gram matrix's eigenvalues are the D x D scatter matrix's" {
            checkAll(25, Arb.int(2..12), Arb.int(2..12), Arb.long()) { n, dimension, seed ->
                val rows = randomWalk(n, dimension, seed)
                val spectrum = Spectrum.of(gramOf(rows), Centring.CENTRED).eigenvalues()
                val count = minOf(n, dimension)
                relativeDistance(spectrum.copyOf(count), scatterEigenvalues(rows).copyOf(count)) shouldBeLessThan 1e-11
                spectrum.drop(dimension).all { it <= 1e-13 * spectrum[0] } shouldBe true
            }
        }

        "rotating weight space and moving its origin changes nothing" {
            checkAll(10, Arb.long()) { seed ->
                val rows = randomWalk(10, 6, seed)
                val turned = rows.map { row -> FloatArray(6) { turned(row, Random(seed))[it] + 3 } }.toTypedArray()
                Centring.entries.forEach { centring ->
                    val before = Spectrum.of(gramOf(rows), centring).varianceShare()
                    relativeDistance(Spectrum.of(gramOf(turned), centring).varianceShare(), before) shouldBeLessThan
                        1e-5
                }
            }
        }

        "a straight line is one-dimensional however it is centred" {
            val line = Array(9) { i -> FloatArray(20) { d -> 1f + i * i * (d - 5f) } }
            Centring.entries.forEach {
                val spectrum = Spectrum.of(gramOf(line), it)
                spectrum.r90() shouldBe 1.0
                spectrum.r90Interpolated() shouldBe (.9 plusOrMinus 1e-12)
                spectrum.participationRatio() shouldBe (1.0 plusOrMinus 1e-12)
            }
        }

        "undefined is undefined, never zero" -
            {
                val constant = Array(5) { FloatArray(7) { d -> d.toFloat() } }
                val diverged = Array(5) { i -> FloatArray(7) { if (i == 3) Float.NaN else i.toFloat() } }
                val cases =
                    mapOf(
                        "no snapshot" to emptyArray(),
                        "one" to constant.copyOf(1).requireNoNulls(),
                        "all equal" to constant,
                        "not finite" to diverged,
                    )
                cases.forEach { (name, rows) ->
                    name {
                        Centring.entries.forEach { centring ->
                            val spectrum = Spectrum.of(gramOf(rows), centring)
                            spectrum.isDefined shouldBe false
                            spectrum.eigenvalues().size shouldBe 0
                            Statistic.entries.forEach { it.of(spectrum).shouldBeNaN() }
                        }
                    }
                }
                "row-normalised, when a snapshot returns to the start" {
                    val back =
                        arrayOf(floatArrayOf(0f, 0f), floatArrayOf(1f, 0f), floatArrayOf(0f, 0f), floatArrayOf(1f, 1f))
                    Spectrum.of(gramOf(back), Centring.ROW_NORMALISED).isDefined shouldBe false
                    Spectrum.of(gramOf(back), Centring.CENTRED).isDefined shouldBe true
                }
            }

        "windows: at most 25, from 3 to n, evenly spaced" {
            Windows.expanding(2).toList() shouldBe emptyList()
            Windows.expanding(3).toList() shouldBe listOf(3)
            Windows.expanding(6).toList() shouldBe listOf(3, 4, 5, 6)
            Windows.expanding(27).toList() shouldBe (3..27).toList()
            Windows.expanding(200).toList().let { t ->
                t.size shouldBe 25
                t.first() shouldBe 3
                t.last() shouldBe 200
                t.zipWithNext { a, b -> b - a }.toSet() shouldBe setOf(8, 9)
            }
            Windows.expanding(41, 10).size shouldBe 10
        }
    })
