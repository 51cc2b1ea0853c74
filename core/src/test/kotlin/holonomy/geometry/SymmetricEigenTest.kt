package holonomy.geometry

import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.property.Arb
import io.kotest.property.arbitrary.int
import io.kotest.property.arbitrary.long
import io.kotest.property.checkAll
import kotlin.math.PI
import kotlin.math.cos

private const val ROUNDING = 1e-13

class SymmetricEigenTest :
    FreeSpec({
        "vectors give the matrix back and are orthonormal" {
            checkAll(40, Arb.int(1..40), Arb.long()) { n, seed ->
                val matrix = randomSymmetric(n, seed)
                val eigen = SymmetricEigen.of(matrix)
                val entries = (0 until n).flatMap { i -> (0 until n).map { j -> i to j } }
                val rebuilt =
                    entries.map { (i, j) ->
                        (0 until n).sumOf { eigen.value(it) * eigen.vector(it, i) * eigen.vector(it, j) }
                    }
                relativeDistance(
                    rebuilt.toDoubleArray(),
                    entries.map { (i, j) -> matrix.get(i, j) }.toDoubleArray(),
                ) shouldBeLessThan 10 * ROUNDING
                entries.forEach { (i, j) ->
                    val product = (0 until n).sumOf { eigen.vector(i, it) * eigen.vector(j, it) }
                    product shouldBe ((if (i == j) 1.0 else 0.0) plusOrMinus ROUNDING)
                }
            }
        }

        "values alone agree with the values of the decomposition with vectors" {
            checkAll(60, Arb.int(1..60), Arb.long()) { n, seed ->
                val matrix = randomSymmetric(n, seed)
                val eigen = SymmetricEigen.of(matrix)
                val withVectors = DoubleArray(n) { eigen.value(it) }
                relativeDistance(SymmetricEigen.values(matrix), withVectors) shouldBeLessThan 10 * ROUNDING
            }
        }

        "values of low-rank, tiny and large matrices" -
            {
                listOf(1e-150, 1.0, 1e150).forEach { scale ->
                    "scale $scale" {
                        val n = 20
                        val matrix = SymmetricMatrix.of(n) { i, j -> scale * ((i + 1.0) * (j + 1) + (i % 2) * (j % 2)) }
                        val eigen = SymmetricEigen.values(matrix)
                        eigen.sum() shouldBe (matrix.trace() plusOrMinus scale * 1e-10)
                        eigen.drop(2).all { kotlin.math.abs(it) < 1e-13 * eigen[0] } shouldBe true
                    }
                }
            }

        "known spectrum: second differences have eigenvalues 2(1 - cos(pi k/(n+1)))" {
            val n = 50
            val matrix = SymmetricMatrix.of(n) { i, j -> if (i == j) 2.0 else if (i - j == 1) -1.0 else 0.0 }
            val expected = DoubleArray(n) { 2 * (1 - cos(PI * (n - it) / (n + 1))) }
            relativeDistance(SymmetricEigen.values(matrix), expected) shouldBeLessThan ROUNDING
        }

        "diagonal, single and empty matrices" {
            SymmetricEigen.values(SymmetricMatrix.of(3) { i, j -> if (i == j) i.toDouble() else 0.0 }) shouldBe
                doubleArrayOf(2.0, 1.0, 0.0)
            SymmetricEigen.values(SymmetricMatrix.of(1) { _, _ -> -4.0 }) shouldBe doubleArrayOf(-4.0)
            SymmetricEigen.values(SymmetricMatrix.of(0) { _, _ -> 0.0 }).toList().shouldBeEmpty()
        }
    })
