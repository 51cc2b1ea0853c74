package holonomy.probe

import holonomy.data.Table
import holonomy.model.Architecture
import holonomy.task.MarkedTask
import holonomy.task.Operation
import holonomy.task.Stream
import kotlin.math.sqrt

/**
 * A network that solves its task (name the one marked value of two) along one direction q of the residual stream: value
 * tokens hold +-q, distractors a tenth of it as noise, the second layer averages q over all tokens into r, the head
 * reads r's sign. Everything else is noise in other dimensions.
 */
internal class PlantedNetwork {
    val task = MarkedTask(Operation.sum(2), 10, 40, 8, 1, listOf(1), MarkedTask.Placement.PER_SEQUENCE)
    val model = Architecture(40, 10, 2, 2, 2, 32, 0)
    val theta = FloatArray(model.layout().size())
    val noAttribution: Table = Table.builder(listOf(Table.text("attribute"), Table.quantity("rank"))).build()

    private val width = 32
    private val half = (1 / sqrt(2.0)).toFloat()
    private val random = Stream.of(9, "planted").at(0)

    init {
        for (l in 0..1) block("layers.$l.norm.weight").fill(1f)
        block("final_norm.weight").fill(1f)
        val tokens = block("token_embedding")
        for (token in 0 until 40) {
            val amount = if (token < 2) 4f - 8f * token else .1f * 4 * random.nextGaussian().toFloat()
            tokens[token, 0] = amount * half
            tokens[token, 1] = -amount * half
            if (token >= 2) noise(tokens, token, 1f)
        }
        for (t in 0 until 10) noise(block("position_embedding"), t, 1f)
        // Layer 1: W_V = r q', W_O = 1, attention uniform. Layer 0 does nothing.
        val value = block("layers.1.W_V")
        for ((row, sign) in listOf(2 to 1f, 3 to -1f)) {
            value[row, 0] = sign * half
            value[row, 1] = -sign * half
        }
        val output = block("layers.1.W_O")
        for (i in 0 until width) output[i, i] = 1f
        val head = block("head.weight")
        for (c in 0..1) {
            head[c, 2] = if (c == 0) 5f else -5f
            head[c, 3] = if (c == 0) -5f else 5f
        }
    }

    /** Cosine between q and a latent's direction. */
    fun cosine(probe: SparseProbe, latent: Int): Double =
        half.toDouble() * (probe.directions()[latent * width] - probe.directions()[latent * width + 1])

    /** Noise of mean 0 in the dimensions from 4 on: LayerNorm's centring does not carry it into q and r. */
    private fun noise(into: Part, row: Int, size: Float) {
        val values = FloatArray(width - 4) { size * random.nextGaussian().toFloat() }
        val mean = values.average().toFloat()
        for (i in values.indices) into[row, 4 + i] = values[i] - mean
    }

    private fun block(name: String) = model.layout().block(name).let { Part(it.offset(), it.columns(), it.size()) }

    private inner class Part(val offset: Int, val columns: Int, val size: Int) {
        operator fun set(row: Int, column: Int, value: Float) {
            theta[offset + row * columns + column] = value
        }

        fun fill(value: Float) = theta.fill(value, offset, offset + size)
    }
}
