package holonomy.train

import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import kotlin.math.abs

/** How far from its minimum an optimiser ends on lambda x^2 / 2. */
private fun ended(optimizer: Optimizer, lambda: Double): Double {
    val theta = floatArrayOf(1f)
    val state = optimizer.start(1)
    repeat(3000) { state.step(theta, floatArrayOf((lambda * theta[0]).toFloat()), 1.0) }
    return abs(theta[0].toDouble())
}

class EdgeTest :
    FreeSpec({
        "gradient descent, with momentum and Nesterov's, comes to rest just below its edge and runs away just above" {
            val descents =
                listOf(
                    Sgd.of(.1),
                    Sgd(.1, .9, false, 0.0, Optimizer.Decay.DECOUPLED),
                    Sgd(.1, .5, true, 0.0, Optimizer.Decay.DECOUPLED),
                )
            for (descent in descents) withClue(descent) {
                val edge = Edge.of(descent)
                edge.preconditioned() shouldBe false
                (ended(descent, .98 * edge.eigenvalue()) < 1e-3) shouldBe true
                (ended(descent, 1.02 * edge.eigenvalue()) < 1e3) shouldBe false
            }
            Edge.of(Sgd.of(.1)).eigenvalue() shouldBe (20.0 plusOrMinus 1e-12)
        }

        "Adam's is momentum's in P^-1 H, where a step is eta times a running mean: 38 over the rate at beta1 .9" {
            val adam = Edge.of(AdamW.of(1e-2))
            adam.preconditioned() shouldBe true
            adam.eigenvalue() shouldBe (3800.0 plusOrMinus 1e-9)
            fun ended(lambda: Double): Double {
                var (x, mean) = 1.0 to 0.0
                repeat(3000) {
                    mean = .9 * mean + .1 * lambda * x
                    x -= 1e-2 * mean
                }
                return abs(x)
            }
            (ended(.98 * adam.eigenvalue()) < 1e-3) shouldBe true
            (ended(1.02 * adam.eigenvalue()) < 1e3) shouldBe false
        }
    })
