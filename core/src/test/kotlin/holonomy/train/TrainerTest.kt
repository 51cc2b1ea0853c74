package holonomy.train

import holonomy.Reference
import holonomy.data.UserError
import holonomy.model.Architecture
import holonomy.model.ComputeDevice
import holonomy.model.Role
import holonomy.model.WeightGroup
import holonomy.model.Weights
import holonomy.task.MarkedTask
import holonomy.task.Operation
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe

private val EMBEDDINGS = listOf(Role.TOKEN_EMBEDDING, Role.POSITION_EMBEDDING)
private val task = MarkedTask(Operation.sum(2), 7, 16, 4, 2, listOf(1), MarkedTask.Placement.PER_BATCH)
private val model = Architecture(16, 7, 2, 2, 2, 16, 0)

private fun spec(optimizer: Optimizer = AdamW.of(1e-2), steps: Long = 20, clip: Double = 0.0) =
    RunSpec(task, model, Training(optimizer, Schedule.constant(), steps, 8, clip), 1)

private fun train(
    spec: RunSpec,
    state: TrainingState = TrainingState.initial(spec),
    observer: Observer? = null,
    stop: () -> Boolean = { false },
) =
    model.open(ComputeDevice.CPU).use { network ->
        Trainer(spec, network).train(state, listOfNotNull(observer), stop) to state
    }

