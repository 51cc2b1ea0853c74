package holonomy.model

import com.fasterxml.jackson.databind.JsonNode
import holonomy.Reference
import holonomy.task.Batch
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.shouldBe
import kotlin.math.ln

/** Tolerance of a float32 computation against the float64 reference: max|ours - reference| / max|reference|. */
const val FLOAT32_TOLERANCE = 1e-5

/** The gradient of b_K is zero by the softmax's shift invariance: what is stored is rounding noise. */
const val KEY_BIAS_NOISE = 1e-6

/** The transformer of a reference case; one with mlp parameters has an MLP. */
fun referenceModel(config: JsonNode, case: Reference.Case): Architecture {
    val width = config["width"].asInt()
    val hidden = if (case.tensors.keys.any { "mlp" in it }) config["mlp_ratio"].asInt() * width else 0
    return Architecture(
        config["vocab"].asInt(),
        config["length"].asInt(),
        config["classes"].asInt(),
        config["layers"].asInt(),
        config["heads"].asInt(),
        width,
        hidden,
    )
}

/** theta of a reference case, from the tensors whose names begin with [prefix]. */
fun referenceTheta(model: Architecture, case: Reference.Case, prefix: String = "param."): FloatArray {
    val theta = FloatArray(model.layout().size())
    for (block in model.layout().blocks()) {
        case.tensor(prefix + block.name()).floats().copyInto(theta, block.offset())
    }
    return theta
}

/** A batch of a reference case. */
fun referenceBatch(case: Reference.Case, tokens: String, labels: String): Batch {
    val x = case.tensor(tokens)
    fun ints(values: LongArray) = IntArray(values.size) { values[it].toInt() }
    return Batch.of(x.shape[1], ints(x.longs()), ints(case.tensor(labels).longs()))
}

class ReferenceModelTest :
    FreeSpec({
        Reference.cases("model-").forEach { case ->
            val model = referenceModel(case.config, case)
            val theta = referenceTheta(model, case)
            val batch = referenceBatch(case, "x", "y")
            val last = model.layers() - 1

            case.name.substringAfterLast('/') -
                {
                    "logits and loss" {
                        model.open(ComputeDevice.CPU).use { network ->
                            val logits = network.logits(theta, batch)
                            Reference.relativeError(logits, case.tensor("logits").floats()) shouldBeLessThan
                                FLOAT32_TOLERANCE
                            network.loss(theta, batch) shouldBe (case.expected["loss"].asDouble() plusOrMinus 1e-5)
                        }
                    }
                    "gradient with respect to every block" {
                        model.open(ComputeDevice.CPU).use { network ->
                            val gradient = FloatArray(theta.size)
                            network.gradient(theta, batch, gradient) shouldBe
                                (case.expected["loss"].asDouble() plusOrMinus 1e-5)
                            checkGradient(model, case, DoubleArray(gradient.size) { gradient[it].toDouble() })
                        }
                    }
                    "gradient in float64" {
                        model.openFloat64(ComputeDevice.CPU).use { network ->
                            val gradient = DoubleArray(theta.size)
                            network.gradient(DoubleArray(theta.size) { theta[it].toDouble() }, batch, gradient)
                            checkGradient(model, case, gradient)
                        }
                    }
                    "attention pattern, residual stream, entropy and top-k mass of the last layer" {
                        model.open(ComputeDevice.CPU).use { network ->
                            val sites = setOf(Site.attention(last), Site.residual(last))
                            val trace = network.trace(theta, batch, sites, listOf())
                            val pattern = trace.at(Site.attention(last))
                            Reference.relativeError(
                                pattern,
                                case.tensor("attention.last_layer").floats(),
                            ) shouldBeLessThan FLOAT32_TOLERANCE
                            Reference.relativeError(
                                trace.at(Site.residual(last)),
                                case.tensor("residual.last_layer").floats(),
                            ) shouldBeLessThan FLOAT32_TOLERANCE
                            Reference.relativeError(trace.logits(), case.tensor("logits").floats()) shouldBeLessThan
                                FLOAT32_TOLERANCE
                            val rows = lastTokenRows(pattern, model.length())
                            rows
                                .map { row -> row.sumOf { if (it > 0) -it * ln(it.toDouble()) else 0.0 } }
                                .average() shouldBe (case.expected["entropy"].asDouble() plusOrMinus 1e-5)
                            val k = case.expected["topk"].asInt()
                            rows.map { row -> row.sortedDescending().take(k).sum().toDouble() }.average() shouldBe
                                (case.expected["topk_mass"].asDouble() plusOrMinus 1e-5)
                        }
                    }
                    "every attention row keeps its 2 largest entries" {
                        model.open(ComputeDevice.CPU).use { network ->
                            val trace = network.trace(theta, batch, setOf(), listOf(Patch.TopAttention(2)))
                            Reference.relativeError(
                                trace.logits(),
                                case.tensor("logits.top2_attention").floats(),
                            ) shouldBeLessThan FLOAT32_TOLERANCE
                        }
                    }
                }
        }
    })

private fun checkGradient(model: Architecture, case: Reference.Case, gradient: DoubleArray) {
    for (block in model.layout().blocks()) {
        val ours = gradient.copyOfRange(block.offset(), block.offset() + block.size())
        val reference = case.tensor("grad." + block.name()).doubles()
        if (block.role() == Role.KEY_BIAS) {
            ours.maxOf { kotlin.math.abs(it) } shouldBeLessThan KEY_BIAS_NOISE
        } else {
            io.kotest.assertions.withClue(block.name()) {
                Reference.relativeError(ours, reference) shouldBeLessThan FLOAT32_TOLERANCE
            }
        }
    }
}

private fun lastTokenRows(pattern: FloatArray, length: Int): List<List<Float>> =
    pattern.toList().chunked(length).filterIndexed { row, _ -> row % length == length - 1 }
