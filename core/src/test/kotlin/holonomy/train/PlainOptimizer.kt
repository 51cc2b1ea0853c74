package holonomy.train

import kotlin.math.abs
import kotlin.math.max
import kotlin.math.pow
import kotlin.math.sqrt

/** Unit roundoff of float32: a result differs from the exact one by at most this share of it. */
const val FLOAT32_UNIT = 1.0 / (1 shl 24)

/**
 * SGD and AdamW as published, in float64, for tests; with the rounding that the same steps in float32 may have.
 *
 * [rounding] is counted, to first order, for each weight on its own. Each operation, and each constant, changes a
 * result by at most a share of [FLOAT32_UNIT]. By step t, m is a sum of t + 1 gradients with 3 operations a step on
 * each, v the same of squares, of which a root keeps half; both roots, scale, epsilon, division and step size are 10
 * more: `5 t + 13` in all, a share of what the step would be if nothing in m cancelled. Decay and the subtraction are
 * 3, a share of the weight. SGD needs fewer.
 */
class PlainOptimizer(private val settings: Optimizer, start: FloatArray) {
    val theta = DoubleArray(start.size) { start[it].toDouble() }
    val rounding = DoubleArray(start.size)
    private val first = DoubleArray(start.size)
    private val magnitude = DoubleArray(start.size)
    private val second = DoubleArray(start.size)
    private var steps = 0

    /** One step by a gradient [P]. */
    fun step(gradient: DoubleArray) {
        steps++
        for (i in theta.indices) {
            val before = abs(theta[i])
            val move =
                when (settings) {
                    is Sgd -> settings.move(i, gradient[i])
                    is AdamW -> settings.move(i, gradient[i])
                    else -> error("no published form of $settings is written down here")
                }
            theta[i] = theta[i] * (1 - settings.learningRate() * settings.weightDecay()) - move.first
            rounding[i] += FLOAT32_UNIT * ((5 * steps + 13) * move.second + 3 * max(before, abs(theta[i])))
        }
    }

    /** The step, and what it would be if nothing cancelled. */
    private fun Sgd.move(i: Int, g: Double): Pair<Double, Double> {
        first[i] = momentum * first[i] + g
        magnitude[i] = momentum * magnitude[i] + abs(g)
        fun sized(u: Double, g: Double) = learningRate * if (nesterov) g + momentum * u else u
        return sized(first[i], g) to sized(magnitude[i], abs(g))
    }

    private fun AdamW.move(i: Int, g: Double): Pair<Double, Double> {
        first[i] = beta1 * first[i] + (1 - beta1) * g
        magnitude[i] = beta1 * magnitude[i] + (1 - beta1) * abs(g)
        second[i] = beta2 * second[i] + (1 - beta2) * g * g
        val size = learningRate / (1 - beta1.pow(steps)) / (sqrt(second[i] / (1 - beta2.pow(steps))) + epsilon)
        return size * first[i] to size * magnitude[i]
    }
}
