package holonomy.model

import holonomy.Reference
import holonomy.task.Batch
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.shouldBe
import kotlin.math.abs
import kotlin.random.Random

/**
 * The fast path against the engine's autograd, over many sizes: odd, 1, more than a group of sequences, with and
 * without MLP.
 */
class FusedTest :
    FreeSpec({
        fun batchOf(model: Transformer, size: Int, random: Random) =
            Batch.of(
                model.length(),
                IntArray(size * model.length()) { random.nextInt(model.vocabulary()) },
                IntArray(size) { random.nextInt(model.classes()) },
            )

        fun thetaOf(model: Transformer, seed: Long, random: Random): FloatArray {
            val theta = Weights.initial(model, seed).values()
            // LayerNorm's and every other bias away from where they start.
            return FloatArray(theta.size) { theta[it] + 0.1f * (random.nextFloat() - .5f) }
        }

        val edges =
            listOf(
                Transformer(2, 1, 1, 1, 1, 1, 0) to 1,
                Transformer(5, 1, 2, 2, 1, 3, 2) to 3,
                Transformer(256, 16, 8, 5, 4, 128, 0) to 128,
                Transformer(97, 2, 97, 2, 4, 32, 64) to 300,
                Transformer(9, 3, 4, 1, 3, 15, 7) to 131,
                Transformer(9, 17, 4, 2, 5, 5, 0) to 257,
                Transformer(97, 2, 97, 2, 4, 128, 256, Transformer.Form.ENCODER) to 512,
                Transformer(9, 5, 4, 3, 3, 15, 7, Transformer.Form.ENCODER) to 131,
                Transformer(9, 1, 4, 1, 1, 3, 0, Transformer.Form.ENCODER) to 5,
            )
        val random = Random(5)
        val drawn =
            List(24) {
                val heads = random.nextInt(1, 5)
                val width = heads * random.nextInt(1, 12)
                val hidden = if (it % 2 == 0) 0 else random.nextInt(1, 40)
                Transformer(
                    random.nextInt(2, 40),
                    random.nextInt(1, 20),
                    random.nextInt(2, 12),
                    random.nextInt(1, 5),
                    heads,
                    width,
                    hidden,
                ) to random.nextInt(1, 40)
            }

        fun agrees(model: Transformer, batch: Batch, seed: Long) {
            val theta = thetaOf(model, seed, random)
            val exact = DoubleArray(theta.size)
            val wide = DoubleArray(theta.size) { theta[it].toDouble() }
            val fast = FloatArray(theta.size) { Float.NaN }
            withClue("$model, batch ${batch.size()}") {
                val loss = Network.openFloat64(model, ComputeDevice.CPU).use { it.gradient(wide, batch, exact) }
                val slowLogits = Network.openReference(model, ComputeDevice.CPU).use { it.logits(theta, batch) }
                Network.open(model, ComputeDevice.CPU).use { network ->
                    network.gradient(theta, batch, fast) shouldBe (loss plusOrMinus 1e-5 * maxOf(1.0, loss))
                    network.loss(theta, batch) shouldBe (loss plusOrMinus 1e-5 * maxOf(1.0, loss))
                    Reference.relativeError(network.logits(theta, batch), slowLogits) shouldBeLessThan FLOAT32_TOLERANCE
                }
                val scale = exact.maxOf { abs(it) }
                if (scale == 0.0) {
                    fast.all { it == 0f } shouldBe true
                } else {
                    exact.indices.maxOf { abs(fast[it] - exact[it]) } / scale shouldBeLessThan FLOAT32_TOLERANCE
                }
            }
        }

        "gradient, loss and logits agree with autograd" {
            for ((index, case) in (edges + drawn).withIndex()) {
                agrees(case.first, batchOf(case.first, case.second, random), index.toLong())
            }
        }

        "also where columns of the first layer are all equal, all distinct or only one" {
            for (form in Transformer.Form.entries) {
                for (layers in 1..3) {
                    val model = Transformer(60, 5, 4, layers, 2, 16, 8 * (layers - 1), form)
                    fun tokens(token: (Int) -> Int) = Batch.of(5, IntArray(60, token), IntArray(12) { it % 4 })
                    agrees(model, tokens { 7 }, 1)
                    agrees(model, tokens { it }, 2)
                    agrees(Transformer(3, 1, 4, layers, 2, 16, 0, form), Batch.of(1, intArrayOf(2), intArrayOf(1)), 3)
                }
            }
        }

        "a batch leaves nothing behind for the next one" {
            val model = Transformer(9, 5, 4, 3, 3, 15, 7)
            val theta = thetaOf(model, 1, random)
            val batches = List(2) { batchOf(model, 20, random) }
            Network.open(model, ComputeDevice.CPU).use { network ->
                fun gradient(batch: Batch) = FloatArray(theta.size).also { network.gradient(theta, batch, it) }
                val first = gradient(batches[0])
                gradient(batches[1])
                gradient(batches[0]).toList() shouldBe first.toList()
            }
        }

        "no gradient on what is added to every key" {
            val model = Transformer(9, 5, 4, 3, 3, 15, 7)
            val theta = thetaOf(model, 1, random)
            val gradient = FloatArray(theta.size) { Float.NaN }
            Network.open(model, ComputeDevice.CPU).use { it.gradient(theta, batchOf(model, 20, random), gradient) }
            val biases = model.layout().blocks().filter { it.shortName() == "b_K" }
            biases.size shouldBe 3
            biases.flatMap { gradient.slice(it.offset() until it.offset() + it.size()) }.all { it == 0f } shouldBe true
        }
    })
