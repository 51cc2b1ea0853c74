package holonomy.geometry

import io.kotest.assertions.throwables.shouldThrow
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
import kotlin.math.PI
import kotlin.math.abs
import kotlin.math.cos
import kotlin.math.sin
import kotlin.math.sqrt

private const val ROUNDING = 1e-12

private fun gaussian(size: Int, random: Random) = DoubleArray(size) { random.nextGaussian() }

private fun dot(a: DoubleArray, b: DoubleArray) = a.indices.sumOf { a[it] * b[it] }

private fun unit(size: Int, vararg at: Pair<Int, Double>) =
    DoubleArray(size).also { v -> at.forEach { (d, x) -> v[d] = x } }

class SubspaceTest :
    FreeSpec({
        "every basis is orthonormal, a projection stays put, the residual is orthogonal" {
            checkAll(30, Arb.int(2..40), Arb.int(0..6), Arb.long()) { dimension, wish, seed ->
                val random = Random(seed)
                val k = minOf(wish, dimension)
                val path = ArrayTrajectory.of("W", randomWalk(k + 2, dimension, seed))
                val explicit = Array(k + 1) { gaussian(dimension, random) }
                val subspaces =
                    listOf(
                        Subspace.random(dimension, k, random),
                        Subspace.spannedBy(explicit),
                        Subspace.principal(path, "W", k),
                    )
                subspaces.forEach { subspace ->
                    val basis = subspace.basis()
                    basis.indices.forEach { i ->
                        basis.indices.forEach { j ->
                            dot(basis[i], basis[j]) shouldBe ((if (i == j) 1.0 else 0.0) plusOrMinus ROUNDING)
                        }
                    }
                    val v = gaussian(dimension, random)
                    val projected = subspace.project(v)
                    abs(subspace.residualNorm(projected)) shouldBeLessThan ROUNDING * 10
                    subspace.coordinates(subspace.residual(v)).forEach { abs(it) shouldBeLessThan ROUNDING * 10 }
                    val parts = DoubleArray(dimension) { projected[it] + subspace.residual(v)[it] }
                    relativeDistance(parts, v) shouldBeLessThan ROUNDING
                    val energy = dot(projected, projected) / dot(v, v)
                    subspace.energyShare(v) shouldBe (energy plusOrMinus ROUNDING)
                    val single = FloatArray(dimension) { v[it].toFloat() }
                    subspace.energyShare(single) shouldBe (energy plusOrMinus 1e-5)
                }
            }
        }

        "principal directions are the eigenvectors of the D x D scatter matrix" {
            val rows = randomWalk(12, 7, seed = 6)
            val mean = DoubleArray(7) { d -> rows.sumOf { it[d].toDouble() } / 12 }
            val scatter = SymmetricMatrix.of(7) { a, b -> rows.sumOf { (it[a] - mean[a]) * (it[b] - mean[b]) } }
            val eigen = SymmetricEigen.of(scatter)
            val subspace = Subspace.principal(ArrayTrajectory.of("W", rows), "W", 4)
            subspace.basis().forEachIndexed { k, direction ->
                val cosine = dot(direction, DoubleArray(7) { eigen.vector(k, it) })
                abs(cosine) shouldBe (1.0 plusOrMinus 1e-10)
                val last = DoubleArray(7) { rows[11][it] - mean[it] }
                (dot(direction, last) > 0) shouldBe true
            }
        }

        "relative to the start, with and without normalised rows" {
            val rows = randomWalk(9, 6, seed = 7)
            val trajectory = ArrayTrajectory.of("W", rows)
            mapOf(Centring.FROM_START to false, Centring.ROW_NORMALISED to true).forEach { (centring, normalised) ->
                val moved =
                    (1 until 9).map { i ->
                        val x = DoubleArray(6) { rows[i][it].toDouble() - rows[0][it] }
                        val length = if (normalised) sqrt(dot(x, x)) else 1.0
                        DoubleArray(6) { x[it] / length }
                    }
                val eigen = SymmetricEigen.of(SymmetricMatrix.of(6) { a, b -> moved.sumOf { it[a] * it[b] } })
                val basis = Subspace.principal(trajectory, gramOf(rows), centring, 2).basis()
                basis.forEachIndexed { k, direction ->
                    abs(dot(direction, DoubleArray(6) { eigen.vector(k, it) })) shouldBe (1.0 plusOrMinus 1e-10)
                }
            }
        }

        "a basis of a prefix does not see what comes later" {
            val whole = ArrayTrajectory.of("W", randomWalk(10, 5000, seed = 9))
            val early = Subspace.principal(whole, Gram.of(whole, "W").prefix(5), Centring.CENTRED, 3)
            early.basis() shouldBe Subspace.principal(whole.prefix(5), "W", 3).basis()
        }

        "a path with fewer dimensions than asked for gives those it has" {
            val line = Array(5) { i -> FloatArray(8) { d -> i * (d + 1f) } }
            Subspace.principal(ArrayTrajectory.of("W", line), "W", 3).size() shouldBe 1
            Subspace.principal(ArrayTrajectory.of("W", Array(5) { FloatArray(8) }), "W", 3).size() shouldBe 0
            Subspace.spannedBy(arrayOf(unit(3, 0 to 2.0), unit(3, 0 to -5.0), unit(3, 2 to 1.0))).size() shouldBe 2
        }

        "blocks of a long vector: embedding and sum" {
            val random = Random(3)
            val blocks = listOf(4, 20, 50).map { Subspace.random(10, 3, random).embedded(it, 100) }
            val sum = Subspace.sum(blocks)
            val v = gaussian(100, random)
            sum.size() shouldBe 9
            sum.energyShare(v) shouldBe (blocks.sumOf { it.energyShare(v) } plusOrMinus ROUNDING)
            relativeDistance(sum.project(v), Subspace.spannedBy(sum.basis()).project(v)) shouldBeLessThan ROUNDING
            shouldThrow<IllegalArgumentException> { Subspace.sum(listOf(blocks[0], blocks[0])) }.message shouldBe
                "sum of subspaces: two share weights near 4; embed each in its own block, or use spannedBy"
            shouldThrow<IllegalArgumentException> { blocks[0].coordinates(DoubleArray(10)) }.message shouldBe
                "vector has 10 weights, the subspace 100"
        }

        "zero has no direction" { Subspace.random(5, 2, Random(1)).energyShare(DoubleArray(5)).shouldBeNaN() }

        "principal angles of planes turned by known angles, tiny ones too" {
            val angles = doubleArrayOf(1e-12, 1e-9, 1e-3, .5, 1.2, PI / 2)
            val one = Subspace.spannedBy(Array(6) { unit(12, it to 1.0) })
            val two = Subspace.spannedBy(Array(6) { unit(12, it to cos(angles[it]), it + 6 to sin(angles[it])) })
            listOf(one.anglesTo(two), two.anglesTo(one)).forEach { found ->
                angles.indices.forEach {
                    found.radians()[it] shouldBe (angles[it] plusOrMinus 1e-15 + 1e-10 * angles[it])
                }
                found.overlap() shouldBe (angles.sumOf { cos(it) * cos(it) } / 6 plusOrMinus ROUNDING)
            }
        }

        "angles do not depend on the bases, nor on how the directions are stored" {
            checkAll(20, Arb.int(1..4), Arb.int(1..4), Arb.long()) { k1, k2, seed ->
                val random = Random(seed)
                val one = Subspace.random(9, k1, random)
                val two = Subspace.random(9, k2, random)
                val mixed = Subspace.spannedBy(Array(k1) { one.project(gaussian(9, random)) })
                val expected = one.anglesTo(two).radians()
                relativeDistance(mixed.anglesTo(two).radians(), expected) shouldBeLessThan 1e-9
                val far = one.embedded(30, 60).anglesTo(two.embedded(30, 60))
                relativeDistance(far.radians(), expected) shouldBeLessThan 1e-9
                expected.size shouldBe minOf(k1, k2)
                far.overlap() shouldBe (one.anglesTo(two).cosines().map { it * it }.average() plusOrMinus ROUNDING)
            }
        }

        "disjoint blocks are orthogonal, an empty subspace has no angle" {
            val random = Random(5)
            val block = Subspace.random(10, 2, random)
            block.embedded(0, 30).anglesTo(block.embedded(15, 30)).overlap() shouldBe 0.0
            block.anglesTo(Subspace.random(10, 0, random)).overlap().shouldBeNaN()
        }
    })
