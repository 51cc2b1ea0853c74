package holonomy.curvature

import holonomy.data.UserError
import holonomy.geometry.Orthonormal
import holonomy.model.Architecture
import holonomy.model.ComputeDevice
import holonomy.model.Role
import holonomy.model.Weights
import holonomy.task.Batch
import holonomy.task.Stream
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeGreaterThan
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.shouldBe

private const val HIDDEN = 12

/** Hidden unit i of each MLP moved to place order[i]: the same function. */
private fun permuted(model: Architecture, theta: DoubleArray, order: List<Int>): DoubleArray {
    val moved = theta.clone()
    for (block in model.layout().blocks()) for (i in 0 until HIDDEN) {
        when (block.role()) {
            Role.MLP_IN,
            Role.MLP_IN_BIAS ->
                for (c in 0 until block.columns()) moved[block.offset() + order[i] * block.columns() + c] =
                    theta[block.offset() + i * block.columns() + c]
            Role.MLP_OUT ->
                for (r in 0 until block.rows()) moved[block.offset() + r * HIDDEN + order[i]] =
                    theta[block.offset() + r * HIDDEN + i]
            else -> {}
        }
    }
    return moved
}

class LossBetweenTest :
    FreeSpec({
        val random = Stream.of(1, "loss between test").at(0)
        val centre = gaussian(9, random)
        val hessian = matrixOf(DoubleArray(9) { .2 + it }, rotation(9, random))
        val quadratic = { theta: DoubleArray ->
            val d = DoubleArray(9) { theta[it] - centre[it] }
            .5 * Orthonormal.dot(d, SymmetricOperator.of(hessian).times(d))
        }

        "barrier: exactly 0 between equal ends, at most 0 everywhere under a convex loss, its height under a saddle" {
            val a = gaussian(9, random)
            val b = gaussian(9, random)
            val same = Barrier.between(quadratic, a, a.clone(), 11)
            same.losses().indices.forEach { same.height(it) shouldBe 0.0 }
            same.largest() shouldBe 0.0
            val convex = Barrier.between(quadratic, a, b, 25)
            convex.largest() shouldBe 0.0
            (1 until 24).forEach { convex.height(it) shouldBeLessThan -1e-3 }
            convex.losses()[24] shouldBe quadratic(a)
            convex.losses()[0] shouldBe quadratic(b)
            // alpha - alpha^2 rises 1/4 above its ends.
            val hill = Barrier.between({ it[0] - it[0] * it[0] }, doubleArrayOf(1.0), doubleArrayOf(0.0), 25)
            hill.largest() shouldBe (.25 plusOrMinus 1e-12)
            Barrier.between({ if (it[0] > .3) Double.NaN else 0.0 }, doubleArrayOf(1.0), doubleArrayOf(0.0), 5)
                .largest()
                .isNaN() shouldBe true
        }

        "barrier: a permuted twin computes the same, has a large barrier, and none once the permutation is undone" {
            val model = Architecture(11, 4, 11, 2, 2, 8, HIDDEN)
            val start = Weights.initial(model, 5).values()
            // MLPs that matter: their weights sixteen times as large.
            val theta = DoubleArray(start.size) { start[it].toDouble() }
            for (block in model.layout().blocks()) if (block.role() in listOf(Role.MLP_IN, Role.MLP_OUT, Role.HEAD)) {
                for (i in block.offset() until block.offset() + block.size()) theta[i] *= 16.0
            }
            val tokens = IntArray(40 * 4) { random.nextInt(11) }
            model.open(ComputeDevice.CPU).use { float32 ->
                val narrow = FloatArray(theta.size) { theta[it].toFloat() }
                val logits = float32.logits(narrow, Batch.of(4, tokens, IntArray(40))).toList().chunked(11)
                val answers = logits.map { row -> row.indices.maxBy { row[it] } }.toIntArray()
                val batch = Batch.of(4, tokens, answers)
                float32.openTwinInFloat64().use { network ->
                    val order = (0 until HIDDEN).map { (5 * it + 3) % HIDDEN }
                    val twin = permuted(model, theta, order)
                    val loss = { at: DoubleArray -> network.loss(at, batch) }
                    loss(twin) shouldBe (loss(theta) plusOrMinus 1e-12)
                    val barrier = Barrier.between(loss, theta, twin, 25)
                    println("barrier ${barrier.largest()} between ends of ${loss(theta)}")
                    barrier.largest() shouldBeGreaterThan 3 * loss(theta)
                    val undone = permuted(model, twin, (0 until HIDDEN).map { order.indexOf(it) })
                    undone.toList() shouldBe theta.toList()
                    Barrier.between(loss, theta, undone, 25).largest() shouldBe 0.0
                }
            }
        }

        "plane: points, their places and how far they lie off it; a quadratic's section is a quadratic" {
            val plane = LossPlane.through(centre, gaussian(9, random), gaussian(9, random))
            val on = plane.at(1.5, -2.0)
            plane.locate(on).let {
                it.x() shouldBe (1.5 plusOrMinus 1e-12)
                it.y() shouldBe (-2.0 plusOrMinus 1e-12)
                it.distance() shouldBe (0.0 plusOrMinus 1e-12)
            }
            val off = gaussian(9, random)
            Orthonormal.without(
                off,
                listOf(plane.at(1.0, 0.0), plane.at(0.0, 1.0)).map { p -> DoubleArray(9) { p[it] - centre[it] } },
            )
            val above = DoubleArray(9) { on[it] + off[it] }
            plane.locate(above).distance() shouldBe (Orthonormal.norm(off) plusOrMinus 1e-12)
            plane.locate(above).x() shouldBe (1.5 plusOrMinus 1e-12)

            // L = (a x^2 + 2 b x y + c y^2) / 2 around the minimum: ellipses.
            val xs = doubleArrayOf(-1.0, 0.0, 2.0)
            val ys = doubleArrayOf(-3.0, 0.0, 1.0, 2.0)
            val losses = plane.losses(quadratic, xs, ys)
            val u = DoubleArray(9) { plane.at(1.0, 0.0)[it] - centre[it] }
            val w = DoubleArray(9) { plane.at(0.0, 1.0)[it] - centre[it] }
            val h = SymmetricOperator.of(hessian)
            for ((j, y) in ys.withIndex()) for ((i, x) in xs.withIndex()) {
                val expected =
                    .5 * (x * x * Orthonormal.dot(u, h.times(u)) + y * y * Orthonormal.dot(w, h.times(w))) +
                        x * y * Orthonormal.dot(u, h.times(w))
                losses[j][i] shouldBe (expected plusOrMinus 1e-9)
            }
        }

        "planes that are none are refused" {
            val a = doubleArrayOf(1.0, 2.0, 3.0)
            val b = doubleArrayOf(2.0, 2.0, 3.0)
            val end = " equal; a plane needs a third point, a line a barrier"
            for ((points, which) in
                listOf(
                    listOf(a, a, b) to "the first and the second",
                    listOf(a, b, b) to "the second and the third",
                    listOf(a, b, a) to "the first and the third",
                )) {
                shouldThrow<UserError> { LossPlane.through(points[0], points[1], points[2]) }.message shouldBe
                    "loss plane: expected three different points, found $which$end"
            }
            shouldThrow<UserError> { LossPlane.through(a, b, doubleArrayOf(5.0, 2.0, 3.0)) }.message shouldBe
                "loss plane: expected two directions that span a plane, found parallel ones; choose another direction"
            shouldThrow<UserError> { LossPlane.along(a, b, DoubleArray(3)) }.message shouldBe
                "loss plane: expected two directions that span a plane, found one of length 0; choose another direction"
        }

        "Rayleigh quotients: exact of an eigenvector, beside directions that have its length in each block" {
            val vectors = rotation(20, random)
            val values = DoubleArray(20) { (it + 1).toDouble() }
            val a = SymmetricOperator.of(matrixOf(values, vectors))
            val blocks = listOf(block(0, 12), block(12, 8))
            val top = Rayleigh.of(a, vectors[19], blocks, 400, random)
            top.quotient() shouldBe (20.0 plusOrMinus 1e-10)
            top.exceeded() shouldBe (1.0 / 401 plusOrMinus 1e-12)
            // The mean of matched directions: sum over blocks of energy x mean of the block's diagonal.
            val matrix = matrixOf(values, vectors)
            fun diagonal(range: IntRange) = range.map { matrix.get(it, it) }.average()
            val energy = (0 until 12).sumOf { vectors[19][it] * vectors[19][it] }
            val expected = energy * diagonal(0..11) + (1 - energy) * diagonal(12..19)
            top.random().average() shouldBe (expected plusOrMinus .5)
            top.anisotropy() shouldBe (20 / top.random().average() plusOrMinus 1e-9)
            // A direction of one block beside directions of that block.
            val inside = DoubleArray(20) { if (it < 12) 1.0 else 0.0 }
            val counted = mutableListOf<DoubleArray>()
            Rayleigh.of(SymmetricOperator.of(20) { v -> v.also { counted.add(it.clone()) } }, inside, blocks, 5, random)
            counted.forEach { v -> (12 until 20).forEach { v[it] shouldBe 0.0 } }
            Rayleigh.of(a, DoubleArray(20), blocks, 3, random).let {
                it.quotient().isNaN() && it.exceeded().isNaN() && it.anisotropy().isNaN() shouldBe true
            }
            val saddle = SymmetricOperator.of(20) { v -> DoubleArray(20) { -v[it] } }
            Rayleigh.of(saddle, inside, blocks, 3, random).anisotropy().isNaN() shouldBe true
        }

        "a direction written in one order of blocks and read in another" {
            val blocks = listOf(block(0, 2), block(2, 1), block(3, 3))
            val v = DoubleArray(7) { it.toDouble() }
            Rayleigh.misread(v, blocks, listOf(blocks[2], blocks[0], blocks[1])).toList() shouldBe
                listOf(3.0, 4.0, 5.0, 0.0, 1.0, 2.0, 0.0)
            Rayleigh.misread(v, blocks, blocks).toList() shouldBe listOf(0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 0.0)
        }
    })
