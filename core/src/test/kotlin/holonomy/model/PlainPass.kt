package holonomy.model

import kotlin.math.cos
import kotlin.math.exp
import kotlin.math.pow
import kotlin.math.sin
import kotlin.math.sqrt

/**
 * A transformer's pass in float64, written from the formulas of [Architecture] and [Design] alone: one sequence, one
 * token, one head at a time, with a weight's place from [Layout].
 */
class PlainPass(private val model: Architecture, private val theta: DoubleArray) {
    private val design = model.design()
    private val d = model.width()
    private val features = d / model.heads()
    private val offsets = model.layout().blocks().associate { it.name() to it.offset() }

    /** The logits at every position that is read out. */
    fun logits(tokens: IntArray): List<DoubleArray> {
        var x = tokens.indices.map { t -> DoubleArray(d) { embedded(tokens[t], t, it) } }
        for (layer in 0 until model.layers()) {
            x = part(x, layer, "") { attention(it, layer) }
            if (model.hidden() > 0) x = part(x, layer, "mlp.") { all -> all.map { mlp(it, layer) } }
        }
        return model.readouts().map { t ->
            val last = if (design.norm().before()) norm(x[t], "final_norm") else x[t]
            val head = if (design.head() == Design.Head.TIED) "token_embedding" else "head.weight"
            linear(last, head, "head.bias", model.classes()).map { it * design.logitScale() }.toDoubleArray()
        }
    }

    private fun weight(block: String, i: Int): Double = theta[offsets.getValue(block) + i]

    private fun bias(block: String, i: Int): Double = if (block in offsets) weight(block, i) else 0.0

    private fun embedded(token: Int, t: Int, i: Int): Double {
        val place = if (design.positions() == Design.Positions.LEARNED) weight("position_embedding", t * d + i) else 0.0
        return weight("token_embedding", token * d + i) + place
    }

    private fun part(x: List<DoubleArray>, layer: Int, of: String, f: (List<DoubleArray>) -> List<DoubleArray>) =
        "layers.$layer.${of}norm"
            .let { name ->
                val added = f(if (design.norm().before()) x.map { norm(it, name) } else x)
                val sums = x.zip(added) { a, b -> DoubleArray(d) { a[it] + b[it] } }
                if (design.norm() == Design.Norm.POST) sums.map { norm(it, name) } else sums
            }

    private fun norm(x: DoubleArray, name: String): DoubleArray {
        val mean = if (design.norm() == Design.Norm.RMS) 0.0 else x.average()
        val scale = sqrt(x.sumOf { (it - mean) * (it - mean) } / d + 1e-5)
        return DoubleArray(d) { weight("$name.weight", it) * (x[it] - mean) / scale + bias("$name.bias", it) }
    }

    private fun linear(x: DoubleArray, matrix: String, bias: String, out: Int) =
        DoubleArray(out) { o -> bias(bias, o) + x.indices.sumOf { x[it] * weight(matrix, o * x.size + it) } }

    private fun mlp(x: DoubleArray, layer: Int): DoubleArray {
        fun inner(of: String) = linear(x, "layers.$layer.mlp.W_$of", "layers.$layer.mlp.b_$of", model.hidden())
        val into = inner("in")
        val hidden =
            when (design.activation()) {
                Design.Activation.GELU -> into.map { it * normalDistribution(it) }
                Design.Activation.RELU -> into.map { maxOf(it, 0.0) }
                Design.Activation.SWIGLU -> inner("gate").zip(into) { z, y -> z / (1 + exp(-z)) * y }
                else -> throw AssertionError("an activation without a formula")
            }
        return linear(hidden.toDoubleArray(), "layers.$layer.mlp.W_out", "layers.$layer.mlp.b_out", d)
    }

    private fun attention(x: List<DoubleArray>, layer: Int): List<DoubleArray> {
        fun projected(of: String) = x.map { linear(it, "layers.$layer.W_$of", "layers.$layer.b_$of", d) }
        val (q, k, v) = listOf("Q", "K", "V").map(::projected)
        return x.indices.map { t ->
            val mixed = DoubleArray(d)
            val seen = if (model.causal()) 0..t else x.indices
            for (h in 0 until model.heads()) {
                val scores = seen.map { s -> score(head(q[t], h), t, head(k[s], h), s) }
                val powers = scores.map { exp(it - scores.max()) }
                for (f in h * features until (h + 1) * features) {
                    mixed[f] = seen.sumOf { powers[it - seen.first] / powers.sum() * v[it][f] }
                }
            }
            linear(mixed, "layers.$layer.W_O", "layers.$layer.b_O", d)
        }
    }

    private fun head(x: DoubleArray, h: Int) = x.copyOfRange(h * features, (h + 1) * features)

    /** q'k / sqrt(f); of rotary positions each pair is a complex number, turned by its angle. */
    private fun score(q: DoubleArray, t: Int, k: DoubleArray, s: Int): Double {
        if (design.positions() != Design.Positions.ROTARY)
            return q.indices.sumOf { q[it] * k[it] } / sqrt(1.0 * features)
        val half = features / 2
        return (0 until half).sumOf { i ->
            val angle = 10_000.0.pow(-2.0 * i / features)
            val (a, b) = turned(q[i], q[i + half], t * angle)
            val (c, e) = turned(k[i], k[i + half], s * angle)
            a * c + b * e
        } / sqrt(1.0 * features)
    }

    private fun turned(x: Double, y: Double, angle: Double) =
        x * cos(angle) - y * sin(angle) to x * sin(angle) + y * cos(angle)
}
