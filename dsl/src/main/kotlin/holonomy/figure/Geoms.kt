package holonomy.figure

import holonomy.statistic.OwnIntervals
import org.jetbrains.letsPlot.geom.geomErrorBar
import org.jetbrains.letsPlot.geom.geomHLine
import org.jetbrains.letsPlot.geom.geomLine
import org.jetbrains.letsPlot.geom.geomPoint
import org.jetbrains.letsPlot.geom.geomRibbon
import org.jetbrains.letsPlot.intern.Layer

internal typealias Rows = Map<String, List<Any?>>

/**
 * The marks of the builders: each draws rows whose level stands in the column `series`, so that one legend serves all.
 * None moves a mark: what stands beside something says so in its rows.
 *
 * @property place column along x
 * @property value column along y, of single seeds
 */
internal class Geoms(private val place: String, private val value: String) {
    /** A band from `lower` to `upper`. */
    fun ribbon(rows: Rows, opacity: Double): Layer =
        geomRibbon(rows, alpha = opacity, size = 0.0, showLegend = false) {
            x = place
            ymin = "lower"
            ymax = "upper"
            fill = Series.COLUMN
            group = RUN
        }

    /** A line through the centres. */
    fun curve(rows: Rows, width: Double, centre: String = "mean"): Layer =
        geomLine(rows, size = width) {
            x = place
            y = centre
            color = Series.COLUMN
            linetype = Series.COLUMN
            group = RUN
        }

    /** Nothing seen: a panel that reaches up to these values. */
    fun nothing(rows: Rows): Layer =
        geomHLine(rows, alpha = 0.0, size = 0.0, showLegend = false) { yintercept = "value" }

    /** A null's interval, or its centre, within a category. */
    fun ticks(rows: Rows, from: String, to: String): Layer =
        geomErrorBar(rows, width = 0.7, size = 0.9) {
            x = place
            ymin = from
            ymax = to
            color = Series.COLUMN
            linetype = Series.COLUMN
        }

    /** How far a single seed's own value is known: a pale band. */
    fun known(rows: Rows): Layer =
        geomRibbon(rows, alpha = 0.12, size = 0.0, showLegend = false) {
            x = place
            ymin = OwnIntervals.LOWER.name()
            ymax = OwnIntervals.UPPER.name()
            fill = Series.COLUMN
            group = RUN
        }

    /** Single seeds as thin lines. */
    fun thin(rows: Rows): Layer =
        geomLine(rows, size = 0.4, alpha = 0.45, showLegend = false) {
            x = place
            y = value
            color = Series.COLUMN
            group = RUN
        }

    /** Single seeds as rings, none of which hides a mean. */
    fun rings(rows: Rows): Layer =
        geomPoint(rows, alpha = 0.7, shape = RING, stroke = 0.7, showLegend = false) {
            x = place
            y = value
            color = Series.COLUMN
            size = Nested.COLUMN
        }

    /** Seeds that are known by a bound only, pointing to where the value is. */
    fun triangles(rows: Rows): Layer =
        geomPoint(rows, size = 3.6) {
            x = place
            y = value
            color = Series.COLUMN
            shape = MARK
        }

    /** Single rows, many of them. */
    fun specks(rows: Rows, column: String): Layer =
        geomPoint(rows, size = 1.4, alpha = 0.35, showLegend = false) {
            x = place
            y = column
            color = Series.COLUMN
        }

    /** A thin line that joins the means of a level. */
    fun joined(rows: Rows): Layer =
        geomLine(rows, size = 0.6, alpha = 0.6, showLegend = false) {
            x = place
            y = "mean"
            color = Series.COLUMN
            group = Series.COLUMN
        }

    /** The spread of a mean. */
    fun bars(rows: Rows): Layer =
        geomErrorBar(rows, width = 0.0, size = 0.9, alpha = 0.6, showLegend = false) {
            x = place
            ymin = "lower"
            ymax = "upper"
            color = Series.COLUMN
            group = Series.COLUMN
        }

    /** The means, in sizes of their own. */
    fun sized(rows: Rows): Layer =
        geomPoint(rows) {
            x = place
            y = "mean"
            color = Series.COLUMN
            shape = Series.COLUMN
            size = Nested.COLUMN
        }

    /** Means without a line. */
    fun points(rows: Rows, centre: String = "mean"): Layer =
        geomPoint(rows, size = 3.6) {
            x = place
            y = centre
            color = Series.COLUMN
            shape = Series.COLUMN
        }

    /** Published values. */
    fun diamonds(rows: Rows): Layer =
        geomPoint(rows, size = 3.6) {
            x = place
            y = value
            color = Series.COLUMN
            shape = Series.COLUMN
        }

    /** Horizontal lines at `value`. */
    fun levels(rows: Rows): Layer =
        geomHLine(rows, size = 0.8) {
            yintercept = "value"
            color = Series.COLUMN
            linetype = Series.COLUMN
        }

    companion object {
        /** Column that tells the lines of one level apart. */
        const val RUN = "run"

        /** Column that says which triangle a bound is. */
        const val MARK = "mark"

        private const val RING = 1
    }
}
