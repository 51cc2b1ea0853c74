package holonomy.curvature

import holonomy.data.UserError
import holonomy.geometry.Orthonormal
import holonomy.model.Architecture
import holonomy.model.ComputeDevice
import holonomy.model.Design
import holonomy.model.Network
import holonomy.model.Readout
import holonomy.model.TwiceDifferentiable
import holonomy.model.Weights
import holonomy.outside.Bigram
import holonomy.outside.BigramNetwork
import holonomy.task.Batch
import holonomy.task.Stream
import holonomy.train.AdamW
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeGreaterThan
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf
import kotlin.math.abs
import kotlin.math.exp

private const val V = 5
private const val T = 3

private val random = Stream.of(1, "loss curvature test").at(0)

/** Two layers with an MLP each. */
private fun small(design: Design) = Architecture(V, T, V, 2, 2, 4, 3, design)

private val designs =
    listOf(
        Design.DECODER,
        Design.ENCODER,
        Design.LANGUAGE,
        Design.DECODER.with(Design.Norm.POST),
        Design.DECODER.with(Design.Norm.NONE).with(Design.Activation.RELU),
        Design.DECODER.with(Readout.ALL).with(Design.Biases.NONE),
        Design.DECODER.with(Design.Norm.RMS).with(Design.Activation.SWIGLU).with(Design.Positions.ROTARY),
    )

/** Initial values, biases and gains moved from where they start. */
private fun theta(model: Architecture) =
    Weights.initial(model, 3).values().let { start ->
        DoubleArray(start.size) { start[it] + .3 * random.nextGaussian() }
    }

private fun tokens(sequences: Int) = IntArray(sequences * T) { random.nextInt(V) }

/** Targets of two weighted groups at every token, some ignored. */
private fun grouped(sequences: Int): Batch {
    val targets = IntArray(sequences * T) { if (it % 4 == 1) Batch.IGNORE else random.nextInt(V) }
    return Batch.of(T, tokens(sequences), targets, IntArray(sequences * T) { it % 2 }).weighted(doubleArrayOf(.5, 3.0))
}

private fun unit(i: Int, size: Int) = DoubleArray(size).also { it[i] = 1.0 }

private fun gradient(network: Network, theta: DoubleArray, batch: Batch) = LossCurvature.field(network, batch).at(theta)

private fun far(a: DoubleArray, b: DoubleArray) = a.indices.maxOf { abs(a[it] - b[it]) }

