package holonomy.train

import holonomy.Reference
import holonomy.model.ComputeDevice
import holonomy.model.FLOAT32_TOLERANCE
import holonomy.model.Role
import holonomy.model.referenceBatch
import holonomy.model.referenceModel
import holonomy.model.referenceTheta
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.shouldBe
import kotlin.math.abs

private const val STEPS = 6

class ReferenceOptimizerTest :
    FreeSpec({
        Reference.cases("optimizer-").forEach { case ->
            (case.name.substringAfterLast('/')) {
                val model = referenceModel(case.config, case)
                val theta = referenceTheta(model, case)
                val optimizer = settings(case.expected["settings"].asText())
                val state = optimizer.start(theta.size)
                val gradient = FloatArray(theta.size)
                model.open(ComputeDevice.CPU).use { network ->
                    for (i in 0 until STEPS) {
                        val loss = network.gradient(theta, referenceBatch(case, "x.$i", "y.$i"), gradient)
                        loss shouldBe (case.expected["losses"][i].asDouble() plusOrMinus 1e-5)
                        state.step(theta, gradient, 1.0)
                    }
                }
                for (block in model.layout().blocks()) {
                    val ours = theta.copyOfRange(block.offset(), block.offset() + block.size())
                    val reference = case.tensor("final." + block.name()).floats()
                    withClue(block.name()) {
                        if (block.role() == Role.KEY_BIAS) {
                            // Its gradient is rounding noise, which AdamW turns into steps of one learning rate each.
                            ours.indices.maxOf { abs(ours[it] - reference[it]) }.toDouble() shouldBeLessThan
                                STEPS * optimizer.learningRate() * 1.001
                        } else {
                            Reference.relativeError(ours, reference) shouldBeLessThan FLOAT32_TOLERANCE
                        }
                    }
                }
            }
        }
    })

private fun settings(name: String): Optimizer =
    when (name) {
        "adamw" -> AdamW(1e-3, .9, .98, 1e-8, .1, Optimizer.Decay.DECOUPLED)
        "sgd" -> Sgd.of(1e-2)
        "sgd-momentum" -> Sgd(1e-2, .9, false, 0.0, Optimizer.Decay.DECOUPLED)
        "sgd-nesterov" -> Sgd(1e-2, .9, true, 0.0, Optimizer.Decay.DECOUPLED)
        else -> error("no settings known for the reference case '$name'")
    }
