package holonomy.figure

import java.math.BigDecimal
import java.math.MathContext
import kotlin.math.abs
import kotlin.math.ceil
import kotlin.math.floor
import kotlin.math.log10
import kotlin.math.pow

/** Where ticks stand and what they say, where Lets-Plot's own choice reads badly. */
internal object Ticks {
    private const val CHARACTER = 7.5
    private const val DIGITS = 17
    private val STEPS = listOf(1.0, 2.0, 5.0)

    /** Powers of ten between two positive ends; with fewer than two of them also 2 and 5 times a power. */
    fun logarithmic(from: Double, to: Double): List<Double> {
        val powers = (floor(log10(from)).toInt()..ceil(log10(to)).toInt()).map { 10.0.pow(it) }
        val decades = powers.filter { it in from..to }
        if (decades.size >= 2) return decades
        return powers.flatMap { power -> STEPS.map { it * power } }.filter { it in from..to }
    }

    /**
     * Round values between two ends whose labels fit into a panel, none so near its right end that it meets the next
     * panel's first.
     */
    fun narrow(from: Double, to: Double, pixels: Int): List<Double> {
        val unit = 10.0.pow(floor(log10(to - from)) - 1)
        val candidates = generateSequence(unit) { it * 10 }.take(4).flatMap { power -> STEPS.map { it * power } }
        return candidates
            .map { step -> at(from, to, step) }
            .first { ticks -> ticks.size <= 2 || fits(ticks, from, to, pixels) }
            .filter { (to - it) / (to - from) * pixels > label(it).length * CHARACTER / 2 }
    }

    /** Labels of ticks; with all their digits where two would look the same. */
    fun labels(values: List<Double>): List<String> {
        val short = values.map { label(it) }
        return if (short.distinct().size == values.distinct().size) short else values.map { label(it, DIGITS) }
    }

    /** Plain between a thousandth and a million, else as a power of ten. */
    fun label(value: Double, digits: Int = 6): String {
        if (value == 0.0) return "0"
        val rounded = BigDecimal(value.toString()).round(MathContext(digits)).stripTrailingZeros()
        val exponent = rounded.precision() - rounded.scale() - 1
        if (exponent >= 6 || exponent < -3) {
            val mantissa = rounded.movePointLeft(exponent).stripTrailingZeros().toPlainString()
            return (if (mantissa == "1") "" else "$mantissa·") + "10" + superscript(exponent)
        }
        return rounded
            .toPlainString()
            .reversed()
            .let { if ('.' in it || abs(value) < 1000) it else it.chunked(3).joinToString(",") }
            .reversed()
    }

    private fun at(from: Double, to: Double, step: Double): List<Double> =
        (ceil(from / step - 1e-9).toLong()..floor(to / step + 1e-9).toLong()).map { it * step }

    private fun fits(ticks: List<Double>, from: Double, to: Double, pixels: Int): Boolean {
        val room = (ticks[1] - ticks[0]) / (to - from) * pixels
        return ticks.maxOf { label(it).length } * CHARACTER + 2 * CHARACTER < room
    }

    private fun superscript(exponent: Int): String =
        exponent.toString().map { if (it == '-') '⁻' else "⁰¹²³⁴⁵⁶⁷⁸⁹"[it - '0'] }.joinToString("")
}
