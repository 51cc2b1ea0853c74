package holonomy.figure

import holonomy.inference.Scale
import kotlin.math.abs
import kotlin.math.exp
import kotlin.math.floor
import kotlin.math.ln
import kotlin.math.log10
import kotlin.math.pow

/**
 * A column drawn along an axis.
 *
 * @property column name of the column
 * @property title what it is, in words, as a paper's axis says it; empty where the panels' titles say it
 * @property unit its unit; null for a share, a ratio, an identifier or a count that the title already names
 * @property log whether the scale is logarithmic; values that are not positive are then counted, not drawn
 * @property from,to ends of the scale; null: from the data
 * @property breaks where the ticks stand; null: chosen by Lets-Plot
 * @property possible values that the quantity can have: a mean -+ spread is cut there; null: all
 * @property possibleOf the same for panels that show quantities of their own, by their titles
 * @property outcome whether every value is 1 (it happened) or 0: its interval is then that of a share
 */
data class Axis(
    val column: String,
    val title: String,
    val unit: String? = null,
    val log: Boolean = false,
    val from: Double? = null,
    val to: Double? = null,
    val breaks: List<Double>? = null,
    val possible: ClosedFloatingPointRange<Double>? = null,
    val possibleOf: Map<String, ClosedFloatingPointRange<Double>> = emptyMap(),
    val outcome: Boolean = false,
) {
    /** On which scale means and intervals are made. */
    internal val scale: Scale
        get() = if (outcome) Scale.OUTCOME else if (log) Scale.LOG else Scale.IDENTITY

    /** What stands at the axis. */
    val label: String
        get() = if (unit == null) title else "$title ($unit)"

    /** The label of a colour bar. */
    internal val twoLines: String
        get() = (if (unit == null) title else "$title${Series.PAD}\n($unit)") + Series.PAD

    /** The ticks where Lets-Plot's own don't read well: given ones, and those of a logarithmic axis with known ends. */
    internal val ticks: List<Double>?
        get() = breaks ?: if (log && from != null && to != null) Ticks.logarithmic(from, to) else null

    /**
     * This axis reaching from the smallest to the largest of these values and a little further, where its ends are not
     * given.
     */
    internal fun around(values: Iterable<Double>): Axis {
        val shown = values.filter { shows(it) }
        if (shown.isEmpty()) return this
        val low = if (log) ln(shown.min()) else shown.min()
        val high = if (log) ln(shown.max()) else shown.max()
        val pad = if (high > low) MARGIN * (high - low) else MARGIN * maxOf(abs(high), 1.0)
        val back = { end: Double -> if (log) exp(end) else end }
        return copy(from = from ?: back(low - pad), to = to ?: back(high + pad))
    }

    /** This logarithmic axis from the power of ten below these values to the one above them. */
    internal fun decades(values: Iterable<Double>): Axis {
        val shown = values.filter { shows(it) }
        if (!log || shown.isEmpty()) return this
        return copy(from = 10.0.pow(floor(log10(shown.min()))), to = 10.0.pow(floor(log10(shown.max())) + 1))
    }

    /** Whether a value can be drawn on this axis. */
    fun shows(value: Double): Boolean = value.isFinite() && (!log || value > 0.0)

    companion object {
        /** Space between the outermost value and the scale's end, as a share of the scale. */
        private const val MARGIN = 0.05

        /** Training time in optimiser steps. */
        val STEP = Axis("step", "training time", "optimiser steps")

        /** Several quantities in panels of their own, whose titles name them. */
        fun ofPanels(
            column: String,
            log: Boolean = false,
            possible: Map<String, ClosedFloatingPointRange<Double>> = emptyMap(),
        ): Axis = Axis(column, "", log = log, possibleOf = possible)

        /** A share of right answers. */
        fun accuracy(column: String = "accuracy", title: String = "accuracy", from: Double? = null): Axis =
            Axis(column, title, from = from, possible = 0.0..1.0)

        /** Layer index, from 0; a whole number at every tick. */
        fun layers(count: Int): Axis = Axis("layer", "layer", breaks = List(count) { it.toDouble() })
    }
}
