package holonomy.model

import holonomy.Reference
import holonomy.geometry.Commutator
import holonomy.task.Batch
import holonomy.task.Operation
import holonomy.task.PairTask
import holonomy.task.Stream
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeGreaterThan
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import java.util.concurrent.CompletableFuture
import kotlin.math.sqrt

/** The bidirectional encoder of arXiv 2602.16746 as a form of the transformer. */
class EncoderTest :
    FreeSpec({
        fun encoder(layers: Int = 2) = Architecture(97, 2, 97, layers, 4, 128, 256, Design.ENCODER)
        fun norm(values: FloatArray) = sqrt(values.sumOf { it.toDouble() * it })

        "has the published numbers of weights" {
            encoder(2).layout().size() shouldBe 290_401
            encoder(3).layout().size() shouldBe 422_881
        }

        "begins as published: norms, zero biases, layers alike" {
            val weights = Weights.initial(encoder(3), 42)
            norm(weights.block("token_embedding")) shouldBe (111.5 plusOrMinus 2.0)
            norm(weights.block("position_embedding")) shouldBe (sqrt(2.0) plusOrMinus .2)
            norm(weights.block("layers.0.W_Q")) shouldBe (8.0 plusOrMinus .1)
            norm(weights.block("layers.0.W_O")) shouldBe (6.53 plusOrMinus .1)
            weights.block("layers.0.W_V").max().toDouble() shouldBe (.10825 plusOrMinus 1e-4)
            norm(weights.block("layers.0.b_K")) shouldBe 0.0
            norm(weights.block("layers.0.b_O")) shouldBe 0.0
            norm(weights.block("layers.0.mlp.b_in")) shouldNotBe 0.0
            weights.block("layers.0.W_K") shouldNotBe weights.block("layers.0.W_Q")
            for (block in encoder(3).layout().blocks().filter { it.layer() > 0 }) {
                weights.block(block.name()) shouldBe weights.block(block.role().`in`(0))
            }
        }

        "rounds alike in every thread, whichever came first to the engine" {
            val model = Architecture(7, 2, 7, 1, 2, 16, 32, Design.ENCODER)
            val theta = Weights.initial(model, 1).values()
            val batch = PairTask.of(Operation.sum(7)).forSeed(1).all(PairTask.Part.TEST)
            fun logits() = model.open(ComputeDevice.CPU).use { it.logits(theta, batch) }
            val here = logits()
            val there = (1..2).map { CompletableFuture.supplyAsync(::logits) { Thread(it).start() }.join() }
            there.forEach { it shouldBe here }
        }

        "reads the first token, which sees the others; tokens exchanged with their positions' rows change nothing but the reader" {
            val model = Architecture(9, 3, 4, 2, 3, 15, 7, Design.ENCODER)
            val theta = Weights.initial(model, 1).values()
            val rows = model.layout().block("position_embedding")
            val swapped = theta.clone()
            for (j in 0 until 15) {
                swapped[rows.offset() + 15 + j] = theta[rows.offset() + 30 + j]
                swapped[rows.offset() + 30 + j] = theta[rows.offset() + 15 + j]
            }
            fun logits(theta: FloatArray, vararg tokens: Int) =
                model.open(ComputeDevice.CPU).use { it.logits(theta, Batch.of(3, tokens, intArrayOf(0))) }
            val plain = logits(theta, 1, 2, 3)
            Reference.relativeError(logits(swapped, 1, 3, 2), plain) shouldBeLessThan 1e-5
            Reference.relativeError(logits(theta, 1, 3, 2), plain) shouldBeGreaterThan 1e-4
            Reference.relativeError(logits(theta, 1, 2, 4), plain) shouldBeGreaterThan 1e-4
        }

        "published defect at step 0: near 2.4 as float32 vectors subtracted, near .22 as it is (D1)" {
            val model = encoder()
            for (seed in listOf(42L, 137L, 2024L)) {
                val task = PairTask.of(Operation.sum(97)).forSeed(seed)
                val theta = Weights.initial(model, seed).values()
                val wide = DoubleArray(theta.size) { theta[it].toDouble() }
                model.openFloat64(ComputeDevice.CPU).use { network ->
                    fun field(index: Long): (DoubleArray) -> DoubleArray = { at ->
                        DoubleArray(at.size).also {
                            network.gradient(at, task.batch(Stream.of(seed, "train"), index, 512), it)
                        }
                    }
                    val (a, b) = field(0) to field(1)
                    val (ga, gb) = a(wide) to b(wide)
                    val aAfterB = a(Commutator.displaced(wide, gb, -1e-3))
                    val bAfterA = b(Commutator.displaced(wide, ga, -1e-3))
                    val exact = Commutator.of(-1e-3, ga, gb, aAfterB, bAfterA).defect()
                    val published = Commutator.inFloat32(theta, 1e-3, ga, gb, aAfterB, bAfterA).defect()
                    println("step 0, seed $seed: D = $exact, published form $published")
                    withClue("seed $seed: $exact, $published") {
                        exact shouldBe (.22 plusOrMinus .02)
                        published shouldBe (2.4 plusOrMinus .4)
                    }
                }
            }
        }
    })
