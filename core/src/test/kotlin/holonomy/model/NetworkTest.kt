package holonomy.model

import holonomy.data.UserError
import holonomy.task.MarkedTask
import holonomy.task.Operation
import holonomy.task.Stream
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import kotlin.concurrent.thread
import kotlin.math.abs

class NetworkTest :
    FreeSpec({
        val task = MarkedTask(Operation.sum(4), 12, 32, 16, 4, listOf(1, 2), MarkedTask.Placement.PER_SEQUENCE)
        val model = Architecture(32, 12, 4, 3, 2, 16, 0)
        val theta = Weights.initial(model, 7).values()
        val batch = task.batch(Stream.of(1, "test"), 0, 8)

        fun <R> network(block: (Network) -> R): R = model.open(ComputeDevice.CPU).use(block)

        "no call leaves a native array behind" {
            network { network ->
                val gradient = FloatArray(theta.size)
                fun everyCall() {
                    network.gradient(theta, batch, gradient)
                    network.logits(theta, batch)
                    network.loss(theta, batch)
                    network.trace(theta, batch, setOf(Site.attention(1)), listOf(Patch.TopAttention(3)))
                }
                everyCall()
                val before = network.nativeArrays()
                repeat(50) { everyCall() }
                network.nativeArrays() shouldBe before
            }
        }

        "gradient agrees with central differences in float64" {
            model.openFloat64(ComputeDevice.CPU).use { network ->
                val at = DoubleArray(theta.size) { theta[it].toDouble() }
                val gradient = DoubleArray(theta.size)
                network.gradient(at, batch, gradient)
                val step = 1e-5
                for (i in at.indices step 977) {
                    val kept = at[i]
                    at[i] = kept + step
                    val above = network.loss(at, batch)
                    at[i] = kept - step
                    val below = network.loss(at, batch)
                    at[i] = kept
                    gradient[i] shouldBe ((above - below) / (2 * step) plusOrMinus 1e-7)
                }
            }
        }

        "in float64 a large batch, taken in parts, has the mean of its sequences' gradients and losses" {
            model.openFloat64(ComputeDevice.CPU).use { network ->
                val at = DoubleArray(theta.size) { theta[it].toDouble() }
                val large = task.batch(Stream.of(2, "test"), 0, 41)
                val whole = DoubleArray(theta.size)
                val loss = network.gradient(at, large, whole)
                loss shouldBe (network.loss(at, large) plusOrMinus 1e-12)
                val sum = DoubleArray(theta.size)
                for (i in 0 until large.size()) {
                    val one = DoubleArray(theta.size)
                    network.gradient(at, large.part(i, i + 1), one)
                    for (j in sum.indices) sum[j] += one[j] / large.size()
                }
                for (j in sum.indices) whole[j] shouldBe (sum[j] plusOrMinus 1e-12)
            }
        }

        "patching a site with what stands there leaves the logits exactly as they are" {
            network { network ->
                val sites = (-1..2).map { Site.residual(it) } + (0..2).map { Site.attention(it) }
                val plain = network.trace(theta, batch, sites.toSet(), listOf())
                for (site in sites) {
                    val patched = network.trace(theta, batch, setOf(), listOf(Patch.Replace(site, plain.at(site))))
                    patched.logits() shouldBe plain.logits()
                }
            }
        }

        "patching a site with other values changes the logits" {
            network { network ->
                val plain = network.logits(theta, batch)
                val values = FloatArray(8 * 12 * 16) { 0.01f * (it % 7) }
                val patched = network.trace(theta, batch, setOf(), listOf(Patch.Replace(Site.residual(0), values)))
                patched.logits() shouldNotBe plain
            }
        }

        "the trimmed last layer gives the full one's logits" {
            network { network ->
                val trimmed = network.logits(theta, batch)
                val full = network.trace(theta, batch, setOf(Site.residual(2)), listOf()).logits()
                trimmed.indices.maxOf { abs(trimmed[it] - full[it]) }.toDouble() shouldBeLessThan 1e-5
            }
        }

        "collecting garbage between and during calls changes no bit (arrays made from Java values must outlive their use)" {
            network { network ->
                val gradient = FloatArray(theta.size)
                network.gradient(theta, batch, gradient)
                val first = gradient.clone()
                val collector = thread { repeat(60) { System.gc() } }
                while (collector.isAlive) {
                    List(64) { java.nio.ByteBuffer.allocateDirect(1024).putInt(0, -1) }
                    network.gradient(theta, batch, gradient)
                    gradient shouldBe first
                }
            }
        }

        "two threads at once compute the same gradients as one" {
            val alone = network { n -> FloatArray(theta.size).also { n.gradient(theta, batch, it) } }
            val results = arrayOfNulls<FloatArray>(2)
            List(2) { i ->
                    thread {
                        network { n ->
                            val gradient = FloatArray(theta.size)
                            repeat(20) { n.gradient(theta, batch, gradient) }
                            results[i] = gradient
                        }
                    }
                }
                .forEach { it.join() }
            results.forEach { it shouldBe alone }
        }

        "top-k override keeps ties by lower index and divides by the kept sum" {
            val row = floatArrayOf(.2f, .3f, .2f, .3f)
            Patch.TopAttention(3).apply(row, 4)
            row.map { (it * 8).toDouble() }
                .zip(listOf(2.0, 3.0, 0.0, 3.0))
                .forEach { (ours, expected) -> ours shouldBe (expected plusOrMinus 1e-6) }
        }

        "initial values: shared blocks start equal, another seed starts elsewhere" {
            val standard = Architecture(32, 12, 4, 3, 2, 16, 64)
            val other = Weights.initial(standard, 7)
            val same = Weights.initial(model, 7)
            for (block in model.layout().blocks()) {
                other.block(block.name()) shouldBe same.block(block.name())
            }
            Weights.initial(model, 8).block("layers.0.W_Q") shouldNotBe same.block("layers.0.W_Q")
            val bound = 1 / kotlin.math.sqrt(16f)
            same.block("layers.0.W_Q").all { abs(it) <= bound } shouldBe true
            same.block("layers.0.W_Q").maxOf { abs(it) }.toDouble() shouldBe (bound.toDouble() plusOrMinus .02)
        }

        "errors" -
            {
                "heads that don't divide the width" {
                    shouldThrow<UserError> { Architecture(32, 12, 4, 3, 5, 64, 0) }.message shouldBe
                        "model: width 64 is not divisible by 5 heads; use a width of 65 or a number of heads that divides 64"
                }
                "a site that doesn't exist" {
                    network { network ->
                        shouldThrow<UserError> { network.trace(theta, batch, setOf(Site.attention(3)), listOf()) }
                            .message shouldBe "site: the model has no attention at layer 3; expected 0..2"
                    }
                }
                "an attention override that keeps nothing" {
                    shouldThrow<UserError> { Patch.TopAttention(0) }.message shouldBe
                        "attention override: expected to keep at least 1 entry of each row, found k = 0"
                }
                "theta of another model's size" {
                    network { network ->
                        shouldThrow<IllegalArgumentException> { network.logits(FloatArray(3), batch) }.message shouldBe
                            "theta: expected ${theta.size} weights in float32, found 3 in float32"
                    }
                }
            }
    })
