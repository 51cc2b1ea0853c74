package holonomy.intervention

import holonomy.data.UserError
import holonomy.intervention.NormClamp.Unit.INITIAL
import holonomy.intervention.NormClamp.Unit.WEIGHTS
import holonomy.model.Architecture
import holonomy.model.ComputeDevice
import holonomy.model.Design
import holonomy.model.WeightGroup
import holonomy.task.Operation
import holonomy.task.PairTask
import holonomy.task.Stream
import holonomy.train.AdamW
import holonomy.train.Observer
import holonomy.train.Optimizer
import holonomy.train.RunSpec
import holonomy.train.Schedule
import holonomy.train.Trainer
import holonomy.train.Training
import holonomy.train.TrainingState
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe

private val task = PairTask.of(Operation.sum(7)).forSeed(1)
private val model = Architecture(7, 2, 7, 1, 2, 16, 32, Design.ENCODER)
private val adam = AdamW(1e-2, .9, .98, 1e-8, 1.0, Optimizer.Decay.DECOUPLED)

private fun spec(vararg interventions: Intervention, of: Architecture = model, steps: Long = 12) =
    RunSpec(task, of, Training(adam, Schedule.constant(), steps, 8, 1.0).with(interventions.toList()), 1)

private fun train(
    spec: RunSpec,
    state: TrainingState = TrainingState.initial(spec),
    observer: Observer = Observer { _, _ -> },
    stop: () -> Boolean = { false },
): FloatArray =
    spec.model().open(ComputeDevice.CPU).use { network ->
        Trainer(spec, network).train(state, listOf(observer), stop)
        state.theta()
    }

private fun norm(theta: FloatArray, group: WeightGroup) = NormClamp.length(theta, model.layout().group(group))

private fun held(group: WeightGroup, norm: Double, unit: NormClamp.Unit, s: Double = 1.0) =
    NormClamp(group, norm, unit, s, Window.from(0))

/** What a clamp makes of weights that are 0 but for the first three of a group's. */
private fun clamped(clamp: NormClamp, vararg first: Float): List<Float> {
    val theta = FloatArray(model.layout().size())
    val from = model.layout().group(clamp.group()).first().offset()
    first.copyInto(theta, from)
    theta[theta.size - 1] = 9f // of no group but all
    model.open(ComputeDevice.CPU).use { network ->
        val around = Step.Surroundings({ s, i, _ -> task.batch(s, i, 8) }, task.groups(), network) { 4.0 }
        clamp.afterOptimiser(Step(3, theta, FloatArray(0), null, listOf(), Stream.of(3, "test"), around))
    }
    return theta.slice(from until from + 3) + theta.last()
}

