package holonomy.figure

import holonomy.inference.Interval
import holonomy.inference.Scale
import kotlin.math.ln
import kotlin.math.sqrt

/** How the spread over seeds is drawn. */
enum class Spread(private val words: String, private val onLog: String = words) {
    /** mean -+ s, s the sample standard deviation (divisor n - 1). */
    STANDARD_DEVIATION("± 1 standard deviation", "± 1 standard deviation of the logarithm"),

    /** 95 % interval of the mean, by the rule that claims use: [Interval.of]. */
    INTERVAL("95 % interval of the mean", "95 % interval of the geometric mean"),

    /** Smallest to largest. */
    RANGE("smallest to largest"),

    /** The interval that each row brings with it ([Bands.OWN]). */
    OWN("95 % interval of each number's own kind");

    /** For the subtitle: what is drawn of samples on this scale. */
    internal fun describe(scale: Scale): String {
        val drawn = if (scale == Scale.LOG) onLog else words
        return if (this == INTERVAL) "$drawn over seeds, ${rule(scale)}" else drawn
    }

    private fun rule(scale: Scale): String = if (scale == Scale.OUTCOME) "Wilson" else "Student t"

    /**
     * Centre and ends of a sample of positive size; with one value the ends are missing (NaN), because one seed has no
     * spread (but a share has: one run that got there says something of the others).
     *
     * @param values one per seed. Not modified.
     * @param scale where mean and spread are made; mapped back, so that the ends of a positive quantity stay positive
     */
    internal fun of(values: DoubleArray, scale: Scale): Ends {
        require(values.isNotEmpty()) { "spread: no value given" }
        if (this == INTERVAL) return interval(values, scale)
        val log = scale == Scale.LOG
        val ends = ends(if (log) DoubleArray(values.size) { ln(values[it]) } else values)
        return if (log) ends.map(Math::exp) else ends
    }

    private fun interval(values: DoubleArray, scale: Scale): Ends {
        val estimate = Interval.of(values, scale)
        val bounded = values.size > 1 || scale == Scale.OUTCOME
        return if (bounded) Ends(estimate.value(), estimate.low(), estimate.high())
        else Ends(estimate.value(), Double.NaN, Double.NaN)
    }

    private fun ends(values: DoubleArray): Ends {
        val n = values.size
        val mean = values.average()
        if (n == 1) return Ends(mean, Double.NaN, Double.NaN)
        if (this == RANGE) return Ends(mean, values.min(), values.max())
        val deviation = sqrt(values.sumOf { (it - mean) * (it - mean) } / (n - 1))
        return Ends(mean, mean - deviation, mean + deviation)
    }
}

/** Centre and ends of a spread, all in the unit of the values; NaN where undefined. */
data class Ends(val mean: Double, val lower: Double, val upper: Double) {
    internal fun map(function: (Double) -> Double): Ends = Ends(function(mean), function(lower), function(upper))

    /** These ends, cut where the quantity has no values. */
    internal fun within(possible: ClosedFloatingPointRange<Double>?): Ends =
        if (possible == null || lower.isNaN()) this else Ends(mean, lower.coerceIn(possible), upper.coerceIn(possible))
}
