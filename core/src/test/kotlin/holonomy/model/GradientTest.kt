package holonomy.model

import ai.djl.ndarray.types.DataType
import holonomy.Nightly
import holonomy.Reference
import holonomy.data.Services
import holonomy.data.allocated
import holonomy.model.autograd.AutogradNetwork
import holonomy.model.fused.FusedNetwork
import holonomy.task.Batch
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeGreaterThan
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.longs.shouldBeGreaterThan
import io.kotest.matchers.longs.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import java.lang.management.BufferPoolMXBean
import java.lang.management.ManagementFactory
import java.lang.ref.PhantomReference
import java.lang.ref.ReferenceQueue
import kotlin.math.abs
import kotlin.math.exp
import kotlin.math.ln
import kotlin.random.Random

/** Every kind of design: each departure alone, and some together. */
private val designs =
    listOf(
        Design.DECODER,
        Design.ENCODER,
        Design.LANGUAGE,
        Design.DECODER.with(Readout.ALL),
        Design.DECODER.with(Readout.FIRST),
        Design.DECODER.with(Readout.at(2)),
        Design.DECODER.with(Readout.at(3, 0)),
        Design.ENCODER.with(Readout.LAST),
        Design.ENCODER.with(Readout.ALL),
        Design.DECODER.with(Design.Head.TIED),
        Design.DECODER.with(Design.Norm.POST),
        Design.DECODER.with(Design.Norm.NONE),
        Design.DECODER.with(Design.Activation.RELU),
        Design.DECODER.with(Design.Positions.NONE),
        Design.DECODER.with(Design.Biases.NONE),
        Design.DECODER.with(Design.Start.GPT2).with(Design.Decayed.MATRICES),
        Design.LANGUAGE.with(Design.Norm.POST).with(Design.Positions.NONE).with(Readout.at(1)),
        Design.DECODER.scalingLogits(.3),
        Design.LANGUAGE.scalingLogits(2.5),
        Design.ENCODER.with(Design.Norm.NONE).scalingLogits(.3),
        Design.DECODER.with(Design.Norm.RMS),
        Design.DECODER.with(Design.Activation.SWIGLU),
        Design.DECODER.with(Design.Positions.ROTARY),
        Design.ENCODER.with(Design.Positions.ROTARY).with(Readout.at(2)),
        Design.LANGUAGE.with(Design.Norm.RMS).with(Design.Activation.SWIGLU).with(Design.Positions.ROTARY),
    )

/** Rotary positions need an even number of features of a head. */
private fun designed(design: Design, hidden: Int = 6) =
    Architecture(7, 4, 7, 2, 2, if (design.positions() == Design.Positions.ROTARY) 8 else 6, hidden, design)

private fun tokensOf(model: Architecture, size: Int, random: Random) =
    IntArray(size * model.length()) { random.nextInt(model.vocabulary()) }

/** One label per sequence, or a target at every token where several are read out. */
private fun batchOf(model: Architecture, size: Int, random: Random) =
    Batch.of(
        model.length(),
        tokensOf(model, size, random),
        IntArray(if (model.readouts().size == 1) size else size * model.length()) { random.nextInt(model.classes()) },
    )

/**
 * Targets at the positions that are read out, three tenths of them ignored; of three groups with a weight each, the
 * third without any target, the second in the first half of the sequences only.
 */
private fun groupedOf(model: Architecture, size: Int, random: Random): Batch {
    val places = 0 until size * model.length()
    val targets =
        places.map { place ->
            val asked = place % model.length() in model.readouts() && random.nextDouble() < .7
            if (asked) random.nextInt(model.classes()) else Batch.IGNORE
        }
    val groups = places.map { if (it < places.count() / 2) random.nextInt(2) else 0 }
    return Batch.of(model.length(), tokensOf(model, size, random), targets.toIntArray(), groups.toIntArray())
        .weighted(doubleArrayOf(.5, 3.0, 7.0))
}

