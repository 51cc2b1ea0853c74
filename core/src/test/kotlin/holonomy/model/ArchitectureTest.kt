package holonomy.model

import holonomy.Reference
import holonomy.data.UserError
import holonomy.task.Batch
import holonomy.task.MarkedTask
import holonomy.task.Operation
import holonomy.train.AdamW
import holonomy.train.RunSpec
import holonomy.train.Training
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.shouldBe
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.readText
import kotlin.math.abs
import kotlin.math.ln
import kotlin.math.sqrt

private const val PUBLISHED = """{"kind":"transformer","semantics":3,"vocabulary":9,"length":3,"classes":9,"layers":1"""

private fun architecture(design: Design) = Architecture(9, 3, 9, 1, 3, 15, 7, design)

class ArchitectureTest :
    FreeSpec({
        "a spec says only in what a design departs, and comes back" {
            val sizes = "$PUBLISHED,\"heads\":3,\"width\":15,\"hidden\":7"
            for ((design, json) in
                listOf(
                    Design.DECODER to "$sizes}",
                    Design.ENCODER to "$sizes,\"form\":\"ENCODER\"}",
                    Design.DECODER.with(Design.Head.TIED) to "$sizes,\"design\":{\"head\":\"TIED\"}}",
                    Design.ENCODER.with(Readout.at(2, 0)) to
                        "$sizes,\"design\":{\"mask\":\"NONE\",\"readout\":\"GIVEN\",\"positions\":[2,0]," +
                            "\"start\":\"ENCODER\",\"copies\":true}}",
                    Design.LANGUAGE to
                        "$sizes,\"design\":{\"readout\":\"ALL\",\"head\":\"TIED\",\"biases\":false," +
                            "\"start\":\"GPT2\",\"decayed\":\"MATRICES\"}}",
                    Design.DECODER.with(Design.Norm.POST).with(Design.Activation.RELU).with(Design.Positions.NONE) to
                        "$sizes,\"design\":{\"norm\":\"POST\",\"activation\":\"RELU\"," +
                            "\"positionEmbedding\":\"NONE\"}}",
                )) {
                architecture(design).spec().toString() shouldBe json
                Model.fromSpec(architecture(design).spec()) shouldBe architecture(design)
            }
        }

        "labels name what departs" {
            architecture(Design.DECODER).label() shouldBe "standard, 1 layers, width 15"
            architecture(Design.ENCODER).label() shouldBe "encoder, 1 layers, width 15"
            architecture(Design.DECODER.with(Design.Head.TIED).with(Design.Biases.NONE)).label() shouldBe
                "standard, 1 layers, width 15, head TIED, biases false"
        }

        "the published language models have their numbers of weights, and begin as published" {
            fun language(length: Int, layers: Int, heads: Int, width: Int) =
                Architecture(50_257, length, 50_257, layers, heads, width, 4 * width, Design.LANGUAGE)
            val paper = language(256, 8, 16, 512)
            paper.weightCount() shouldBe 51_045_888.0
            paper.layout().group(WeightGroup.MATRICES).sumOf { it.size() } shouldBe 25_165_824
            language(256, 4, 8, 256).weightCount() shouldBe 16_081_664.0
            val small = Architecture(512, 96, 512, 2, 4, 64, 256, Design.LANGUAGE)
            val weights = Weights.initial(small, 1)
            for (block in small.layout().blocks()) {
                val values = weights.block(block.name())
                withClue(block.name()) {
                    if (block.decays()) {
                        sqrt(values.sumOf { it.toDouble() * it } / values.size) shouldBe (.02 plusOrMinus 1e-3)
                    } else {
                        values.all { it == (if (block.name().endsWith("weight")) 1f else 0f) } shouldBe true
                    }
                }
            }
            small.open(ComputeDevice.CPU).use { network ->
                val tokens = IntArray(96) { (7 * it) % 512 }
                val labels = IntArray(96) { (7 * it + 3) % 512 }
                network.loss(weights.values(), Batch.of(96, tokens, labels)) shouldBe (ln(512.0) plusOrMinus .1)
            }
        }

        "a block knows its role, its layer and whether it decays" {
            val model = Architecture(9, 3, 9, 2, 3, 15, 7, Design.DECODER.with(Design.Decayed.MATRICES))
            val block = model.layout().find(Role.MLP_IN_BIAS, 1).get()
            block.name() shouldBe "layers.1.mlp.b_in"
            block.layer() shouldBe 1
            block.decays() shouldBe false
            model.layout().find(Role.HEAD, -1).get().decays() shouldBe true
            Architecture(9, 3, 9, 2, 3, 15, 7).layout().blocks().all { it.decays() } shouldBe true
            architecture(Design.LANGUAGE).layout().find(Role.HEAD, -1).isEmpty shouldBe true
        }

        "an independent language model's logits and gradient: read out everywhere, tied head, no biases" {
            val case = Reference.language()
            val all = languageModel(case)
            val theta = languageTheta(case, all)
            val batch = languageBatch(case, case.config["sequences"].asInt())
            all.open(ComputeDevice.CPU).use {
                Reference.relativeError(it.logits(theta, batch), case.tensor("logits_first").floats()) shouldBeLessThan
                    FLOAT32_TOLERANCE
            }
            val gradient = DoubleArray(theta.size)
            all.openFloat64(ComputeDevice.CPU).use { network ->
                network.gradient(DoubleArray(theta.size) { theta[it].toDouble() }, batch, gradient) shouldBe
                    (case.config["first"]["total"].asDouble() plusOrMinus 1e-7)
            }
            for (block in all.layout().blocks()) withClue(block.name()) {
                val theirs = case.tensor("gradient_first." + theirName(block)).doubles()
                val ours = gradient.copyOfRange(block.offset(), block.offset() + block.size())
                // 1 / sqrt(d/H) is the float32 number in every network: 2e-8 from theirs.
                Reference.relativeError(ours, theirs) shouldBeLessThan 1e-7
            }
        }

        "the gradient of a tied head is that of both uses, untied" {
            val tied = architecture(Design.LANGUAGE)
            val untied = architecture(Design.LANGUAGE.with(Design.Head.OWN))
            val theta = Weights.initial(tied, 3).values()
            val embedding = tied.layout().find(Role.TOKEN_EMBEDDING, -1).get()
            val wide = DoubleArray(theta.size) { theta[it].toDouble() }
            val both = wide + wide.copyOf(embedding.size())
            val batch = Batch.of(3, intArrayOf(1, 2, 3, 4, 4, 8), intArrayOf(2, 3, 4, 4, 8, 0))
            fun gradient(model: Architecture, at: DoubleArray) =
                DoubleArray(at.size).also { g ->
                    model.openFloat64(ComputeDevice.CPU).use { it.gradient(at, batch, g) }
                }
            val (one, two) = gradient(tied, wide) to gradient(untied, both)
            for (i in one.indices) {
                val head = if (i < embedding.size()) two[theta.size + i] else 0.0
                abs(one[i] - two[i] - head) shouldBeLessThan 1e-15
            }
        }

        "models know no implementation: those are services that know models" {
            Files.list(Path.of("src/main/java/holonomy/model")).use { files ->
                val sources = files.filter { it.toString().endsWith(".java") }.toList()
                (sources.size > 10) shouldBe true
                sources.filter { "import holonomy.model." in it.readText() } shouldBe listOf()
            }
        }

        "errors, before anything trains" -
            {
                "a read-out position that doesn't exist" {
                    for (positions in listOf(intArrayOf(0, 3), intArrayOf(-1), intArrayOf(1, 1), intArrayOf())) {
                        shouldThrow<UserError> { architecture(Design.DECODER.with(Readout.at(*positions))) }
                            .message shouldBe
                            "model: read-out expected at positions 0..2 of a sequence of 3 tokens, each once and at " +
                                "least one, found ${positions.toList()}"
                    }
                }
                "a tied head of classes that are no tokens" {
                    shouldThrow<UserError> { Architecture(9, 3, 4, 1, 3, 15, 7, Design.LANGUAGE) }.message shouldBe
                        "model: a tied head names tokens: expected as many classes as the vocabulary has, 9, found 4; " +
                            "use that number or a head of its own"
                }
                "a task of one label under a model that reads out every token" {
                    val task = MarkedTask(Operation.sum(4), 12, 32, 16, 3, listOf(1, 2), MarkedTask.Placement.PER_BATCH)
                    val model = Architecture(32, 12, 4, 2, 2, 16, 0, Design.DECODER.with(Readout.ALL))
                    shouldThrow<UserError> { RunSpec(task, model, Training(AdamW.of(1e-3), 20, 16), 1) }
                        .message shouldBe
                        "run: '${task.label()}' has one label per sequence, the model is read out at 12 positions; make a " +
                            "model that is read out at one, or a task with targets at those"
                }
                "a kind of model that is not known" {
                    val spec = architecture(Design.DECODER).spec().put("kind", "mamba")
                    shouldThrow<UserError> { Model.fromSpec(spec) }.message shouldBe
                        "model: model of kind 'mamba' is unknown to this version of Holonomy; known: bigram, transformer"
                }
            }
    })