class TrainerTest :
    FreeSpec({
        "the same spec gives the same weights; another data seed or initial seed other ones" {
            val theta = train(spec()).second.theta()
            train(spec()).second.theta() shouldBe theta
            val other = spec().let { RunSpec(it.task(), it.model(), it.training(), 1, 2) }
            train(other).second.theta() shouldNotBe theta
        }

        "one group of blocks can begin as in a run of another seed; the rest is the run's own" {
            val own = spec()
            val mixed = own.with(GroupSeed(WeightGroup.EMBEDDINGS, 77))
            val other = Weights.initial(own.model(), 77)
            val weights = mixed.initialWeights()
            own.model().layout().blocks().forEach { block ->
                val from = if (block.role() in EMBEDDINGS) other else own.initialWeights()
                weights.block(block.name()) shouldBe from.block(block.name())
            }
            TrainingState.initial(mixed).theta() shouldBe weights.values()
            RunSpec.fromSpec(mixed.spec()) shouldBe mixed
            own.spec().has("groupSeed") shouldBe false
            mixed.label() shouldBe own.label() + ", embeddings of seed 77"
        }

        "a group that the model has not is refused" {
            shouldThrow<UserError> { spec().with(GroupSeed(WeightGroup.MLP, 77)) }.message shouldBe
                "run: initial values of mlp of seed 77, but the model has no such blocks; leave them out"
        }

        "stopped and continued is as never stopped" {
            val whole = train(spec()).second
            val state = TrainingState.initial(spec())
            train(spec(), state, stop = { state.step() == 11L }).first shouldBe Trainer.Ending.STOPPED
            val continued = TrainingState.initial(spec())
            state.theta().copyInto(continued.theta())
            continued.optimizer().restore(state.optimizer().arrays(), state.step())
            train(spec(), continued).first shouldBe Trainer.Ending.COMPLETE
            continued.theta() shouldBe whole.theta()
        }

        "a loss that stops being finite ends the run, theta as before that step" {
            val wild = spec(Sgd(1e30, .9, false, 0.0, Optimizer.Decay.DECOUPLED))
            val (ending, state) = train(wild)
            ending shouldBe Trainer.Ending.DIVERGED
            (state.step() < wild.training().steps()) shouldBe true
        }

        "observers see the start and every step, and a copied snapshot is a copy" {
            val seen = mutableListOf<Long>()
            val snapshots = mutableListOf<FloatArray>()
            train(
                spec(),
                observer = { state, _ ->
                    seen += state.step()
                    if (state.step() <= 1) snapshots += state.theta().clone()
                },
            )
            seen shouldBe (0L..20L).toList()
            snapshots[0] shouldBe Weights.initial(model, 1).values()
            snapshots[0] shouldNotBe snapshots[1]
        }

        "clipping bounds the gradient that the optimiser sees" {
            val small = 1e-3
            val clipped = spec(Sgd.of(1.0), steps = 1, clip = small)
            val state = TrainingState.initial(clipped)
            val before = state.theta().clone()
            train(clipped, state)
            val moved =
                kotlin.math.sqrt(
                    before.indices.sumOf { (state.theta()[it] - before[it]).toDouble().let { d -> d * d } }
                )
            moved shouldBe (small plusOrMinus 1e-5)
        }

        "decoupled decay shrinks the weights apart from the gradient, L2 through it" {
            val theta = floatArrayOf(1f, -2f)
            Sgd(.1, 0.0, false, .5, Optimizer.Decay.DECOUPLED).start(2).step(theta, floatArrayOf(0f, 0f), 1.0)
            theta[0].toDouble() shouldBe (.95 plusOrMinus 1e-6)
            val other = floatArrayOf(1f, -2f)
            AdamW(.1, .9, .999, 1e-8, .5, Optimizer.Decay.L2).start(2).step(other, floatArrayOf(0f, 0f), 1.0)
            other[0].toDouble() shouldBe (.9 plusOrMinus 1e-5) // the penalty's gradient, normalised by Adam to one step
        }

        "schedules" -
            {
                "warm-up rises linearly to 1" {
                    val schedule = Schedule.warmup(4)
                    (0L..5L).map { schedule.factor(it, 10) } shouldBe listOf(.25, .5, .75, 1.0, 1.0, 1.0)
                }
                "a cosine ends near its floor" {
                    val schedule = Schedule.cosine(0, .1)
                    schedule.factor(0, 100) shouldBe 1.0
                    schedule.factor(50, 100) shouldBe (.55 plusOrMinus 1e-12)
                    schedule.factor(100, 100) shouldBe (.1 plusOrMinus 1e-12)
                }
                "the published one of language models is cut off at its floor; its sum is 5.1153 at rate .001" {
                    val schedule = Schedule.cutCosine(1_500, .1)
                    (0L until 10_000L).sumOf { 1e-3 * schedule.factor(it, 10_000) } shouldBe (5.1153 plusOrMinus 5e-5)
                    (0L until 10_000L).first { it > 1_500 && schedule.factor(it, 10_000) == .1 } shouldBe 8_258L
                    schedule.extendable() shouldBe false
                    val training = Reference.language().expected
                    for ((step, each) in training["training"].withIndex()) {
                        val factor = Schedule.cutCosine(5, .1).factor(step.toLong(), 20)
                        .003 * factor shouldBe (each["rate"].doubleValue() plusOrMinus 1e-15)
                    }
                }
            }

        "the stored spec rebuilds the run" {
            val specs =
                listOf(
                    spec(),
                    spec(Sgd(.1, .9, true, .01, Optimizer.Decay.L2), clip = 1.0),
                    RunSpec(task, model, Training(AdamW.of(1e-3), Schedule.cosine(3, .1), 5, 2, 0.0), 3, 4),
                    RunSpec(task, model, Training(AdamW.of(1e-3), Schedule.cutCosine(3, .1), 5, 2, 0.0), 3, 4),
                )
            specs.forEach { RunSpec.fromSpec(it.spec()) shouldBe it }
        }

        "errors" -
            {
                "no steps" {
                    shouldThrow<UserError> { spec(steps = 0) }.message shouldBe
                        "training: steps expected at least 1, found 0"
                }
                "no batch" {
                    shouldThrow<UserError> { Training(AdamW.of(1e-3), 5, 0) }.message shouldBe
                        "training: batch expected at least 1 sequence, found 0"
                }
                "a model for another task" {
                    shouldThrow<UserError> {
                            RunSpec(task, Architecture(16, 8, 2, 2, 2, 16, 0), Training(AdamW.of(1e-3), 5, 1), 1)
                        }
                        .message shouldBe "run: the task's length is 7, the model's 8; make the model for this task"
                }
            }
    })
