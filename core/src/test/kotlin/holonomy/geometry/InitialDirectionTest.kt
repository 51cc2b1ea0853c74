package holonomy.geometry

import holonomy.task.Stream
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import kotlin.math.sqrt

class InitialDirectionTest :
    FreeSpec({
        val random = Stream.of(3, "paths").at(0)
        val path = Array(6) { FloatArray(50) { random.nextGaussian().toFloat() } }
        val trajectory = ArrayTrajectory.of("w", path)
        val direction = InitialDirection.of(trajectory, "w")

        "its path is the Gram matrix, bit for bit" {
            direction.path().displacements() shouldBe Gram.of(trajectory, "w").displacements()
        }

        "what is left is the path projected on the complement of w_0" {
            val start = path[0].map { it.toDouble() }
            val norm = sqrt(start.sumOf { it * it })
            direction.norm() shouldBe (norm plusOrMinus 1e-9)
            val rest =
                path.map { w ->
                    val x = w.mapIndexed { d, value -> value - start[d] }
                    val along = x.indices.sumOf { x[it] * start[it] } / norm
                    x.mapIndexed { d, value -> value - along * start[d] / norm }
                }
            val removed = direction.removed()
            for (i in 0..5) for (j in 0..5) {
                removed.get(i, j) shouldBe (rest[i].indices.sumOf { rest[i][it] * rest[j][it] } plusOrMinus 1e-9)
            }
        }

        "pure decay goes along -w_0, and nothing is left of it" {
            val decayed = Array(5) { t -> FloatArray(50) { path[0][it] * (1 - t / 8f) } }
            val straight = InitialDirection.of(ArrayTrajectory.of("w", decayed), "w")
            straight.toInitial().forEach { it shouldBe (-1.0 plusOrMinus 1e-9) }
            Alignment.toFinal(straight.path()).forEach { it shouldBe (1.0 plusOrMinus 1e-9) }
            straight.removed().get(4, 4) / straight.path().get(4, 4) shouldBe (0.0 plusOrMinus 1e-9)
        }

        "weights that start at zero have no such direction: undefined, and nothing is removed" {
            val fromZero = InitialDirection.of(ArrayTrajectory.of("w", arrayOf(FloatArray(50), path[0], path[1])), "w")
            fromZero.along().all { it.isNaN() } shouldBe true
            fromZero.removed().displacements() shouldBe fromZero.path().displacements()
        }
    })
