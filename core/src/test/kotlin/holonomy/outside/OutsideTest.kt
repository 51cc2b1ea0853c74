package holonomy.outside

import com.fasterxml.jackson.databind.node.JsonNodeFactory
import com.fasterxml.jackson.databind.node.ObjectNode
import holonomy.data.Fields
import holonomy.data.Table
import holonomy.data.UserError
import holonomy.measure.Cadence
import holonomy.measure.Measure
import holonomy.measure.Moment
import holonomy.model.Answers
import holonomy.model.Architecture
import holonomy.model.Block
import holonomy.model.ComputeDevice
import holonomy.model.Design
import holonomy.model.Initial
import holonomy.model.Layout
import holonomy.model.Model
import holonomy.model.Network
import holonomy.model.Patch
import holonomy.model.Role
import holonomy.model.Site
import holonomy.model.Targets
import holonomy.model.Trace
import holonomy.run.Progress
import holonomy.run.RunRequest
import holonomy.run.Runner
import holonomy.store.Store
import holonomy.task.Batch
import holonomy.task.EvaluationSet
import holonomy.task.Stream
import holonomy.task.Task
import holonomy.train.AdamW
import holonomy.train.DecayedState
import holonomy.train.Decaying
import holonomy.train.FrozenStep
import holonomy.train.Optimizer
import holonomy.train.RunSpec
import holonomy.train.Schedule
import holonomy.train.Sgd
import holonomy.train.Trainer
import holonomy.train.Training
import holonomy.train.TrainingState
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeGreaterThan
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.shouldBe
import java.time.Duration
import java.util.SortedMap
import java.util.TreeMap
import kotlin.math.exp
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

/** A task of somebody else's with a label at every token, a function of all tokens and the token's place among them. */
private class EveryToken(private val rule: (IntArray, Int) -> Int) : Task {
    override fun length() = 6

    override fun vocabulary() = 8

    override fun classes() = 8

    override fun targetPositions() = (0..5).toList()

    override fun batch(stream: Stream, index: Long, size: Int): Batch {
        val random = stream.at(index)
        val tokens = IntArray(size * 6) { random.nextInt(8) }
        return Batch.of(6, tokens, IntArray(tokens.size) { rule(tokens, it) })
    }

    override fun evaluationSets() = listOf(EvaluationSet.Drawn("held out", this, 0, 1.0 / 8))

    override fun spec(): ObjectNode = JsonNodeFactory.instance.objectNode().put("kind", "every token")

    override fun label() = "every token"
}

/** A model of somebody else's, no transformer: the logits of a token are its row of W [V, V]. */
data class Bigram(private val tokens: Int, private val sequence: Int) : Model {
    override fun vocabulary() = tokens

    override fun length() = sequence

    override fun classes() = tokens

    override fun layers() = 0

    override fun heads() = 0

    override fun width() = 0

    override fun readouts() = List(sequence) { it }

    override fun weightCount() = tokens.toDouble() * tokens

    override fun layout() =
        Layout(listOf(Block(Role.HEAD, -1, tokens, tokens, 0, Initial(Initial.Kind.NORMAL, .1), "bigram", true)))

    override fun spec(): ObjectNode =
        JsonNodeFactory.instance.objectNode().put("kind", "bigram").put("tokens", tokens).put("length", sequence)

    override fun label() = "bigram"

    override fun open(device: ComputeDevice) = BigramNetwork(this)

    override fun openFloat64(device: ComputeDevice) = BigramNetwork(this)

    class Kind : Model.Kind {
        override fun kind() = "bigram"

        override fun fromSpec(fields: Fields) = Bigram(fields.whole("tokens"), fields.whole("length"))
    }
}

class BigramNetwork(private val model: Bigram) : Network {
    private val classes = model.classes()
    private var before = Runnable {}

    override fun model() = model

    override fun openTwinInFloat64() = BigramNetwork(model)

    override fun beforeEachCall(action: Runnable) {
        before = action
    }

    override fun logits(weights: FloatArray, batch: Batch) =
        FloatArray(batch.tokens().size * classes) { weights[batch.tokens()[it / classes] * classes + it % classes] }

