package holonomy.train

import holonomy.Reference
import holonomy.data.UserError
import holonomy.model.Architecture
import holonomy.model.ComputeDevice
import holonomy.model.Weights
import holonomy.model.languageBatch
import holonomy.model.languageModel
import holonomy.model.languageTheta
import holonomy.task.MarkedTask
import holonomy.task.Operation
import holonomy.task.Stream
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeGreaterThan
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import kotlin.math.abs
import kotlin.math.sqrt

class MicroBatchTest :
    FreeSpec({
        val task = MarkedTask(Operation.sum(4), 12, 32, 16, 4, listOf(1, 2), MarkedTask.Placement.PER_SEQUENCE)
        val model = Architecture(32, 12, 4, 2, 2, 16, 8)
        val whole = Training(AdamW.of(1e-3), Schedule.warmup(3), 5, 12, 1.0)

        "the mean over parts is the gradient of the whole batch, and the loss too" {
            val theta = Weights.initial(model, 7).values()
            val wide = DoubleArray(theta.size) { theta[it].toDouble() }
            val batch = task.batch(Stream.of(1, "test"), 0, 12)
            val exact = DoubleArray(theta.size)
            val loss = model.openFloat64(ComputeDevice.CPU).use { it.gradient(wide, batch, exact) }
            val largest = exact.maxOf { abs(it) }
            model.open(ComputeDevice.CPU).use { network ->
                for (parts in listOf(1, 2, 3, 4, 6, 12)) {
                    val gradient = FloatArray(theta.size) { Float.NaN }
                    var taken = 0
                    whole
                        .optimizer()
                        .accumulate(
                            MicroBatches(parts, false).of(batch),
                            { part, into ->
                                taken++
                                part.size() shouldBe 12 / parts
                                network.gradient(theta, part, into)
                            },
                            gradient,
                        ) shouldBe (loss plusOrMinus 1e-6)
                    taken shouldBe parts
                    exact.indices.maxOf { abs(gradient[it] - exact[it]) } / largest shouldBeLessThan 1e-5
                }
            }
        }

        "a training in micro-batches takes the same steps, up to rounding" {
            fun trained(training: Training): FloatArray {
                val spec = RunSpec(task, model, training, 1)
                val state = TrainingState.initial(spec)
                model.open(ComputeDevice.CPU).use { Trainer(spec, it).train(state, listOf()) { false } }
                return state.theta()
            }
            val plain = trained(Training(Sgd.of(.1), Schedule.warmup(3), 5, 12, 1.0))
            val parts = trained(Training(Sgd.of(.1), Schedule.warmup(3), 5, 12, 1.0).inMicroBatches(4))
            plain.indices.maxOf { abs(plain[it] - parts[it]) }.toDouble() shouldBeLessThan 1e-6
            plain shouldNotBe Weights.initial(model, 1).values()
        }

        "means of their own are the published loss and gradient of a step, by an independent program" {
            val case = Reference.language()
            val language = languageModel(case)
            val first = case.config["training"][0]
            val theta = languageTheta(case, language)
            val batch = languageBatch(case, 2 * case.config["sequences"].asInt())
            fun step(ownMeans: Boolean): Pair<Double, Double> {
                val gradient = FloatArray(theta.size)
                val loss =
                    language.open(ComputeDevice.CPU).use { network ->
                        whole
                            .optimizer()
                            .accumulate(
                                MicroBatches(2, ownMeans).of(batch),
                                { part, into -> network.gradient(theta, part, into) },
                                gradient,
                            )
                    }
                return loss to sqrt(gradient.sumOf { it.toDouble() * it })
            }
            val (loss, norm) = step(true)
            loss shouldBe (first["loss"].asDouble() plusOrMinus 1e-5 * loss)
            norm shouldBe (first["gradient_norm"].asDouble() plusOrMinus 1e-5 * norm)
            abs(step(false).first - loss) shouldBeGreaterThan 1e-4
        }

        "only micro-batches stand in a spec, and come back" {
            val spec = RunSpec(task, model, whole.inMicroBatches(3), 1)
            spec.spec()["training"]["microBatches"].intValue() shouldBe 3
            RunSpec.fromSpec(spec.spec()) shouldBe spec
            whole.spec().has("microBatches") shouldBe false
            whole.inMicroBatches(1) shouldBe whole
            val own = RunSpec(task, model, whole.computed(MicroBatches(3, true)), 1)
            own.spec()["training"]["ownMeans"].booleanValue() shouldBe true
            spec.spec()["training"].has("ownMeans") shouldBe false
            RunSpec.fromSpec(own.spec()) shouldBe own
            whole.computed(MicroBatches(1, true)) shouldBe whole
            Footprint.least(spec) shouldBeLessThan Footprint.least(RunSpec(task, model, whole, 1))
        }

        "parts that don't make a batch" {
            for (parts in listOf(0, 5, 24)) {
                shouldThrow<UserError> { whole.inMicroBatches(parts) }.message shouldBe
                    "training: micro-batches expected a number that divides the batch of 12 sequences, found $parts"
            }
        }
    })
