package holonomy.outside

import com.fasterxml.jackson.databind.node.JsonNodeFactory
import com.fasterxml.jackson.databind.node.ObjectNode
import holonomy.data.Fields
import holonomy.data.UserError
import holonomy.model.Architecture
import holonomy.model.ComputeDevice
import holonomy.model.Design
import holonomy.model.Logits
import holonomy.task.Batch
import holonomy.task.Stream
import holonomy.task.Task
import holonomy.train.AdamW
import holonomy.train.DecayedState
import holonomy.train.Decaying
import holonomy.train.FrozenStep
import holonomy.train.Optimizer
import holonomy.train.RunSpec
import holonomy.train.Schedule
import holonomy.train.Trainer
import holonomy.train.Training
import holonomy.train.TrainingState
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeGreaterThan
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.shouldBe
import java.util.SortedMap
import java.util.TreeMap
import kotlin.math.ln
import kotlin.math.sign

/** An optimiser of somebody else's, in one file: theta -= lr sign(g). */
data class SignSgd(private val rate: Double, private val weightDecay: Double) : Optimizer {
    override fun learningRate() = rate

    override fun weightDecay() = weightDecay

    override fun decay() = Optimizer.Decay.DECOUPLED

    override fun moments() = 0

    override fun start(weights: Decaying) =
        object : DecayedState(this, weights) {
            override fun move(
                theta: FloatArray,
                gradient: FloatArray,
                from: Int,
                to: Int,
                shrink: Float,
                rate: Double,
            ) {
                for (i in from until to) theta[i] = shrink * theta[i] - (rate * sign(gradient[i])).toFloat()
            }

            override fun wouldMove(gradient: DoubleArray, rate: Double) =
                DoubleArray(gradient.size) { -rate * sign(gradient[it]) }

            override fun arrays(): SortedMap<String, FloatArray> = TreeMap()
        }

    override fun kept(schedule: Schedule, steps: Long, from: Long, to: Long): Double =
        (from until to).fold(1.0) { left, step -> left * (1 - rate * schedule.factor(step, steps) * weightDecay) }

    override fun spec(): ObjectNode = Optimizer.base("sign", this)

    class Kind : Optimizer.Kind {
        override fun kind() = "sign"

        override fun fromSpec(fields: Fields) = SignSgd(fields.number("learningRate"), fields.number("weightDecay"))
    }
}

/** A task of somebody else's with a label at every token: the token before it, at the first itself. */
private object Previous : Task {
    private const val LENGTH = 6

    override fun length() = LENGTH

    override fun vocabulary() = 8

    override fun classes() = 8

    override fun labels() = LENGTH

    override fun batch(stream: Stream, index: Long, size: Int): Batch {
        val random = stream.at(index)
        val tokens = IntArray(size * LENGTH) { random.nextInt(8) }
        return Batch.of(LENGTH, tokens, IntArray(tokens.size) { tokens[if (it % LENGTH == 0) it else it - 1] })
    }

    override fun conditions(): Map<Int, Task> = mapOf(1 to this)

    override fun majorityShare() = 1.0 / 8

    override fun spec(): ObjectNode = JsonNodeFactory.instance.objectNode().put("kind", "previous")

    override fun label() = "previous token"
}

class OutsideTest :
    FreeSpec({
        "a task from outside, with labels at every token, trains a language model's design" {
            val model = Architecture(8, 6, 8, 1, 2, 16, 0, Design.LANGUAGE)
            val training = Training(AdamW.of(1e-2), 400, 32).inMicroBatches(2)
            val run = RunSpec(Previous, model, training, 1)
            val state = TrainingState.initial(run)
            val test = Previous.batch(Stream.of(1, "test"), 0, 64)
            model.open(ComputeDevice.CPU).use { network ->
                network.loss(state.theta(), test) shouldBe (ln(8.0) plusOrMinus .1)
                Trainer(run, network).train(state, listOf()) { false } shouldBe Trainer.Ending.COMPLETE
                network.loss(state.theta(), test) shouldBeLessThan .1
                Logits.accuracy(network.logits(state.theta(), test), test.labels()) shouldBeGreaterThan .99
            }
        }

        val sign = SignSgd(.5, .1)

        "an optimiser from outside is read from its spec" {
            Optimizer.fromSpec(Fields("optimizer", sign.spec())) shouldBe sign
            shouldThrow<UserError> { Optimizer.fromSpec(Fields("optimizer", sign.spec().put("kind", "lion"))) }
                .message shouldBe
                "optimizer: optimiser of kind 'lion' is unknown to this version of Holonomy; known: adamw, sgd, sign"
        }

        "decays, freezes and steps as the library's own do" {
            val state = sign.start(Decaying(listOf(Decaying.Span(0, 1, true), Decaying.Span(1, 2, false))))
            val frozen =
                FrozenStep(Training(sign, 10, 4), state, 1.0).at(doubleArrayOf(2.0, 2.0), doubleArrayOf(3.0, -3.0))
            val theta = floatArrayOf(2f, 2f)
            state.step(theta, floatArrayOf(3f, -3f), 1.0)
            theta.toList() shouldBe listOf(.95f * 2 - .5f, 2.5f)
            frozen.forEachIndexed { i, step -> step shouldBe (theta[i] - 2.0 plusOrMinus 1e-6) }
        }
    })
