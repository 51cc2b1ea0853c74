package holonomy.model

import ai.djl.ndarray.types.DataType
import holonomy.data.UserError
import holonomy.model.autograd.AutogradNetwork
import holonomy.task.Batch
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import kotlin.math.abs
import kotlin.math.exp
import kotlin.math.ln
import kotlin.math.sqrt
import kotlin.random.Random

private val random = Random(9)

private fun sized(design: Design, hidden: Int = 5) = Architecture(7, 4, 7, 2, 2, 8, hidden, design)

/** Biases and gains away from where they start. */
private fun moved(model: Architecture) =
    Weights.initial(model, 1).values().let { start -> FloatArray(start.size) { start[it] + random.nextFloat() - .5f } }

private fun crossEntropy(logits: DoubleArray, target: Int) =
    ln(logits.sumOf { exp(it - logits.max()) }) + logits.max() - logits[target]

class DesignTest :
    FreeSpec({
        "logits in float32 and losses in float64 are the formulas', for every norm with every activation, position, head and bias" {
            val masks =
                listOf(
                    Design.DECODER,
                    Design.ENCODER,
                    Design.DECODER.with(Readout.ALL),
                    Design.DECODER.with(Readout.at(2)),
                )
            var count = 0
            for (norm in Design.Norm.entries) for (activation in Design.Activation.entries) for (place in
                Design.Positions.entries) for (head in Design.Head.entries) for (biases in Design.Biases.entries) {
                val base = masks[count++ % masks.size].scalingLogits(if (count % 3 == 0) .5 else 1.0)
                val model = sized(listOf(norm, activation, place, head, biases).fold(base, Design::with))
                val theta = moved(model)
                val wide = DoubleArray(theta.size) { theta[it].toDouble() }
                val tokens = IntArray(2 * 4) { random.nextInt(7) }
                val targets = IntArray(if (model.readouts().size == 1) 2 else 8) { random.nextInt(7) }
                val batch = Batch.of(4, tokens, targets)
                val plain = tokens.toList().chunked(4).flatMap { PlainPass(model, wide).logits(it.toIntArray()) }
                withClue("${model.label()}, mask ${model.design().mask()}") {
                    val largest = plain.maxOf { row -> row.maxOf { abs(it) } }
                    AutogradNetwork(model, ComputeDevice.CPU, DataType.FLOAT32).use { network ->
                        val ours = network.logits(theta, batch)
                        for (r in plain.indices) for (c in 0 until 7) {
                            ours[r * 7 + c].toDouble() shouldBe (plain[r][c] plusOrMinus 1e-5 * maxOf(1.0, largest))
                        }
                    }
                    // 1 / sqrt(d/H), sines and cosines are float32 numbers in every network.
                    val loss = plain.indices.map { crossEntropy(plain[it], targets[it]) }.average()
                    model.openFloat64(ComputeDevice.CPU).use {
                        it.loss(wide, batch) shouldBe (loss plusOrMinus 1e-6 * maxOf(1.0, loss))
                    }
                }
            }
            count shouldBe 4 * 3 * 3 * 2 * 2
        }

        "what is recorded and patched is what the formulas have, and the one query read out is turned as it is among all" {
            for (readout in listOf(Readout.FIRST, Readout.at(2), Readout.LAST)) {
                val model = sized(Design.DECODER.with(Design.Positions.ROTARY).with(readout))
                val theta = moved(model)
                val batch = Batch.of(4, IntArray(8) { random.nextInt(7) }, IntArray(2))
                model.open(ComputeDevice.CPU).use { network ->
                    val trimmed = network.logits(theta, batch)
                    val sites = setOf(Site.attention(0), Site.attention(1), Site.residual(1))
                    val full = network.trace(theta, batch, sites, listOf())
                    for (i in trimmed.indices) full.logits()[i].toDouble() shouldBe
                        (trimmed[i].toDouble() plusOrMinus 1e-5)
                    for (site in sites) {
                        val again = network.trace(theta, batch, setOf(), listOf(Patch.Replace(site, full.at(site))))
                        again.logits() shouldBe full.logits()
                    }
                }
            }
        }

        "a score depends on two rotary positions by their difference only; on learned ones not" {
            fun scores(positions: Design.Positions, tokens: IntArray): (Int, Int, Int) -> Double {
                val n = tokens.size
                val model = Architecture(7, n, 7, 1, 2, 8, 0, Design.DECODER.with(Design.Mask.NONE).with(positions))
                val theta = Random(4).let { drawn -> FloatArray(model.layout().size()) { drawn.nextFloat() - .5f } }
                model.open(ComputeDevice.CPU).use { network ->
                    val trace =
                        network.trace(theta, Batch.of(n, tokens, intArrayOf(0)), setOf(Site.attention(0)), listOf())
                    val pattern = trace.at(Site.attention(0))
                    // Of the second head: log p(t, s) - log p(t, 0) is a difference of scores.
                    return { t, s, than -> ln(pattern[(n + t) * n + s].toDouble() / pattern[(n + t) * n + than]) }
                }
            }
            val story = intArrayOf(3, 1, 4, 1, 5, 2, 6)
            for ((positions, same) in listOf(Design.Positions.ROTARY to true, Design.Positions.LEARNED to false)) {
                val here = scores(positions, story + intArrayOf(0, 0, 0))
                val there = scores(positions, intArrayOf(0, 0, 0) + story)
                val apart =
                    story.indices.flatMap { t ->
                        story.indices.map { s -> abs(here(t, s, t) - there(t + 3, s + 3, t + 3)) }
                    }
                (apart.max() < 2e-5) shouldBe same
            }
            // Between equal tokens it is a function of the difference that does vary.
            val equal = scores(Design.Positions.ROTARY, IntArray(8) { 2 })
            for (t in 0 until 7) for (s in 0 until 7) equal(t + 1, s + 1, t + 1) shouldBe
                (equal(t, s, t) plusOrMinus 2e-5)
            abs(equal(0, 3, 0)) shouldBeGreaterThan 1e-3
            abs(equal(3, 0, 3) - equal(0, 3, 0)) shouldBeGreaterThan 1e-3 // direction counts
        }

        "weights: a gate where SwiGLU is, no bias of an RMS norm, and other blocks begin as without" {
            val plain = sized(Design.DECODER)
            val gated = sized(Design.DECODER.with(Design.Activation.SWIGLU))
            gated.layout().block("layers.1.mlp.W_gate").rows() shouldBe 5
            gated.layout().block("layers.1.mlp.W_gate").columns() shouldBe 8
            gated.weightCount() shouldBe plain.weightCount() + 2 * (5 * 8 + 5)
            gated.layout().size() shouldBe gated.weightCount().toInt()
            gated.layout().group(WeightGroup.MLP).size shouldBe 6
            gated.layout().group(WeightGroup.MATRICES).sumOf { it.size() } shouldBe 2 * (4 * 64 + 3 * 40)
            sized(Design.DECODER.with(Design.Activation.SWIGLU), 0).layout().size() shouldBe
                sized(Design.DECODER, 0).layout().size()
            val rms = sized(Design.DECODER.with(Design.Norm.RMS))
            rms.weightCount() shouldBe plain.weightCount() - 5 * 8
            rms.layout().blocks().none { it.name().endsWith("norm.bias") } shouldBe true
            val rotary = sized(Design.DECODER.with(Design.Positions.ROTARY))
            rotary.weightCount() shouldBe plain.weightCount() - 4 * 8
            val start = Weights.initial(plain, 3)
            for (model in listOf(gated, rms, rotary)) {
                val own = Weights.initial(model, 3)
                val shared = model.layout().blocks().map { it.name() }.filter { !it.endsWith("_gate") }
                for (block in shared) own.block(block) shouldBe start.block(block)
            }
            val gate = Weights.initial(gated, 3)
            gate.block("layers.0.mlp.W_gate") shouldBe
                gate.block("layers.0.mlp.W_gate").map { it.coerceIn(-1 / sqrt(8f), 1 / sqrt(8f)) }.toFloatArray()
            (gate.block("layers.0.mlp.W_gate").toList() == gate.block("layers.0.mlp.W_in").toList()) shouldBe false
        }

        "a factor on initial values is one on all that is drawn, and not on norms" {
            for (design in listOf(Design.DECODER, Design.ENCODER, Design.LANGUAGE)) {
                val (one, other) = listOf(design, design.scalingStart(2.0)).map { Weights.initial(sized(it), 3) }
                for (block in one.layout().blocks()) {
                    val factor = if ("norm" in block.name()) 1f else 2f
                    other.block(block.name()) shouldBe one.block(block.name()).map { factor * it }.toFloatArray()
                }
            }
        }

        "each choice departs in its own part, and comes back from its spec" {
            val choices: List<Design.Choice> =
                listOf(
                    Design.Mask.NONE,
                    Readout.ALL,
                    Design.Norm.RMS,
                    Design.Activation.SWIGLU,
                    Design.Positions.ROTARY,
                    Design.Head.TIED,
                    Design.Biases.NONE,
                    Design.Start.GPT2,
                    Design.Decayed.MATRICES,
                )
            val specs = choices.map { sized(Design.DECODER.with(it)).spec()["design"].toString() }
            specs shouldBe
                listOf(
                    "{\"mask\":\"NONE\"}",
                    "{\"readout\":\"ALL\"}",
                    "{\"norm\":\"RMS\"}",
                    "{\"activation\":\"SWIGLU\"}",
                    "{\"positionEmbedding\":\"ROTARY\"}",
                    "{\"head\":\"TIED\"}",
                    "{\"biases\":false}",
                    "{\"start\":\"GPT2\"}",
                    "{\"decayed\":\"MATRICES\"}",
                )
            for (choice in choices) {
                val model = sized(Design.DECODER.with(choice).scalingStart(3.0))
                Model.fromSpec(model.spec()) shouldBe model
            }
            Design.DECODER.with(Design.Biases.NONE).with(Design.Biases.ALL) shouldBe Design.DECODER
            sized(choices.fold(Design.DECODER, Design::with).scalingStart(.5)).label() shouldBe
                "standard, 2 layers, width 8, mask NONE, readout ALL, norm RMS, activation SWIGLU, positionEmbedding ROTARY, " +
                    "head TIED, biases false, start GPT2, decayed MATRICES, initialScale 0.5"
        }

        "errors, before anything trains" {
            shouldThrow<UserError> { Architecture(7, 4, 7, 2, 2, 6, 0, Design.DECODER.with(Design.Positions.ROTARY)) }
                .message shouldBe
                "model: rotary positions turn pairs of a head's features: expected an even number of them, found 3 " +
                    "(width 6, 2 heads); use a width that is a multiple of 4, or other positions"
            for (factor in listOf(0.0, -1.0, Double.NaN, Double.POSITIVE_INFINITY)) {
                shouldThrow<UserError> { Design.DECODER.scalingStart(factor) }.message shouldBe
                    "model: the initial values' factor expected a number above 0, found $factor; 1 leaves them as they are"
            }
        }
    })
