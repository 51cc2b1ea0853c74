package holonomy.train

import holonomy.task.Stream
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.shouldBe
import kotlin.math.abs
import kotlin.math.sqrt

private const val SIZE = 200
private const val FACTOR = .5

private val optimizers: List<Optimizer> =
    listOf(
        AdamW(1e-2, .9, .98, 1e-8, .1, Optimizer.Decay.DECOUPLED),
        AdamW(1e-2, .9, .98, 1e-8, .1, Optimizer.Decay.L2),
        Sgd.of(1e-1),
        Sgd(1e-1, .9, false, .1, Optimizer.Decay.DECOUPLED),
        Sgd(1e-1, .9, true, .1, Optimizer.Decay.L2),
    )

private fun normal(name: String, index: Long): FloatArray {
    val random = Stream.of(1, name).at(index)
    return FloatArray(SIZE) { random.nextGaussian().toFloat() }
}

private fun wide(values: FloatArray) = DoubleArray(values.size) { values[it].toDouble() }

private fun norm(values: DoubleArray) = sqrt(values.sumOf { it * it })

class FrozenStepTest :
    FreeSpec({
        for (optimizer in optimizers) for (clip in listOf(0.0, .5)) {
            "the step that training takes next, its state untouched: ${optimizer.spec()}, clip $clip" {
                val training = Training(optimizer, Schedule.constant(), 10, 4, clip)
                val half = listOf(Decaying.Span(0, SIZE / 2, true), Decaying.Span(SIZE / 2, SIZE, false))
                val state = optimizer.start(Decaying(half))
                for (i in 0L..2) state.step(normal("theta", i), normal("gradient", i), 1.0)
                val before = state.arrays().mapValues { it.value.clone() }
                val theta = normal("theta", 9)
                val gradient = normal("gradient", 9)
                val frozen = FrozenStep(training, state, FACTOR)
                val step = frozen.at(wide(theta), wide(gradient))
                frozen.at(wide(theta), wide(gradient)).toList() shouldBe step.toList()
                state.arrays().forEach { (name, values) -> values.toList() shouldBe before.getValue(name).toList() }
                state.steps() shouldBe 3

                val size = norm(wide(gradient))
                val factor = if (clip > 0) clip / size else 1.0
                val moved = theta.clone()
                state.step(moved, FloatArray(SIZE) { (gradient[it] * factor).toFloat() }, FACTOR)
                val largest = step.maxOf { abs(it) }
                for (i in step.indices) {
                    withClue("weight $i") {
                        abs(step[i] - (moved[i] - theta[i].toDouble())) shouldBeLessThan 1e-6 + 1e-5 * largest
                    }
                }
            }
        }

        "differences of steps keep their digits: the step is smooth in the gradient far below float32's grid" {
            val training = Training(AdamW.of(1e-3), 10, 4)
            val state = training.optimizer().start(SIZE)
            for (i in 0L..2) state.step(normal("theta", i), normal("gradient", i), 1.0)
            val (theta, gradient) = wide(normal("theta", 9)) to wide(normal("gradient", 9))
            val frozen = FrozenStep(training, state, 1.0)
            val at = frozen.at(theta, gradient)
            fun turn(size: Double) =
                frozen.at(theta, DoubleArray(SIZE) { gradient[it] * (1 + size) }).let { moved ->
                    DoubleArray(SIZE) { (moved[it] - at[it]) / size }
                }
            val (coarse, fine) = turn(1e-5) to turn(1e-8)
            norm(DoubleArray(SIZE) { coarse[it] - fine[it] }) / norm(coarse) shouldBeLessThan 1e-4
        }
    })
