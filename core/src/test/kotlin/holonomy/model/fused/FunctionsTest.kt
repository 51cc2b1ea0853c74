package holonomy.model.fused

import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.shouldBe
import kotlin.math.abs
import kotlin.math.exp
import kotlin.math.pow
import kotlin.math.sqrt

/** The largest error among a function's values against a double's. */
private fun largest(xs: FloatArray, found: FloatArray, error: (x: Double, found: Float) -> Double): Double =
    xs.indices.maxOf { error(xs[it].toDouble(), found[it]) }

private fun density(u: Double) = exp(-u * u / 2) / sqrt(2 * Math.PI)

/** The normal distribution function: 1/2 + phi(u) (u + u^3 / 3 + u^5 / (3 5) + ...). */
private fun distribution(u: Double): Double {
    val a = abs(u)
    if (a > 9) return if (u > 0) 1.0 else 0.0
    var term = a
    var sum = a
    var k = 1
    while (term > 1e-18 * sum) {
        term *= a * a / (2 * k++ + 1)
        sum += term
    }
    val upper = .5 + density(a) * sum
    return if (u > 0) upper else 1 - upper
}

class FunctionsTest :
    FreeSpec({
        fun power(xs: FloatArray) = FloatArray(xs.size).also { Exp.of(xs, it, FloatArray(xs.size), xs.size) }

        "e^x is within one unit in the last place from -87.3 to 0" {
            // Every 1,009th number of float32: all of them gave .989.
            val least = java.lang.Float.floatToRawIntBits(-Exp.LEAST)
            val xs = FloatArray(least / 1009) { -java.lang.Float.intBitsToFloat(it * 1009) }
            largest(xs, power(xs)) { x, found -> abs(found - exp(x)) / Math.ulp(exp(x).toFloat()) } shouldBeLessThan 1.0
        }

        "e^x at the ends: 1 at 0, 1.2e-38 below -87.3, NaN of NaN" {
            val ends = floatArrayOf(0f, -0f, -88f, -1e30f, Float.NEGATIVE_INFINITY)
            val least = power(floatArrayOf(Exp.LEAST))[0]
            least.toDouble() shouldBeLessThan 1.3e-38
            power(ends).toList() shouldBe listOf(1f, 1f, least, least, least)
            power(floatArrayOf(Float.NaN))[0].isNaN() shouldBe true
        }

        "e^x in place, and of the first entries only" {
            val xs = floatArrayOf(-1f, -2f, -3f)
            Exp.of(xs, xs, FloatArray(3), 2)
            xs.toList() shouldBe power(floatArrayOf(-1f, -2f)).toList() + -3f
        }

        "gelu and its slope" {
            val unit = 2.0.pow(-23)
            val us = FloatArray(2_400_001) { (it - 1_200_000) * 1e-5f }
            val gelu = FloatArray(us.size)
            val slope = FloatArray(us.size)
            Gelu(us.size).of(us, gelu, slope, us.size)
            withClue("gelu") {
                largest(us, gelu) { u, found ->
                    val exact = u * distribution(u)
                    abs(found - exact) / maxOf(1.0, abs(exact))
                } shouldBeLessThan unit
            }
            withClue("slope") {
                largest(us, slope) { u, found -> abs(found - distribution(u) - u * density(u)) } shouldBeLessThan
                    1.5 * unit
            }
        }

        "gelu far out, at 0 and of NaN" {
            val us = floatArrayOf(0f, -0f, 1e-45f, 1e20f, -1e20f, Float.NaN)
            val gelu = FloatArray(us.size)
            val slope = FloatArray(us.size)
            Gelu(us.size).of(us, gelu, slope, us.size)
            abs(gelu[4]).toDouble() shouldBeLessThan 1e-20
            gelu.take(4) shouldBe listOf(0f, 0f, 1e-45f, 1e20f)
            slope.take(5) shouldBe listOf(.5f, .5f, .5f, 1f, 0f)
            (gelu[5].isNaN() && slope[5].isNaN()) shouldBe true
        }
    })
