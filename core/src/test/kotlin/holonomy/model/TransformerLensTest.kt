package holonomy.model

import holonomy.data.Tensor
import holonomy.data.UserError
import holonomy.task.MarkedTask
import holonomy.task.Operation
import holonomy.task.Stream
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import kotlin.math.cos
import kotlin.math.exp
import kotlin.math.pow
import kotlin.math.sin
import kotlin.math.sqrt

/**
 * HookedTransformer's pass, written from that library's documentation of names and shapes alone, one sequence at a
 * time.
 */
private class Hooked(private val tensors: Map<String, Tensor>, private val config: Map<String, Any?>) {
    private val heads = config["n_heads"] as Int
    private val features = config["d_head"] as Int
    private val d = config["d_model"] as Int

    private fun of(name: String) = (tensors.getValue(name) as Tensor.F32).values()

    private fun norm(x: DoubleArray, name: String): DoubleArray {
        if (config["normalization_type"] == null) return x
        val rms = config["normalization_type"] == "RMS"
        val mean = if (rms) 0.0 else x.average()
        val scale = sqrt(x.sumOf { (it - mean) * (it - mean) } / d + config["eps"] as Double)
        return DoubleArray(d) { (x[it] - mean) / scale * of("$name.w")[it] + if (rms) 0f else of("$name.b")[it] }
    }

    /** x W + b with W [in, out] from an offset. */
    private fun times(x: DoubleArray, matrix: FloatArray, from: Int, bias: FloatArray, biasFrom: Int, out: Int) =
        DoubleArray(out) { o -> bias[biasFrom + o] + x.indices.sumOf { x[it] * matrix[from + it * out + o] } }

    private fun attention(block: String, stream: List<DoubleArray>): List<DoubleArray> {
        val normed = stream.map { norm(it, "$block.ln1") }
        val sum = stream.map { of("$block.attn.b_O").map { b -> b.toDouble() }.toDoubleArray() }
        for (h in 0 until heads) {
            fun project(letter: String) =
                normed.map {
                    val (matrix, bias) = of("$block.attn.W_$letter") to of("$block.attn.b_$letter")
                    times(it, matrix, h * d * features, bias, h * features, features)
                }
            val (q, k) = listOf("Q", "K").map { project(it).mapIndexed(::rotated) }
            val v = project("V")
            for (i in stream.indices) {
                val seen = if (config["attention_dir"] == "causal") 0..i else stream.indices
                val scores = seen.map { j -> q[i].indices.sumOf { q[i][it] * k[j][it] } / sqrt(features.toDouble()) }
                val weights = scores.map { exp(it - scores.max()) }.let { all -> all.map { it / all.sum() } }
                val z = DoubleArray(features) { f -> seen.sumOf { j -> weights[j] * v[j][f] } }
                val added = times(z, of("$block.attn.W_O"), h * features * d, FloatArray(d), 0, d)
                for (o in 0 until d) sum[i][o] += added[o]
            }
        }
        return sum
    }

    /** By rotary_dim, rotary_base and rotary_adjacent_pairs; as it is under other positions. */
    private fun rotated(t: Int, x: DoubleArray): DoubleArray {
        if (config["positional_embedding_type"] != "rotary") return x
        val all = config["rotary_dim"] as Int
        config["rotary_adjacent_pairs"] shouldBe false
        return DoubleArray(features) { f ->
            val angle = t / (config["rotary_base"] as Int).toDouble().pow(f % (all / 2) / (all / 2.0))
            val flipped = if (f < all / 2) -x[f + all / 2] else x[f - all / 2]
            x[f] * cos(angle) + flipped * sin(angle)
        }
    }

    private fun mlp(block: String, x: DoubleArray): DoubleArray {
        val hidden = config["d_mlp"] as Int
        val normed = norm(x, "$block.ln2")
        fun act(x: Double) =
            when (val name = config["act_fn"]) {
                "relu" -> maxOf(x, 0.0)
                "gelu" -> x * normalDistribution(x)
                "silu" -> x / (1 + exp(-x))
                else -> throw AssertionError("no such activation: $name")
            }
        fun into(name: String) = times(normed, of("$block.mlp.$name"), 0, FloatArray(hidden), 0, hidden)
        val bias = of("$block.mlp.b_in")
        val active =
            if (config["gated_mlp"] == true)
                into("W_gate").zip(into("W_in")).mapIndexed { i, (gate, linear) -> act(gate) * linear + bias[i] }
            else into("W_in").mapIndexed { i, linear -> act(linear + bias[i]) }
        return times(active.toDoubleArray(), of("$block.mlp.W_out"), 0, of("$block.mlp.b_out"), 0, d)
    }

    fun logits(tokens: IntArray): List<DoubleArray> {
        var stream =
            tokens.mapIndexed { t, token ->
                val rotary = config["positional_embedding_type"] == "rotary"
                rotary shouldBe ("pos_embed.W_pos" !in tensors)
                DoubleArray(d) {
                    of("embed.W_E")[token * d + it].toDouble() + if (rotary) 0f else of("pos_embed.W_pos")[t * d + it]
                }
            }
        for (l in 0 until config["n_layers"] as Int) {
            fun List<DoubleArray>.plus(other: List<DoubleArray>) =
                zip(other) { a, b -> DoubleArray(d) { a[it] + b[it] } }
            stream = stream.plus(attention("blocks.$l", stream))
            if (config["attn_only"] == false) stream = stream.plus(stream.map { mlp("blocks.$l", it) })
        }
        val classes = config["d_vocab_out"] as Int
        return stream.map { times(norm(it, "ln_final"), of("unembed.W_U"), 0, of("unembed.b_U"), 0, classes) }
    }
}