/** Of each sequence so many targets in its first tokens, as many as are drawn for it; of every fifth sequence none. */
private fun raggedOf(model: Architecture, size: Int, asked: Int, random: Random): Batch {
    val targets = IntArray(size * model.length()) { Batch.IGNORE }
    for (b in 0 until size) {
        val end = random.nextInt(1, model.length() + 1)
        for (i in 0 until if (b % 5 == 4) 0 else asked) {
            val position = random.nextInt(end)
            if (position in model.readouts()) {
                targets[b * model.length() + position] = random.nextInt(model.classes())
            }
        }
    }
    val groups = IntArray(targets.size) { random.nextInt(2) }
    return Batch.of(model.length(), tokensOf(model, size, random), targets, groups).weighted(doubleArrayOf(.5, 3.0))
}

private fun thetaOf(model: Architecture, seed: Long, random: Random): FloatArray {
    val theta = Weights.initial(model, seed).values()
    // LayerNorm's and every other bias away from where they start.
    return FloatArray(theta.size) { theta[it] + 0.1f * (random.nextFloat() - .5f) }
}

/** Every implementation, over many sizes and designs: odd, 1, more than a group of sequences, with and without MLP. */
class GradientTest :
    FreeSpec({
        val makers = Services.of(Network.Maker::class.java)
        val random = Random(5)
        val edges =
            listOf(
                Architecture(2, 1, 1, 1, 1, 1, 0) to 1,
                Architecture(5, 1, 2, 2, 1, 3, 2) to 3,
                Architecture(256, 16, 8, 5, 4, 128, 0) to 128,
                Architecture(97, 2, 97, 2, 4, 32, 64) to 300,
                Architecture(9, 3, 4, 1, 3, 15, 7) to 131,
                Architecture(9, 17, 4, 2, 5, 5, 0) to 257,
                Architecture(97, 2, 97, 2, 4, 128, 256, Design.ENCODER) to 512,
                Architecture(9, 5, 4, 3, 3, 15, 7, Design.ENCODER) to 131,
                Architecture(9, 1, 4, 1, 1, 3, 0, Design.ENCODER) to 5,
            )
        val drawn =
            List(24) {
                val heads = random.nextInt(1, 5)
                val width = heads * random.nextInt(1, 12)
                val hidden = if (it % 2 == 0) 0 else random.nextInt(1, 40)
                Architecture(
                    random.nextInt(2, 40),
                    random.nextInt(1, 20),
                    random.nextInt(2, 12),
                    random.nextInt(1, 5),
                    heads,
                    width,
                    hidden,
                ) to random.nextInt(1, 40)
            }

        fun agrees(model: Architecture, batch: Batch, seed: Long) {
            val theta = thetaOf(model, seed, random)
            val exact = DoubleArray(theta.size)
            val wide = DoubleArray(theta.size) { theta[it].toDouble() }
            val loss = model.openFloat64(ComputeDevice.CPU).use { it.gradient(wide, batch, exact) }
            val scale = exact.maxOf { abs(it) }
            val logits = AutogradNetwork(model, ComputeDevice.CPU, DataType.FLOAT32).use { it.logits(theta, batch) }
            val networks = makers.mapNotNull { it.open(model, ComputeDevice.CPU, DataType.FLOAT32).orElse(null) }
            for (network in networks) withClue("$model, batch ${batch.size()}, ${network.javaClass.simpleName}") {
                network.use {
                    val ours = FloatArray(theta.size) { Float.NaN }
                    network.gradient(theta, batch, ours) shouldBe (loss plusOrMinus 1e-5 * maxOf(1.0, loss))
                    network.loss(theta, batch) shouldBe (loss plusOrMinus 1e-5 * maxOf(1.0, loss))
                    Reference.relativeError(network.logits(theta, batch), logits) shouldBeLessThan FLOAT32_TOLERANCE
                    val counted = Answers.of(it.logits(theta, batch), batch.targetsAt(model.readouts()))
                    val answers = Answers.of(it, theta, batch)
                    answers.accuracy() shouldBe counted.accuracy()
                    val cost = counted.crossEntropy()
                    answers.crossEntropy() shouldBe (cost plusOrMinus 1e-6 * maxOf(1.0, cost))
                    if (scale == 0.0) {
                        ours.all { it == 0f } shouldBe true
                    } else {
                        exact.indices.maxOf { abs(ours[it] - exact[it]) } / scale shouldBeLessThan FLOAT32_TOLERANCE
                    }
                }
            }
        }

        "gradient, loss and logits agree with float64" {
            for ((index, case) in (edges + drawn).withIndex()) {
                agrees(case.first, batchOf(case.first, case.second, random), index.toLong())
            }
        }

        "in every design" {
            for ((index, design) in designs.withIndex()) for (hidden in listOf(0, 6)) {
                val model = designed(design, hidden)
                agrees(model, batchOf(model, 9, random), index.toLong())
            }
        }

        "a factor on the logits is one on the head's weights and bias, in every implementation" {
            for (design in
                listOf(Design.DECODER, Design.ENCODER.with(Design.Norm.NONE), Design.DECODER.with(Readout.ALL))) {
                val plain = designed(design)
                val scaled = designed(design.scalingLogits(.25))
                val theta = thetaOf(plain, 3, random)
                val head = plain.layout().blocks().filter { it.name().startsWith("head.") }
                head.size shouldBe 2
                val smaller = theta.clone()
                for (block in head) for (i in block.offset() until block.offset() + block.size()) smaller[i] *= .25f
                val batch = batchOf(plain, 9, random)
                for (maker in makers) {
                    val one = maker.open(scaled, ComputeDevice.CPU, DataType.FLOAT32).orElse(null) ?: continue
                    val other = maker.open(plain, ComputeDevice.CPU, DataType.FLOAT32).get()
                    one.use {
                            other.use {
                                Reference.relativeError(one.logits(theta, batch), other.logits(smaller, batch))
                            }
                        }
                        .shouldBeLessThan(1e-6)
                }
            }
        }

        "in every design with ignored targets and weighted groups, unevenly spread over a batch's parts" {
            for ((index, design) in designs.withIndex()) {
                val model = designed(design)
                agrees(model, groupedOf(model, 60, random), index.toLong())
            }
            // More sequences than the fused passes evaluate at once; one label per sequence.
            val model = Architecture(9, 3, 4, 2, 3, 15, 7)
            agrees(model, groupedOf(model, 300, random), 1)
            val labels = IntArray(300) { if (it % 5 == 0) Batch.IGNORE else it % 4 }
            val groups = IntArray(300) { if (it < 100) 1 else 0 }
            agrees(
                model,
                Batch.of(3, tokensOf(model, 300, random), labels, groups).weighted(doubleArrayOf(2.0, .25)),
                2,
            )
        }

        "the loss is the sum over groups of weight times mean cross-entropy, from the logits" {
            for (readout in listOf(Readout.LAST, Readout.ALL, Readout.at(3, 0))) {
                val model = designed(Design.DECODER.with(readout))
                val batch = groupedOf(model, 40, random)
                val theta = thetaOf(model, 4, random)
                model.open(ComputeDevice.CPU).use { network ->
                    val logits = network.logits(theta, batch).toList().chunked(7)
                    val costs = List(2) { mutableListOf<Double>() }
                    for (b in 0 until 40) for ((r, t) in model.readouts().withIndex()) {
                        val target = batch.targets()[4 * b + t]
                        if (target == Batch.IGNORE) continue
                        val row = logits[model.readouts().size * b + r]
                        costs[batch.groups()[4 * b + t]] += ln(row.sumOf { exp(it.toDouble()) }) - row[target]
                    }
                    costs[0].size shouldNotBe costs[1].size
                    network.loss(theta, batch) shouldBe
                        (.5 * costs[0].average() + 3 * costs[1].average() plusOrMinus 1e-5)
                }
            }
        }

        "nothing asked, nothing to learn: loss and gradient are 0" {
            for (design in listOf(Design.DECODER, Design.LANGUAGE)) {
                val model = designed(design)
                val none = Batch.of(4, tokensOf(model, 5, random), IntArray(20) { Batch.IGNORE })
                val gradient = FloatArray(model.layout().size()) { Float.NaN }
                model.open(ComputeDevice.CPU).use { network ->
                    abs(network.gradient(thetaOf(model, 1, random), none, gradient)) shouldBe 0.0
                    gradient.all { it == 0f } shouldBe true
                    network.logits(thetaOf(model, 1, random), none).let {
                        Answers.of(it, none.targetsAt(model.readouts())).accuracy().isNaN() shouldBe true
                        Answers.of(it, none.targetsAt(model.readouts())).crossEntropy().isNaN() shouldBe true
                    }
                    Answers.of(network, thetaOf(model, 1, random), none).let {
                        it.accuracy().isNaN() shouldBe true
                        it.crossEntropy().isNaN() shouldBe true
                    }
                }
            }
        }

        "also where columns of the first layer are all equal, all distinct or only one" {
            for (design in listOf(Design.DECODER, Design.ENCODER)) {
                for (layers in 1..3) {
                    val model = Architecture(60, 5, 4, layers, 2, 16, 8 * (layers - 1), design)
                    fun tokens(token: (Int) -> Int) = Batch.of(5, IntArray(60, token), IntArray(12) { it % 4 })
                    agrees(model, tokens { 7 }, 1)
                    agrees(model, tokens { it }, 2)
                    val one = Architecture(3, 1, 4, layers, 2, 16, 0, design)
                    agrees(one, Batch.of(1, intArrayOf(2), intArrayOf(1)), 3)
                }
            }
        }

        "float64 itself agrees with central differences, in every design"
            .config(tags = setOf(Nightly)) {
                for (design in designs) {
                    val model = designed(design)
                    val theta = thetaOf(model, 3, random)
                    val at = DoubleArray(theta.size) { theta[it].toDouble() }
                    val batch = batchOf(model, 3, random)
                    val gradient = DoubleArray(at.size)
                    model.openFloat64(ComputeDevice.CPU).use { network ->
                        network.gradient(at, batch, gradient)
                        for (i in at.indices step 5) {
                            val kept = at[i]
                            at[i] = kept + STEP
                            val above = network.loss(at, batch)
                            at[i] = kept - STEP
                            val below = network.loss(at, batch)
                            at[i] = kept
                            withClue("$design, weight $i") {
                                gradient[i] shouldBe ((above - below) / (2 * STEP) plusOrMinus 1e-7)
                            }
                        }
                    }
                }
            }

        "which implementation computes which design" {
            fun fused(design: Design, device: ComputeDevice = ComputeDevice.CPU) =
                FusedNetwork.Maker().open(designed(design), device, DataType.FLOAT32).map { it.close() }.isPresent
            designs.filterNot { fused(it) } shouldBe
                listOf(
                    Design.DECODER.with(Design.Norm.POST),
                    Design.DECODER.with(Design.Norm.NONE),
                    Design.DECODER.with(Design.Activation.RELU),
                    Design.DECODER.with(Design.Positions.NONE),
                    Design.LANGUAGE.with(Design.Norm.POST).with(Design.Positions.NONE).with(Readout.at(1)),
                    Design.ENCODER.with(Design.Norm.NONE).scalingLogits(.3),
                    Design.DECODER.with(Design.Norm.RMS),
                    Design.DECODER.with(Design.Activation.SWIGLU),
                    Design.DECODER.with(Design.Positions.ROTARY),
                    Design.ENCODER.with(Design.Positions.ROTARY).with(Readout.at(2)),
                    Design.LANGUAGE.with(Design.Norm.RMS).with(Design.Activation.SWIGLU).with(Design.Positions.ROTARY),
                )
            fused(Design.DECODER, ComputeDevice.CUDA) shouldBe false
            makers.map { it.javaClass } shouldBe
                listOf(FusedNetwork.Maker::class.java, AutogradNetwork.Maker::class.java)
        }

        "long sequences, in which keys are taken in blocks, and heads and sequences side by side" {
            for (design in listOf(Design.LANGUAGE, Design.LANGUAGE.with(Design.Mask.NONE))) {
                for ((length, size) in listOf(130 to 5, 65 to 7, 256 to 1)) {
                    val model = Architecture(11, length, 11, 2, 3, 6, 5, design)
                    agrees(model, groupedOf(model, size, random), length.toLong())
                }
            }
        }

        "sequences that end early, and few positions that are asked, of which alone the last layer computes its queries" {
            for ((length, size, asked) in listOf(Triple(40, 130, 1), Triple(40, 60, 30), Triple(256, 6, 90))) {
                for (mask in Design.Mask.values()) for (layers in 1..2) for (hidden in listOf(0, 5)) {
                    val model = Architecture(11, length, 11, layers, 3, 6, hidden, Design.LANGUAGE.with(mask))
                    agrees(model, raggedOf(model, size, asked, random), length.toLong())
                }
            }
            val two = Architecture(11, 40, 11, 2, 3, 6, 5, Design.LANGUAGE.with(Readout.at(33, 2)))
            agrees(two, raggedOf(two, 60, 15, random), 1)
        }

        "no token after the last that is asked is looked at" {
            val model = Architecture(11, 40, 11, 2, 3, 6, 5, Design.LANGUAGE)
            val tokens = tokensOf(model, 3, random)
            val targets = IntArray(120) { if (it % 40 == 4) 3 else Batch.IGNORE }
            val none = IntArray(120) { if (it % 40 < 8) tokens[it] else Int.MAX_VALUE }
            val theta = thetaOf(model, 1, random)
            model.open(ComputeDevice.CPU).use { network ->
                fun all(tokens: IntArray): Triple<Double, List<Float>, Double> {
                    val batch = Batch.of(40, tokens, targets)
                    val gradient = FloatArray(theta.size)
                    val loss = network.gradient(theta, batch, gradient)
                    return Triple(loss, gradient.toList(), Answers.of(network, theta, batch).crossEntropy())
                }
                all(none) shouldBe all(tokens)
            }
        }

        "more positions and classes than exist as logits at once, in more tokens than are taken at once" {
            for (head in Design.Head.values()) {
                val model = Architecture(600, 8, 600, 2, 2, 6, 5, Design.LANGUAGE.with(head))
                agrees(model, groupedOf(model, 300, random), 1)
            }
        }

        "cross-entropy and gradient of a whole batch are the mean of its parts'" {
            val model = Architecture(300, 8, 300, 1, 2, 6, 5, Design.LANGUAGE)
            val batch = groupedOf(model, 280, random)
            val theta = thetaOf(model, 2, random)
            model.open(ComputeDevice.CPU).use { network ->
                val whole = FloatArray(theta.size)
                val loss = network.gradient(theta, batch, whole)
                val own = FloatArray(theta.size)
                val sum = DoubleArray(theta.size)
                // 28 sequences are 224 positions: fewer than exist as logits at once.
                val losses =
                    (0 until 280 step 28).map { from ->
                        val part = batch.part(from, from + 28)
                        network.gradient(theta, part, own).also { for (i in sum.indices) sum[i] += own[i] / 10.0 }
                    }
                losses.average() shouldBe (loss plusOrMinus 1e-6)
                Reference.relativeError(DoubleArray(whole.size) { whole[it].toDouble() }, sum) shouldBeLessThan 2e-6
            }
        }

        "a tied head's gradient is the sum of both uses" {
            val tied = designed(Design.LANGUAGE)
            val untied = designed(Design.LANGUAGE.with(Design.Head.OWN))
            val theta = thetaOf(tied, 5, random)
            val size = tied.layout().block("token_embedding").size()
            fun gradient(model: Architecture, theta: FloatArray) =
                FloatArray(theta.size).also { gradient ->
                    val batch = batchOf(model, 9, Random(1))
                    model.open(ComputeDevice.CPU).use { it.gradient(theta, batch, gradient) }
                }
            val both = gradient(tied, theta)
            val apart = gradient(untied, theta + theta.copyOf(size))
            val sum = FloatArray(theta.size) { apart[it] + if (it < size) apart[theta.size + it] else 0f }
            Reference.relativeError(both, sum) shouldBeLessThan 1e-6
            Reference.relativeError(both, apart.copyOf(theta.size)) shouldBeGreaterThan .01
        }

        "the logits of a batch never exist whole" {
            val model = Architecture(20_000, 32, 20_000, 1, 2, 8, 8, Design.LANGUAGE)
            val batch = batchOf(model, 128, random)
            val whole = 4L * 128 * 32 * 20_000
            val theta = thetaOf(model, 1, random)
            val gradient = FloatArray(theta.size)
            val before = settledOutsideHeap()
            lateinit var opened: Network
            val heap = allocated {
                opened = model.open(ComputeDevice.CPU)
                opened.gradient(theta, batch, gradient)
            }
            opened.use { network ->
                heap + outsideHeap() - before shouldBeLessThan whole / 8
                heap + outsideHeap() - before shouldBeGreaterThan whole / 32
                // What is there now is used again.
                allocated { network.gradient(theta, batch, gradient) } shouldBeLessThan whole / 100
            }
        }

        "what isn't finite leaves nothing behind for the next batch" {
            val model = Architecture(11, 130, 11, 2, 2, 6, 5, Design.LANGUAGE)
            val theta = thetaOf(model, 1, random)
            val batch = batchOf(model, 3, random)
            model.open(ComputeDevice.CPU).use { network ->
                fun gradient(at: FloatArray) = FloatArray(theta.size).also { network.gradient(at, batch, it) }
                val first = gradient(theta)
                gradient(FloatArray(theta.size) { Float.NaN }).all { it.isNaN() } shouldBe true
                gradient(theta).toList() shouldBe first.toList()
                val few = raggedOf(model, 9, 2, random)
                val cost = network.loss(theta, few)
                network.loss(FloatArray(theta.size) { Float.NaN }, batch).isNaN() shouldBe true
                network.loss(FloatArray(theta.size) { Float.NaN }, few).isNaN() shouldBe true
                network.loss(theta, few) shouldBe cost
            }
        }

        "a batch leaves nothing behind for the next one" {
            for (model in listOf(Architecture(9, 5, 4, 3, 3, 15, 7), designed(Design.LANGUAGE))) {
                val theta = thetaOf(model, 1, random)
                val batches = List(2) { batchOf(model, 20, random) }
                model.open(ComputeDevice.CPU).use { network ->
                    fun gradient(batch: Batch) = FloatArray(theta.size).also { network.gradient(theta, batch, it) }
                    val first = gradient(batches[0])
                    gradient(batches[1])
                    gradient(batches[0]).toList() shouldBe first.toList()
                }
            }
        }

        "no gradient on what is added to every key" {
            val model = Architecture(9, 5, 4, 3, 3, 15, 7)
            val theta = thetaOf(model, 1, random)
            val gradient = FloatArray(theta.size) { Float.NaN }
            model.open(ComputeDevice.CPU).use { it.gradient(theta, batchOf(model, 20, random), gradient) }
            val biases = model.layout().blocks().filter { it.role() == Role.KEY_BIAS }
            biases.size shouldBe 3
            biases.flatMap { gradient.slice(it.offset() until it.offset() + it.size()) }.all { it == 0f } shouldBe true
        }
    })

private const val STEP = 1e-5

/**
 * [outsideHeap] when what other tests have left behind is gone. The JVM frees buffers in the order of its collections,
 * so once something of a second collection is freed, all of the first one is.
 */
private fun settledOutsideHeap(): Long {
    val freed = ReferenceQueue<Any>()
    repeat(2) {
        val something = PhantomReference(Any(), freed)
        do System.gc() while (freed.remove(100) == null)
        check(something.refersTo(null))
    }
    return outsideHeap()
}

/** Bytes of buffers outside the Java heap. */
private fun outsideHeap(): Long =
    ManagementFactory.getPlatformMXBeans(BufferPoolMXBean::class.java).single { it.name == "direct" }.totalCapacity