    override fun gradient(weights: DoubleArray, batch: Batch, gradient: DoubleArray): Double {
        before.run()
        gradient.fill(0.0)
        val targets = Targets.of(batch, model.readouts())
        return targets.factors().withIndex().sumOf { (i, factor) ->
            val row = batch.tokens()[i] * classes
            val sum = ln((0 until classes).sumOf { exp(weights[row + it]) })
            for (c in 0 until classes) gradient[row + c] += factor * exp(weights[row + c] - sum)
            val asked = row + maxOf(targets.classes()[i], 0)
            gradient[asked] -= factor
            factor * (sum - weights[asked])
        }
    }

    override fun gradient(weights: FloatArray, batch: Batch, gradient: FloatArray): Double {
        val wide = DoubleArray(weights.size)
        val loss = gradient(DoubleArray(weights.size) { weights[it].toDouble() }, batch, wide)
        wide.indices.forEach { gradient[it] = wide[it].toFloat() }
        return loss
    }

    override fun loss(weights: FloatArray, batch: Batch) = gradient(weights, batch, FloatArray(weights.size))

    override fun loss(weights: DoubleArray, batch: Batch) = gradient(weights, batch, DoubleArray(weights.size))

    override fun trace(weights: FloatArray, batch: Batch, record: Set<Site>, patches: List<Patch>): Trace {
        record.forEach { it.check(model) }
        return Trace(logits(weights, batch), mapOf())
    }

    override fun nativeArrays() = 0

    override fun close() {}
}

/** Share of the weights above 0. */
private class Positive(private val cadence: Cadence) : Measure {
    override fun name() = "positive"

    override fun cadence() = cadence

    override fun columns() = listOf(Measure.STEP, Measure.VALUE)

    override fun measure(moment: Moment, rows: Table.Builder) {
        rows.row(moment.step(), moment.theta().count { it > 0 } / moment.theta().size.toDouble())
    }
}

class OutsideTest :
    FreeSpec({
        fun learns(model: Model, task: Task, training: Training) {
            val run = RunSpec(task, model, training, 1)
            val state = TrainingState.initial(run)
            val test = task.batch(Stream.of(1, "test"), 0, 64)
            model.open(ComputeDevice.CPU).use { network ->
                network.loss(state.theta(), test) shouldBe (ln(8.0) plusOrMinus .1)
                Trainer(run, network).train(state, listOf()) { false } shouldBe Trainer.Ending.COMPLETE
                network.loss(state.theta(), test) shouldBeLessThan .1
                Answers.of(network, state.theta(), test).accuracy() shouldBeGreaterThan .99
            }
        }

        "a task from outside, with labels at every token, trains a language model's design" {
            val previous = EveryToken { tokens, at -> tokens[if (at % 6 == 0) at else at - 1] }
            val model = Architecture(8, 6, 8, 1, 2, 16, 0, Design.LANGUAGE)
            learns(model, previous, Training(AdamW.of(1e-2), 400, 32).inMicroBatches(2))
        }

        "a model from outside, no transformer, trains and is read from its spec" {
            val next = EveryToken { tokens, at -> (tokens[at] + 1) % 8 }
            val bigram = Bigram(8, 6)
            learns(bigram, next, Training(Sgd.of(10.0), 200, 32))
            Model.fromSpec(bigram.spec()) shouldBe bigram
            shouldThrow<UserError> { Site.attention(0).check(bigram) }.message shouldBe
                "site: the model has no attention at layer 0; it has no layers"
        }

        "a measure from outside has its table among a run's, and a number per run of its rows" {
            val positive = Positive(Cadence.times(3))
            val task = EveryToken { tokens, at -> tokens[at] }
            val spec = RunSpec(task, Bigram(8, 6), Training(Sgd.of(10.0), 20, 32), 1)
            val runner =
                Runner(Store.open(tempdir().toPath()), ComputeDevice.CPU, 1, Progress.NONE, Duration.ofMinutes(1))
            val run = runner.run(listOf(RunRequest(spec, "own", setOf(), listOf(positive)))) { false }.single().run()
            val table = run.get().table(positive.file())
            table.rows().map { it.number(Measure.STEP) } shouldBe listOf(0.0, 10.0, 20.0)
            table.rows().last().number(Measure.VALUE) shouldBe (1 / 8.0 plusOrMinus .05) // the right class alone rises
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
