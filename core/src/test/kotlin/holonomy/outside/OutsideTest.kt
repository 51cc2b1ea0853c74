package holonomy.outside

import com.fasterxml.jackson.databind.node.ObjectNode
import holonomy.data.Fields
import holonomy.data.UserError
import holonomy.train.DecayedState
import holonomy.train.Decaying
import holonomy.train.FrozenStep
import holonomy.train.Optimizer
import holonomy.train.Schedule
import holonomy.train.Training
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import java.util.SortedMap
import java.util.TreeMap
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

class OutsideTest :
    FreeSpec({
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