/** Phi(x) by its series about 0, 1/2 + phi(x) (x + x^3/3 + x^5/15 + ...), to float64. */
fun normalDistribution(x: Double): Double {
    var term = x
    var sum = x
    var n = 1
    while (kotlin.math.abs(term) > 1e-18 * kotlin.math.abs(sum)) {
        n += 2
        term *= x * x / n
        sum += term
    }
    return .5 + sum * exp(-x * x / 2) / sqrt(2 * Math.PI)
}

class TransformerLensTest :
    FreeSpec({
        val task = MarkedTask(Operation.sum(4), 12, 32, 16, 4, listOf(1, 2), MarkedTask.Placement.PER_SEQUENCE)
        val batch = task.batch(Stream.of(1, "test"), 0, 3)

        fun config(model: Architecture): Map<String, Any?> =
            TransformerLens.config(model).properties().associate { (name, value) ->
                name to
                    when {
                        value.isNull -> null
                        value.isInt -> value.intValue()
                        value.isBoolean -> value.booleanValue()
                        value.isNumber -> value.doubleValue()
                        else -> value.textValue()
                    }
            }

        for ((name, design, hidden) in
            listOf(
                Triple("a decoder", Design.DECODER, 0),
                Triple("an encoder with MLPs", Design.ENCODER, 24),
                Triple("a factor on the logits", Design.ENCODER.scalingLogits(.5), 24),
                Triple(
                    "without biases, positions and norms, ReLU",
                    Design.DECODER.with(Design.Biases.NONE)
                        .with(Design.Positions.NONE)
                        .with(Design.Norm.NONE)
                        .with(Design.Activation.RELU),
                    24,
                ),
                Triple(
                    "rotary positions and RMS norms",
                    Design.ENCODER.with(Design.Positions.ROTARY).with(Design.Norm.RMS),
                    24,
                ),
                Triple(
                    "as Llama",
                    Design.DECODER.with(Design.Biases.NONE)
                        .with(Design.Positions.ROTARY)
                        .with(Design.Norm.RMS)
                        .with(Design.Activation.SWIGLU),
                    24,
                ),
            )) {
            "$name gives the same logits by TransformerLens's formulas" {
                val model = Architecture(32, 12, 4, 2, 2, 16, hidden, design)
                // Biases and gains that are drawn, too: zeros and ones would hide where they go.
                val theta = Weights.initial(model, 7).values()
                val random = Stream.of(3, "around").at(0)
                for (i in theta.indices) theta[i] += (.2 * (random.nextDouble() - .5)).toFloat()
                val hooked = Hooked(TransformerLens.tensors(model, theta), config(model))
                val ours = model.open(ComputeDevice.CPU).use { it.logits(theta, batch) }
                for (b in 0 until batch.size()) {
                    val tokens = IntArray(12) { batch.tokens()[b * 12 + it].toInt() }
                    val theirs = hooked.logits(tokens)[model.readout()]
                    for (c in 0 until 4) withClue("sequence $b, class $c") {
                        ours[b * 4 + c].toDouble() shouldBe (theirs[c] plusOrMinus 2e-5)
                    }
                }
            }
        }

        "a tied head is written out, and shapes are theirs" {
            val model = Architecture(9, 5, 9, 1, 3, 15, 7, Design.LANGUAGE)
            val theta = Weights.initial(model, 1).values()
            val tensors = TransformerLens.tensors(model, theta)
            tensors.getValue("blocks.0.attn.W_Q").shape().toList() shouldContainExactly listOf(3L, 15L, 5L)
            tensors.getValue("blocks.0.attn.W_O").shape().toList() shouldContainExactly listOf(3L, 5L, 15L)
            tensors.getValue("blocks.0.mlp.W_in").shape().toList() shouldContainExactly listOf(15L, 7L)
            val embedding = (tensors.getValue("embed.W_E") as Tensor.F32).values()
            val head = (tensors.getValue("unembed.W_U") as Tensor.F32).values()
            for (v in 0 until 9) for (i in 0 until 15) head[i * 9 + v] shouldBe embedding[v * 15 + i]
            (tensors.getValue("unembed.b_U") as Tensor.F32).values().all { it == 0f } shouldBe true
        }

        "a gate with biases is refused: where theirs is added, ours isn't" {
            val model = Architecture(32, 12, 4, 2, 2, 16, 24, Design.DECODER.with(Design.Activation.SWIGLU))
            shouldThrow<UserError> { TransformerLens.config(model) }.message shouldBe
                "TransformerLens adds a gated MLP's first bias behind the product of its two halves, '${model.label()}' has " +
                    "one in each half; take the named weights instead, or train it without biases"
        }

        "a norm after the sum is refused" {
            val model = Architecture(32, 12, 4, 2, 2, 16, 0, Design.DECODER.with(Design.Norm.POST))
            shouldThrow<UserError> { TransformerLens.tensors(model, Weights.initial(model, 1).values()) }
                .message shouldBe
                "TransformerLens has no model with the layer norm after the residual sum, as '${model.label()}' has; " +
                    "take the named weights instead"
        }
    })