class NormClampTest :
    FreeSpec({
        "theta (1 + s (R / |theta| - 1)), exactly, in its blocks alone" {
            // |theta| = 5
            clamped(held(WeightGroup.ATTENTION, 10.0, WEIGHTS), 3f, 0f, 4f) shouldBe listOf(6f, 0f, 8f, 9f)
            clamped(held(WeightGroup.ATTENTION, 10.0, WEIGHTS, .5), 3f, 0f, 4f) shouldBe listOf(4.5f, 0f, 6f, 9f)
            clamped(held(WeightGroup.MLP, 2.5, WEIGHTS, .25), 3f, 0f, 4f) shouldBe
                listOf(3f * .875f, 0f, 4f * .875f, 9f)
            // An initial norm of 4, 2.5 times
            clamped(held(WeightGroup.MLP, 2.5, INITIAL), 3f, 0f, 4f) shouldBe listOf(6f, 0f, 8f, 9f)
        }

        "weights that are all 0 have no direction and stay" {
            clamped(held(WeightGroup.MLP, 2.5, WEIGHTS), 0f, 0f, 0f) shouldBe listOf(0f, 0f, 0f, 9f)
        }

        "one step of a run is the plain step, brought to the norm" {
            val plain = train(spec(steps = 1))
            val start = norm(spec().initialWeights().values(), WeightGroup.ALL)
            val factor = 1 + .25 * (.5 * start / norm(plain, WeightGroup.ALL) - 1)
            train(spec(held(WeightGroup.ALL, .5, INITIAL, .25), steps = 1)) shouldBe
                FloatArray(plain.size) { (plain[it] * factor).toFloat() }
        }

        "s = 0 is the plain run: its identity, its bytes" {
            val inert = spec(held(WeightGroup.ALL, .5, INITIAL, 0.0))
            inert.spec() shouldBe spec().spec()
            train(inert) shouldBe train(spec())
        }

        "s = 1 holds the norm at R after every step while its direction trains, whatever decay and gradients do" {
            val start = spec().initialWeights().values()
            for ((clamp, expected) in
                listOf(
                    held(WeightGroup.ALL, 1.5, INITIAL) to 1.5 * norm(start, WeightGroup.ALL),
                    held(WeightGroup.MLP, 3.0, WEIGHTS) to 3.0,
                )) {
                val seen = mutableListOf<Double>()
                val end = train(spec(clamp), observer = { state, _ -> seen += norm(state.theta(), clamp.group()) })
                seen.size shouldBe 13
                seen.drop(1).forEach { it shouldBe (expected plusOrMinus 1e-6 * expected) }
                end.indices.any { end[it] / start[it] != end[0] / start[0] } shouldBe true
                end shouldNotBe train(spec())
            }
        }

        "killed and resumed it ends in the same bytes, its initial norm found again" {
            val busy = spec(held(WeightGroup.ALL, .7, INITIAL, .5))
            val state = TrainingState.initial(busy)
            train(busy, state) { state.step() == 7L }
            val continued = TrainingState.initial(busy)
            state.theta().copyInto(continued.theta())
            continued.optimizer().restore(state.optimizer().arrays(), state.step())
            train(busy, continued) shouldBe train(busy)
        }

        "the JSON alone gives the run back" {
            val busy = spec(held(WeightGroup.ALL, .7, INITIAL, .5), Freeze(WeightGroup.MLP, .5, Window.from(3)))
            RunSpec.fromSpec(busy.spec()) shouldBe busy
        }

        "mistakes are named" {
            for (norm in listOf(0.0, -2.0, Double.NaN, Double.POSITIVE_INFINITY)) {
                shouldThrow<UserError> { held(WeightGroup.ALL, norm, WEIGHTS) }.message shouldBe
                    "norm clamp: the norm that is held expected a number above 0, found $norm"
            }
            for (s in listOf(-.1, 1.1, Double.NaN)) {
                shouldThrow<UserError> { held(WeightGroup.ALL, 1.0, WEIGHTS, s) }.message shouldBe
                    "norm clamp: strength expected from 0 to 1, found $s"
            }
            val clamp = held(WeightGroup.MATRICES, 1.0, INITIAL)
            shouldThrow<UserError> { spec(Freeze(WeightGroup.ATTENTION, 1.0, Window.from(3)), clamp) }.message shouldBe
                "norm clamp: the blocks 'MATRICES' are clamped and 'ATTENTION' frozen, which share blocks: what is " +
                    "frozen can't be brought to a norm; clamp or freeze other blocks"
            // Other blocks, or blocks that are only slowed down: both may act.
            spec(clamp, Freeze(WeightGroup.EMBEDDINGS, 1.0, Window.from(3)))
            spec(clamp, Freeze(WeightGroup.ATTENTION, .5, Window.from(3)))
            val attentionOnly = Architecture(7, 2, 7, 1, 2, 16, 0, Design.ENCODER)
            shouldThrow<UserError> { spec(held(WeightGroup.MLP, 1.0, INITIAL), of = attentionOnly) }.message shouldBe
                "norm clamp: the model has no blocks 'MLP'; clamp others"
        }
    })
