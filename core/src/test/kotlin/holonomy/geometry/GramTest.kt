package holonomy.geometry

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.property.Arb
import io.kotest.property.arbitrary.int
import io.kotest.property.arbitrary.long
import io.kotest.property.checkAll

private fun plainGram(rows: Array<FloatArray>) =
    SymmetricMatrix.of(rows.size) { i, j ->
        rows[0].indices.sumOf { d -> (rows[i][d].toDouble() - rows[0][d]) * (rows[j][d].toDouble() - rows[0][d]) }
    }

private fun flat(matrix: SymmetricMatrix) = matrix.toArray().flatMap { it.asIterable() }.toDoubleArray()

class GramTest :
    FreeSpec({
        "agrees with the definition for every dimension, also across chunks" {
            val around = listOf(1, 2, 3, 4, 5, 7, GramKernel.CHUNK - 1, GramKernel.CHUNK, 2 * GramKernel.CHUNK + 3)
            around.forEach { dimension ->
                val rows = randomWalk(6, dimension, seed = 3)
                relativeDistance(flat(gramOf(rows).displacements()), flat(plainGram(rows))) shouldBeLessThan 1e-14
            }
        }

        "grown snapshot by snapshot it equals the one made at once, bit for bit" {
            checkAll(15, Arb.int(1..12), Arb.int(1..6000), Arb.long()) { n, dimension, seed ->
                val whole = ArrayTrajectory.of("W", randomWalk(n, dimension, seed))
                val once = Gram.of(whole, "W")
                val grown = (2..n).fold(Gram.of(whole.prefix(1), "W")) { gram, t -> gram.extended(whole.prefix(t)) }
                grown.displacements() shouldBe once.displacements()
                grown.steps() shouldBe once.steps()
                Gram.of(whole.prefix(n - 1), "W").displacements() shouldBe once.prefix(n - 1).displacements()
            }
        }

        "keeps the digits of a short path far from the origin" {
            val far = 1000f
            val rows = Array(4) { i -> FloatArray(64) { d -> far + i * (d % 3) * 1.0f / 1024 } }
            val near = Array(4) { i -> FloatArray(64) { d -> i * (d % 3) * 1.0f / 1024 } }
            gramOf(rows).displacements() shouldBe gramOf(near).displacements()
        }

        "several blocks together: the sum of their Gram matrices is that of the joined vector" {
            val a = randomWalk(7, 30, seed = 1)
            val b = randomWalk(7, 50, seed = 2)
            val both = ArrayTrajectory.of(linkedMapOf("a" to a, "b" to b), LongArray(7) { 10L * it })
            val sum = Gram.sum("a and b", both.blocks().map { Gram.of(both, it) })
            val joined = gramOf(Array(7) { a[it] + b[it] })
            relativeDistance(flat(sum.displacements()), flat(joined.displacements())) shouldBeLessThan 1e-14
            sum.dimension() shouldBe 80
        }

        "increments and path are inverse to each other" {
            checkAll(20, Arb.int(1..20), Arb.long()) { n, seed ->
                val rows = randomWalk(n, 40, seed)
                val gram = gramOf(rows)
                val increments = Increments.of(gram)
                val products = SymmetricMatrix.of(n - 1) { s, t -> increments.get(s, t) }
                relativeDistance(
                    flat(increments.path(products).displacements()),
                    flat(gram.displacements()),
                ) shouldBeLessThan 1e-12
                val direct =
                    SymmetricMatrix.of(n - 1) { s, t ->
                        (0 until 40).sumOf {
                            (rows[s + 1][it].toDouble() - rows[s][it]) * (rows[t + 1][it].toDouble() - rows[t][it])
                        }
                    }
                relativeDistance(flat(products), flat(direct)) shouldBeLessThan 1e-12
            }
        }

        "messages" {
            val gram = gramOf(randomWalk(5, 8, seed = 1))
            val other = ArrayTrajectory.of(mapOf("W" to randomWalk(5, 8, seed = 1)), LongArray(5) { 100L * it })
            shouldThrow<IllegalArgumentException> { gram.extended(other) }.message shouldBe
                "block 'W': the trajectory's steps [0, 100, 200, 300, 400] do not begin with the Gram matrix's " +
                    "[0, 1, 2, 3, 4]; compute it anew"
            shouldThrow<IllegalArgumentException> { gram.prefix(6) }.message shouldContain "'W' has 5"
            shouldThrow<IllegalArgumentException> {
                    ArrayTrajectory.of(mapOf("W" to randomWalk(2, 3, 1)), longArrayOf(5, 5))
                }
                .message shouldBe "steps must increase: snapshot 1 is of step 5, the one before of step 5"
            shouldThrow<IllegalArgumentException> { other.dimension("V") }.message shouldBe
                "trajectory has no block 'V'; it has [W]"
        }
    })
