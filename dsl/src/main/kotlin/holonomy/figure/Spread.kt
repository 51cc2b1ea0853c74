package holonomy.figure

import kotlin.math.ln
import kotlin.math.sqrt
import org.apache.commons.statistics.distribution.TDistribution

/** How the spread over seeds is drawn. */
enum class Spread(private val words: String) {
    /** mean -+ s, s the sample standard deviation (divisor n - 1). */
    STANDARD_DEVIATION("± 1 standard deviation"),

    /** mean -+ t(.975, n - 1) s / sqrt n: 95 % interval of the mean. */
    STUDENT_INTERVAL("95 % Student t interval of the mean"),

    /** Smallest to largest. */
    RANGE("smallest to largest");

    /** For the subtitle; on a log scale mean and spread are those of the logarithm. */
    fun describe(log: Boolean): String = if (log && this != RANGE) "$words (of the logarithm)" else words

    /**
     * Centre and ends of a sample of positive size; with one value the ends are missing (NaN), because one seed has no
     * spread.
     *
     * @param log compute on ln(values) and map back, so that the ends of a positive quantity stay positive
     */
    fun of(values: DoubleArray, log: Boolean): Ends {
        require(values.isNotEmpty()) { "spread: no value given" }
        val scaled = if (log) DoubleArray(values.size) { ln(values[it]) } else values
        val ends = ends(scaled)
        return if (log) ends.map(Math::exp) else ends
    }

    private fun ends(values: DoubleArray): Ends {
        val n = values.size
        val mean = values.average()
        if (n == 1) return Ends(mean, Double.NaN, Double.NaN)
        if (this == RANGE) return Ends(mean, values.min(), values.max())
        val deviation = sqrt(values.sumOf { (it - mean) * (it - mean) } / (n - 1))
        val half = if (this == STANDARD_DEVIATION) deviation else studentHalf(deviation, n)
        return Ends(mean, mean - half, mean + half)
    }

    private fun studentHalf(deviation: Double, n: Int): Double =
        TDistribution.of((n - 1).toDouble()).inverseCumulativeProbability(0.975) * deviation / sqrt(n.toDouble())
}

/** Centre and ends of a spread, all in the unit of the values; NaN where undefined. */
data class Ends(val mean: Double, val lower: Double, val upper: Double) {
    internal fun map(function: (Double) -> Double): Ends = Ends(function(mean), function(lower), function(upper))

    /** These ends, cut where the quantity has no values. */
    internal fun within(possible: ClosedFloatingPointRange<Double>?): Ends =
        if (possible == null || lower.isNaN()) this else Ends(mean, lower.coerceIn(possible), upper.coerceIn(possible))
}

/**
 * The quantile of a sample of positive size: x_(i) + f (x_(i+1) - x_(i)) with i + f = p (n - 1) counted from 0, x
 * sorted (type 7, as R and NumPy have it). Same unit as the values; [values] is not modified.
 */
internal fun quantile(values: DoubleArray, p: Double): Double {
    require(values.isNotEmpty() && p in 0.0..1.0) {
        "quantile $p of ${values.size} values: expected 0..1 of at least one"
    }
    val sorted = values.sortedArray()
    val place = p * (sorted.size - 1)
    val below = place.toInt()
    val above = minOf(below + 1, sorted.size - 1)
    return sorted[below] + (place - below) * (sorted[above] - sorted[below])
}
