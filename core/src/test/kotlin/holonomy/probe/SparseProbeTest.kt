package holonomy.probe

import holonomy.Reference
import holonomy.data.SafeTensors
import holonomy.data.UserError
import holonomy.task.Stream
import holonomy.train.AdamW
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeGreaterThan
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import java.nio.file.Files
import java.util.function.LongConsumer
import kotlin.math.abs
import kotlin.math.sqrt

private val SILENT = LongConsumer {}

/** The probe of a reference case. */
private fun probe(case: Reference.Case): SparseProbe {
    val (latents, width) = case.tensor("W_enc").shape
    return SparseProbe(
        width,
        latents,
        if (case.expected["kind"].asText() == "topk") case.expected["k"].asInt() else 0,
        1f,
        case.tensor("W_enc").floats(),
        case.tensor("b_enc").floats(),
        SparseProbe.transposed(case.tensor("W_dec").floats(), width, latents),
        case.tensor("b_dec").floats(),
    )
}

class SparseProbeTest :
    FreeSpec({
        "agrees with the reference: codes, reconstruction, ablated reconstruction, loss" {
            Reference.cases("sae").forEach { case ->
                val probe = probe(case)
                val x = case.tensor("x").floats()
                val codes = probe.encode(x)
                val dropped = BooleanArray(probe.latents())
                case.expected["dropped"].forEach { dropped[it.asInt()] = true }
                fun near(ours: FloatArray, name: String) =
                    Reference.relativeError(ours, case.tensor(name).floats()) shouldBeLessThan 1e-5
                near(codes.dense(probe.latents()), "latents")
                near(probe.decode(codes), "reconstruction")
                near(probe.decode(codes, dropped), "reconstruction.ablated")
                codes.meanActive() shouldBe (case.expected["active"].asDouble() plusOrMinus 1e-9)
                val gradient = SparseGradient(probe.width(), probe.latents())
                val l1 = case.expected["l1"].asDouble()
                val loss = gradient.at(probe, x, codes, l1, FloatArray(gradient.parameters()))
                loss shouldBe (case.expected["loss_relu_l1"].asDouble().let { it plusOrMinus 1e-5 * it })
                val back = probe.decode(codes)
                val mse = x.indices.sumOf { (back[it] - x[it]).toDouble().let { e -> e * e } } / x.size
                mse shouldBe (case.expected["reconstruction_mse"].asDouble().let { it plusOrMinus 1e-5 * it })
            }
        }

        "the gradient agrees with central differences, in both forms" {
            for (k in listOf(0, 3)) {
                val d = 5
                val h = 8
                val random = Stream.of(3, "gradient").at(k.toLong())
                val gradient = SparseGradient(d, h)
                val theta = FloatArray(gradient.parameters()) { random.nextGaussian().toFloat() }
                val x = FloatArray(6 * d) { random.nextGaussian().toFloat() }
                fun loss(at: FloatArray, into: FloatArray): Double =
                    gradient.probe(at, k, 1f).let { gradient.at(it, x, it.encode(x), .3, into) }
                val analytic = FloatArray(theta.size).also { loss(theta, it) }
                val largest = analytic.maxOf { abs(it) }.toDouble()
                val step = 1e-3f
                // A step that changes which latents are active crosses a kink: few do, and none can be checked there.
                fun active(at: FloatArray) =
                    gradient.probe(at, k, 1f).encode(x).let { codes ->
                        List(codes.end(codes.rows() - 1)) { codes.latent(it) } + List(6) { codes.end(it) }
                    }
                var checked = 0
                for (i in theta.indices) {
                    val kept = theta[i]
                    theta[i] = kept + step
                    val above = loss(theta, FloatArray(theta.size))
                    val same = active(theta)
                    theta[i] = kept - step
                    val below = loss(theta, FloatArray(theta.size))
                    val unchanged = same == active(theta)
                    theta[i] = kept
                    if (unchanged) {
                        checked++
                        analytic[i].toDouble() shouldBe ((above - below) / (2 * step) plusOrMinus 2e-3 * largest)
                    }
                }
                checked.toDouble() shouldBeGreaterThan .9 * theta.size
            }
        }

        "top k keeps ties by lower index" {
            val codes = Codes(1, 2)
            TopSelection(5).select(floatArrayOf(1f, 2f, 1f, 1f, -3f), 0, 3, codes)
            codes.endRow()
            List(3) { codes.latent(it) } shouldContainExactly listOf(0, 1, 2)
        }

        "a planted dictionary is found by both forms" {
            val truth = Dictionary(width = 32, features = 48, active = 3, seed = 11)
            val activations = truth.activations(20_000)
            val forms = listOf(Sparsity.TopK(3), Sparsity.SteeredRelu(3.5))
            for (sparsity in forms) {
                val recipe = ProbeTraining(sparsity, 96, AdamW.of(3e-3), 3_000, 256)
                val fitted = ProbeFit.fit(activations, recipe, 5, SILENT)
                truth.meanMaximumCosine(fitted.probe()) shouldBeGreaterThan .95
                fitted.warnings().shouldBeEmpty()
                // Not by chance: untrained directions of the same number lie far away.
                val untrained = ProbeFit.fit(activations, recipe.copy(steps = 1), 5, SILENT)
                truth.meanMaximumCosine(untrained.probe()) shouldBeLessThan .7
            }
        }

        "directions have norm 1, equal inputs give equal bytes, and a file gives the probe back" {
            val activations = Dictionary(16, 20, 2, 1).activations(2_000)
            val recipe = ProbeTraining(Sparsity.TopK(4), 32, AdamW.of(1e-3), 60, 64)
            val one = ProbeFit.fit(activations, recipe, 7, SILENT).probe()
            val two = ProbeFit.fit(activations, recipe, 7, SILENT).probe()
            one.encoder() shouldBe two.encoder()
            one.directions() shouldBe two.directions()
            ProbeFit.fit(activations, recipe, 8, SILENT).probe().encoder() shouldNotBe one.encoder()
            for (j in 0 until 32) {
                val norm = sqrt((0 until 16).sumOf { one.directions()[j * 16 + it].toDouble().let { v -> v * v } })
                norm shouldBe (1.0 plusOrMinus 1e-5)
            }
            val file = Files.createTempFile("probe", ".safetensors")
            SafeTensors.write(file, one.tensors(), mapOf())
            val read = SparseProbe.of(SafeTensors.read(file))
            Files.delete(file)
            read.directions() shouldBe one.directions()
            read.outputBias() shouldBe one.outputBias()
            read.k() shouldBe 4
            read.scale() shouldBe one.scale()
        }

        "history: L0 is k for top k, the fraction unexplained falls" {
            val activations = Dictionary(16, 20, 2, 1).activations(4_000)
            val recipe = ProbeTraining(Sparsity.TopK(4), 32, AdamW.of(3e-3), 400, 64)
            val fitted = ProbeFit.fit(activations, recipe, 7, SILENT)
            val history = fitted.history()
            fitted.latents().rows().count { it.number("firing") == 0.0 } shouldBe fitted.dead()
            history.rows().map { it.number("l0") }.distinct() shouldBe listOf(4.0)
            history.rows().last().number("fvu") shouldBeLessThan .5 * history.rows().first().number("fvu")
        }

        "a steered L1 weight gives about the number of active latents asked for" {
            val activations = Dictionary(32, 48, 6, 2).activations(10_000)
            val recipe = ProbeTraining(Sparsity.SteeredRelu(8.0), 64, AdamW.of(3e-3), 1_500, 128)
            ProbeFit.fit(activations, recipe, 1, SILENT).atEnd("validation_l0") shouldBe (8.0 plusOrMinus 1.6)
        }

        "bad input" -
            {
                "k above the number of latents" {
                    shouldThrow<UserError> { ProbeTraining(Sparsity.TopK(9), 8, AdamW.of(1e-3), 10, 4) }
                        .message shouldBe
                        "sparse probe: expected k of at most the number of latents (8), found k = 9; use a smaller k or more latents"
                }
                "constant activations" {
                    val constant = Activations.of(FloatArray(400) { (it % 4).toFloat() }, 4)
                    val recipe = ProbeTraining(Sparsity.TopK(2), 8, AdamW.of(1e-3), 10, 4)
                    shouldThrow<UserError> { ProbeFit.fit(constant, recipe, 1, SILENT) }.message shouldBe
                        "sparse probe: all 90 activations are the same; expected some variance. Record another layer or other tokens"
                }
                "fewer activations than latents is a warning" {
                    val recipe = ProbeTraining(Sparsity.TopK(2), 64, AdamW.of(1e-3), 10, 4)
                    ProbeFit.fit(Dictionary(8, 8, 2, 1).activations(40), recipe, 1, SILENT).warnings() shouldBe
                        listOf("fewer activations (40) than latents (64)")
                }
            }
    })