/** The model of the reference's language case. */
fun languageModel(case: Reference.Case): Architecture {
    fun size(key: String) = case.config[key].asInt()
    val (layers, heads) = size("layers") to size("heads")
    val vocabulary = size("vocabulary")
    val length = size("length")
    return Architecture(vocabulary, length, vocabulary, layers, heads, size("width"), size("hidden"), Design.LANGUAGE)
}

/** Its initial weights. */
fun languageTheta(case: Reference.Case, model: Architecture): FloatArray {
    val theta = FloatArray(model.layout().size())
    for (block in model.layout().blocks()) {
        case.tensor("initial." + theirName(block)).floats().copyInto(theta, block.offset())
    }
    return theta
}

/** Its first sequences: groups text and probe, the latter of the first steps' weight. */
fun languageBatch(case: Reference.Case, sequences: Int): Batch {
    val length = case.config["length"].asInt()
    fun first(name: String) = case.tensor(name).longs().copyOf(sequences * length).map { it.toInt() }.toIntArray()
    val targets = first("targets").map { if (it < 0) Batch.IGNORE else it }.toIntArray()
    return Batch.of(length, first("tokens"), targets, first("probe"))
        .weighted(doubleArrayOf(1.0, case.config["lambda_early"].asDouble()))
}

/** The reference's name of a block. */
fun theirName(block: Block): String {
    val label =
        when (block.role()) {
            Role.ATTENTION_NORM_GAIN -> "attention_norm.weight"
            Role.ATTENTION_NORM_BIAS -> "attention_norm.bias"
            Role.MLP_NORM_GAIN -> "mlp_norm.weight"
            Role.MLP_NORM_BIAS -> "mlp_norm.bias"
            Role.MLP_IN -> "W_in"
            Role.MLP_OUT -> "W_out"
            else -> block.role().label()
        }
    return if (block.layer() < 0) label else "layers.${block.layer()}.$label"
}