class LossCurvatureTest :
    FreeSpec({
        fun with(design: Design, check: (Architecture, TwiceDifferentiable, DoubleArray) -> Unit) {
            val model = small(design)
            model.openFloat64(ComputeDevice.CPU).use {
                check(model, it.shouldBeInstanceOf<TwiceDifferentiable>(), theta(model))
            }
        }

        "products with the Hessian are those of the explicit Hessian of the gradients' differences, to 1e-8" {
            for (design in designs) with(design) { model, network, theta ->
                val p = model.layout().size()
                val explicitly = design == Design.DECODER
                val batch = grouped(if (explicitly) 5 else 70) // 70 are taken in two parts
                val byDifferences = LossCurvature.byDifferences(LossCurvature.field(network, batch), theta)
                val exact = LossCurvature.hessian(network, theta, batch)
                val columns = if (explicitly) List(p) { unit(it, p) } else List(4) { gaussian(p, random) }
                var largest = 0.0
                var worst = 0.0
                for (v in columns) {
                    val product = exact.times(v)
                    largest = maxOf(largest, product.maxOf { abs(it) })
                    worst = maxOf(worst, far(product, byDifferences.times(v)) / Orthonormal.norm(v))
                }
                println("HVP, $p weights, readout ${design.readout().place()}: largest $largest, furthest apart $worst")
                withClue("$design: largest entry $largest, furthest apart $worst") {
                    largest shouldBeGreaterThan .1
                    worst shouldBeLessThan 1e-8
                }
            }
        }

        "Gauss-Newton is the covariance of the gradients under the model's own answers, made of first derivatives alone" {
            for (design in listOf(Design.DECODER, Design.LANGUAGE.with(Readout.LAST))) with(design) {
                model,
                network,
                theta ->
                val p = model.layout().size()
                val tokens = tokens(4)
                val exact = LossCurvature.gaussNewton(network, theta, Batch.of(T, tokens, IntArray(4) { it }))
                val v = gaussian(p, random)
                val expected = DoubleArray(p)
                for (s in 0 until 4) for (c in 0 until V) {
                    val one = Batch.of(T, tokens.copyOfRange(s * T, s * T + T), intArrayOf(c))
                    val g = gradient(network, theta, one)
                    val factor = exp(-network.loss(theta, one)) * Orthonormal.dot(g, v) / 4
                    for (i in 0 until p) expected[i] += factor * g[i]
                }
                far(exact.times(v), expected) shouldBeLessThan 1e-10
                // Of other answers the same: D doesn't depend on the targets. The Hessian does.
                val others = Batch.of(T, tokens, IntArray(4) { 0 })
                far(LossCurvature.gaussNewton(network, theta, others).times(v), expected) shouldBeLessThan 1e-10
                far(LossCurvature.hessian(network, theta, others).times(v), expected) shouldBeGreaterThan 1e-3
            }
        }

        "Gauss-Newton is the Hessian where the residual is 0: targets in the shares that the model itself gives" {
            for (design in listOf(Design.DECODER, Design.ENCODER)) with(design) { model, network, theta ->
                val tokens = tokens(2)
                val sequences = (0 until 2).flatMap { s -> List(V) { tokens.copyOfRange(s * T, s * T + T).toList() } }
                val shares =
                    DoubleArray(2 * V) {
                        exp(-network.loss(theta, Batch.of(T, sequences[it].toIntArray(), intArrayOf(it % V)))) / 2
                    }
                shares.sum() shouldBe (1.0 plusOrMinus 1e-12)
                val batch =
                    Batch.of(T, sequences.flatten().toIntArray(), IntArray(2 * V) { it % V }, IntArray(2 * V) { it })
                val residual = batch.weighted(shares)
                val v = gaussian(model.layout().size(), random)
                gradient(network, theta, residual).maxOf { abs(it) } shouldBeLessThan 1e-12
                val hessian = LossCurvature.hessian(network, theta, residual).times(v)
                hessian.maxOf { abs(it) } shouldBeGreaterThan .1
                far(hessian, LossCurvature.gaussNewton(network, theta, residual).times(v)) shouldBeLessThan 1e-10
                // With another residual they differ.
                val other = batch.weighted(DoubleArray(2 * V) { .1 })
                val g = LossCurvature.gaussNewton(network, theta, other).times(v)
                far(LossCurvature.hessian(network, theta, other).times(v), g) shouldBeGreaterThan 1e-3
            }
        }

        "Fisher: its trace is the mean squared gradient norm, its mean the batch's gradient, also of uneven groups" {
            with(Design.DECODER.with(Readout.ALL)) { model, network, theta ->
                val batch = grouped(7)
                val fisher = Fisher.of(network, theta, batch)
                val own = List(7) { gradient(network, theta, batch.part(it, it + 1)) }
                val squares = own.map { Orthonormal.dot(it, it) }.average()
                fisher.trace() shouldBe (squares plusOrMinus 1e-12)
                far(fisher.mean(), gradient(network, theta, batch)) shouldBeLessThan 1e-12
                val p = model.layout().size()
                (0 until p).sumOf { fisher.times(unit(it, p))[it] } shouldBe (squares plusOrMinus 1e-10)
                val mean = fisher.mean()
                fisher.centred().trace() shouldBe (squares - Orthonormal.dot(mean, mean) plusOrMinus 1e-12)
                // No more directions than sequences, and one fewer around the mean.
                val centred = Lanczos.largest(fisher.centred(), 7, 1e-10, 50, random)
                centred.value(5) shouldBeGreaterThan 1e-6
                abs(centred.value(6)) shouldBeLessThan 1e-12
            }
        }

        "a network that knows no second derivatives: differences of its gradients, and no Gauss-Newton" {
            val network = BigramNetwork(Bigram(4, 3))
            val theta = gaussian(16, random)
            val batch = Batch.of(3, IntArray(9) { it % 4 }, IntArray(9) { (it + 1) % 4 })
            val hessian = LossCurvature.hessian(network, theta, batch)
            // Row r of logits: share(r) (diag(p) - pp').
            val rows = (0 until 4).map { r -> batch.tokens().count { it == r } / 9.0 }
            for (i in 0 until 16) {
                val row = i / 4
                val weights = (0 until 4).map { exp(theta[4 * row + it]) }
                val p = weights.map { it / weights.sum() }
                val product = hessian.times(unit(i, 16))
                for (j in 0 until 16) {
                    val d = if (i == j) 1.0 else 0.0
                    val expected = if (j / 4 == row) rows[row] * (d * p[i % 4] - p[i % 4] * p[j % 4]) else 0.0
                    product[j] shouldBe (expected plusOrMinus 1e-11)
                }
            }
            hessian.times(DoubleArray(16)).toList() shouldBe List(16) { 0.0 }
            shouldThrow<UserError> { LossCurvature.gaussNewton(network, theta, batch) }.message shouldBe
                "Gauss-Newton matrix: expected a network that computes second derivatives, found BigramNetwork; use the Hessian, which differences of gradients give"
        }

        "products leave nothing behind, and gradients are what they were" {
            val model = Architecture(V, 16, V, 2, 2, 32, 64)
            val batch = Batch.of(16, IntArray(64 * 16) { random.nextInt(V) }, IntArray(64) { random.nextInt(V) })
            val theta = theta(model)
            val v = gaussian(model.layout().size(), random)
            model.openFloat64(ComputeDevice.CPU).use { network ->
                val exact = network.shouldBeInstanceOf<TwiceDifferentiable>()
                fun products() {
                    exact.hessianTimes(theta, batch, v)
                    exact.gaussNewtonTimes(theta, batch, v)
                }
                val before = gradient(network, theta, batch)
                repeat(3) { products() }
                val arrays = network.nativeArrays()
                val resident = residentBytes()
                repeat(20) { products() } // the graph of each takes more than 10 MB
                network.nativeArrays() shouldBe arrays
                residentBytes() - resident shouldBeLessThan 100e6
                gradient(network, theta, batch).toList() shouldBe before.toList()
            }
        }

        "weight decay acts on the blocks that decay; Adam's preconditioner is its own denominator" {
            val layout = small(Design.LANGUAGE).layout()
            val decay = LossCurvature.decay(layout, .1)
            layout.blocks().count { !it.decays() } shouldBe 10
            for (block in layout.blocks()) decay[block.offset()] shouldBe if (block.decays()) .1 else 0.0

            val adam = AdamW(1e-2, .9, .99, 1e-8, 0.0, holonomy.train.Optimizer.Decay.DECOUPLED)
            val state = adam.start(2)
            shouldThrow<UserError> { adam.preconditioner(state) }.message shouldBe
                "preconditioned sharpness: expected an optimiser that has taken at least 1 step, found 0; measure it later in the training"
            repeat(3) { state.step(FloatArray(2), floatArrayOf(2f, 0f), 1.0) }
            // The moments of a constant gradient are it, once corrected.
            val p = adam.preconditioner(state)
            p[0] shouldBe ((1 - .9 * .9 * .9) * (2 + 1e-8) plusOrMinus 1e-6)
            p[1] shouldBe ((1 - .9 * .9 * .9) * 1e-8 plusOrMinus 1e-12)
        }

        "a float64 twin that doesn't fit is said before it starts, with what would be needed" {
            val model = Architecture(50_257, 1024, 50_257, 40, 25, 25 * 100, 10_000, Design.LANGUAGE)
            shouldThrow<UserError> { CurvatureMemory.require("curvature", model, 20, 4e9, 64e9) }.message shouldBe
                "curvature: 3.13e+09 weights in float64 with 20 vectors of that size take at least 651 GB (576 GB of it Java heap), expected at most 64 GB (4.0 GB); use fewer eigenvalues or steps, a smaller model, or a larger heap (-Xmx)"
            CurvatureMemory.require("curvature", small(Design.DECODER), 20, 4e9, 64e9)
        }
    })

private fun residentBytes() = java.io.File("/proc/self/statm").readText().split(" ")[1].toDouble() * 4096