private fun ProbeTraining.copy(steps: Int) = ProbeTraining(sparsity(), latents(), optimizer(), steps, batch())

/**
 * Activations made of a known dictionary: [active] of [features] random directions with weights in 1..2, and a mean.
 */
internal class Dictionary(val width: Int, val features: Int, val active: Int, seed: Long) {
    private val random = Stream.of(seed, "dictionary").at(0)
    private val mean = DoubleArray(width) { random.nextGaussian() }
    private val directions =
        List(features) {
            val raw = DoubleArray(width) { random.nextGaussian() }
            val norm = sqrt(raw.sumOf { it * it })
            DoubleArray(width) { raw[it] / norm }
        }

    fun activations(count: Int): Activations {
        val values = FloatArray(count * width)
        repeat(count) { row ->
            val x = mean.copyOf()
            val chosen = mutableSetOf<Int>()
            while (chosen.size < active) chosen += random.nextInt(features)
            for (feature in chosen) {
                val weight = 1 + random.nextDouble()
                for (i in 0 until width) x[i] += weight * directions[feature][i]
            }
            for (i in 0 until width) values[row * width + i] = x[i].toFloat()
        }
        return Activations.of(values, width)
    }

    /** Mean over the dictionary's directions of the largest cosine to any latent's. */
    fun meanMaximumCosine(probe: SparseProbe): Double =
        directions
            .map { truth ->
                (0 until probe.latents()).maxOf { j ->
                    (0 until width).sumOf { truth[it] * probe.directions()[j * width + it] }
                }
            }
            .average()
}
