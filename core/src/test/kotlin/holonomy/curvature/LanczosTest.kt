package holonomy.curvature

import holonomy.data.UserError
import holonomy.geometry.Orthonormal
import holonomy.geometry.SymmetricMatrix
import holonomy.inference.Interval
import holonomy.task.Stream
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeGreaterThan
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.ints.shouldBeGreaterThanOrEqual
import io.kotest.matchers.ints.shouldBeLessThan
import io.kotest.matchers.shouldBe
import kotlin.math.abs
import kotlin.math.pow
import kotlin.math.sqrt

/** Quadratic losses: their Hessian is the matrix itself, its spectrum chosen. */
class LanczosTest :
    FreeSpec({
        val random = Stream.of(1, "lanczos test").at(0)

        fun check(lanczos: Lanczos, values: DoubleArray, a: SymmetricOperator, k: Int) {
            val sorted = values.sortedDescending()
            for (i in 0 until k) withClue("eigenvalue $i") {
                lanczos.value(i) shouldBe (sorted[i] plusOrMinus 1e-6)
                abs(lanczos.value(i) - sorted[i]) shouldBeLessThan lanczos.error(i) + 1e-9
                val vector = lanczos.vector(i)
                Orthonormal.norm(vector) shouldBe (1.0 plusOrMinus 1e-10)
                val product = a.times(vector)
                val rest = DoubleArray(vector.size) { product[it] - lanczos.value(i) * vector[it] }
                Orthonormal.norm(rest) shouldBe (lanczos.error(i) plusOrMinus 1e-8)
            }
        }

        "a quadratic's eigenvalues are found to 1e-6, also multiple, negative and zero ones" {
            for (values in
                listOf(
                    doubleArrayOf(3.0),
                    doubleArrayOf(5.0, 5.0, 5.0, -2.0, 0.0, 0.0),
                    DoubleArray(7),
                    DoubleArray(40) { 1.0 / (1 + it) },
                    DoubleArray(60) { if (it < 3) 100.0 - it else random.nextGaussian() },
                )) {
                val a = SymmetricOperator.of(matrixOf(values, rotation(values.size, random)))
                check(Lanczos.largest(a, values.size, 1e-8, 100, random), values, a, values.size)
            }
        }

        "of a large one only as many products are taken as the largest need; the end of Q says how far the others are" {
            val values = DoubleArray(300) { if (it < 5) 10.0 + 3 * it else random.nextDouble() - .3 }
            val a = Counted(SymmetricOperator.of(matrixOf(values, rotation(300, random))))
            val lanczos = Lanczos.largest(a, 5, 1e-8, 200, random)
            a.products shouldBe lanczos.size()
            lanczos.size() shouldBeLessThan 60
            check(lanczos, values, a, 5)
            val few = Lanczos.largest(a, 5, 1e-12, 8, random)
            few.size() shouldBe 8
            few.error(4) shouldBeGreaterThan 1e-3
        }

        "orthogonal to rounding after many steps: no eigenvalue is found twice" {
            val values = DoubleArray(200) { 2.0.pow(-it / 4.0) }
            val a = SymmetricOperator.of(matrixOf(values, rotation(200, random)))
            val found = Lanczos.largest(a, 20, 1e-10, 150, random)
            check(found, values, a, 20)
        }

        "a part, a diagonal added, a preconditioner" {
            val values = DoubleArray(12) { it - 4.0 }
            val matrix = matrixOf(values, rotation(12, random))
            val a = SymmetricOperator.of(matrix)
            val blocks = listOf(block(8, 2), block(1, 3))
            val places = listOf(8, 9, 1, 2, 3)
            val part = a.within(Part(blocks))
            val own = SymmetricMatrix.of(places.size) { i, j -> matrix.get(places[i], places[j]) }
            val v = gaussian(places.size, random)
            part.times(v).zip(SymmetricOperator.of(own).times(v)).forEach { (x, y) -> x shouldBe (y plusOrMinus 1e-12) }

            val p = DoubleArray(12) { .1 + random.nextDouble() }
            val w = gaussian(12, random)
            a.plus(p).times(w).indices.forEach {
                a.plus(p).times(w)[it] shouldBe (a.times(w)[it] + p[it] * w[it] plusOrMinus 1e-12)
            }
            // An eigenvector u of P^-1/2 A P^-1/2 is x = P^-1/2 u with P^-1 A x = lambda x.
            val top = Lanczos.largest(a.preconditioned(p), 1, 1e-10, 100, random)
            val x = DoubleArray(12) { top.vector(0)[it] / sqrt(p[it]) }
            val ax = a.times(x)
            for (i in 0 until 12) ax[i] / p[i] shouldBe (top.value(0) * x[i] plusOrMinus 1e-9)
        }

        "more eigenvalues than weights are refused, and none" {
            val a = SymmetricOperator.of(matrixOf(doubleArrayOf(1.0, 2.0, 3.0), rotation(3, random)))
            for (k in listOf(4, 0)) {
                shouldThrow<UserError> { Lanczos.largest(a, k, 1e-6, 10, random) }.message shouldBe
                    "curvature: eigenvalues expected 1 to 3 of 3 weights, found $k; ask for 1 to 3"
            }
        }

        "what isn't finite is said, not searched" {
            val a = SymmetricOperator.of(3) { DoubleArray(3) { Double.NaN } }
            shouldThrow<ArithmeticException> { Lanczos.largest(a, 1, 1e-6, 10, random) }.message shouldBe
                "curvature: a product is not finite; are all weights and gradients?"
        }

        "the density's nodes give every polynomial up to degree 2m - 1 of a probe exactly" {
            val values = DoubleArray(50) { random.nextGaussian() }
            val a = SymmetricOperator.of(matrixOf(values, rotation(50, random)))
            val start = gaussian(50, random)
            val lanczos = Lanczos.from(a, start, 6)
            lanczos.size() shouldBe 6
            var power = start
            for (p in 0..11) {
                val exact = Orthonormal.dot(start, power) / Orthonormal.dot(start, start)
                val found = (0 until 6).sumOf { lanczos.weight(it) * lanczos.value(it).pow(p) }
                withClue("degree $p") { found shouldBe (exact plusOrMinus 1e-9 * maxOf(1.0, abs(exact))) }
                power = a.times(power)
            }
        }

        "the density's moments and shares are the matrix's, within the intervals they state" {
            val values = DoubleArray(80) { if (it < 8) 4.0 else -.5 + it / 80.0 }
            val a = SymmetricOperator.of(matrixOf(values, rotation(80, random)))
            var held = 0
            val rounds = 60
            repeat(rounds) {
                val density = SpectralDensity.of(a, 8, 20, random)
                density.weights().forEach { it.sum() shouldBe (1.0 plusOrMinus 1e-10) }
                for (p in 1..3) {
                    val exact = values.map { it.pow(p) }.average()
                    val found = density.mean { it.pow(p) }
                    if (found.low() <= exact && exact <= found.high()) held++
                }
                val share = density.below(2.0)
                if (share.low() <= .9 && .9 <= share.high()) held++
                share.low() shouldBeGreaterThan .6
            }
            // 95 % of 240 are 228; numbers of one round go together.
            held shouldBeGreaterThanOrEqual 212
            val one = SpectralDensity.of(SymmetricOperator.of(1) { doubleArrayOf(2 * it[0]) }, 3, 5, random)
            one.at(2.0, .1) shouldBe (1 / (.1 * sqrt(2 * Math.PI)) plusOrMinus 1e-12)
        }

        "Hutch++: exact where its directions fill the space, else within the interval it states" {
            val values = DoubleArray(60) { 1.0 / (1 + it) - .1 }
            val a = Counted(SymmetricOperator.of(matrixOf(values, rotation(60, random))))
            TraceEstimate.of(a, 60, random).let {
                it.value() shouldBe (values.sum() plusOrMinus 1e-9)
                it.high() - it.low() shouldBe 0.0
            }
            a.products = 0
            var held = 0
            val rounds = 200
            val widths =
                List(rounds) {
                    val found = TraceEstimate.of(a, 8, random)
                    if (found.low() <= values.sum() && values.sum() <= found.high()) held++
                    found.high() - found.low()
                }
            a.products shouldBe rounds * 24
            held shouldBeGreaterThanOrEqual 178 // 95 % of 200 are 190, standard deviation 3
            // The same products spent on signs alone leave a wider interval.
            val plain =
                List(rounds) {
                    val signs =
                        DoubleArray(24) {
                            val g = DoubleArray(60) { if (random.nextBoolean()) 1.0 else -1.0 }
                            Orthonormal.dot(g, a.times(g))
                        }
                    Interval.studentT(signs).let { it.high() - it.low() }
                }
            widths.average() shouldBeLessThan plain.average()
        }

        "share of a vector in the top space: 1 in it, 0 across, k/d of any other on average" {
            val vectors = rotation(30, random)
            val values = DoubleArray(30) { 30.0 - it }
            val top = Lanczos.largest(SymmetricOperator.of(matrixOf(values, vectors)), 3, 1e-9, 100, random)
            val inside = DoubleArray(30) { vectors[0][it] - 2 * vectors[2][it] }
            TopShare.of(top, 3, inside).share() shouldBe (1.0 plusOrMinus 1e-9)
            TopShare.of(top, 2, inside).share() shouldBe (.2 plusOrMinus 1e-9)
            TopShare.of(top, 3, vectors[7]).share() shouldBe (0.0 plusOrMinus 1e-9)
            TopShare.of(top, 3, DoubleArray(30)).share().isNaN() shouldBe true
            val any = List(2_000) { TopShare.of(top, 3, gaussian(30, random)) }
            any[0].chance() shouldBe .1
            any.map { it.share() }.average() shouldBe (.1 plusOrMinus .006) // five standard errors
        }
    })
