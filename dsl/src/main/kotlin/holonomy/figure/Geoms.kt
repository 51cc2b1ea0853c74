package holonomy.figure

import org.jetbrains.letsPlot.geom.geomErrorBar
import org.jetbrains.letsPlot.geom.geomHLine
import org.jetbrains.letsPlot.geom.geomLine
import org.jetbrains.letsPlot.geom.geomPoint
import org.jetbrains.letsPlot.geom.geomRibbon
import org.jetbrains.letsPlot.intern.Layer
import org.jetbrains.letsPlot.intern.layer.PosOptions
import org.jetbrains.letsPlot.pos.positionDodge
import org.jetbrains.letsPlot.pos.positionIdentity
import org.jetbrains.letsPlot.pos.positionNudge

internal typealias Rows = Map<String, List<Any?>>

/**
 * The marks of the builders: each draws rows whose level stands in the column `series`, so that one legend serves all.
 *
 * @property dodge width, in smallest distances of two x (Lets-Plot multiplies by that itself), over which the levels at
 *   one x stand side by side; 0 when they don't
 * @property aside how far the single seeds stand left of their mean, in units of x
 */
internal class Geoms(private val x: Axis, private val y: Axis, private val dodge: Double, private val aside: Double) {
    /** A band from `lower` to `upper`. */
    fun ribbon(rows: Rows, opacity: Double): Layer =
        geomRibbon(rows, alpha = opacity, size = 0.0, showLegend = false) {
            x = this@Geoms.x.column
            ymin = "lower"
            ymax = "upper"
            fill = Series.COLUMN
            group = RUN
        }

    /** A line through the centres. */
    fun curve(rows: Rows, width: Double, centre: String = "mean"): Layer =
        geomLine(rows, size = width) {
            x = this@Geoms.x.column
            y = centre
            color = Series.COLUMN
            linetype = Series.COLUMN
            group = RUN
        }

    /** Nothing seen: a panel that reaches up to these values. */
    fun nothing(rows: Rows): Layer =
        geomHLine(rows, alpha = 0.0, size = 0.0, showLegend = false) { yintercept = "value" }

    /** A null's centre. */
    fun dashed(rows: Rows): Layer = curve(rows, 1.0)

    /** A null's interval at a text x. */
    fun ticks(rows: Rows): Layer =
        geomErrorBar(rows, width = 0.7, size = 0.9) {
            x = this@Geoms.x.column
            ymin = "lower"
            ymax = "upper"
            color = Series.COLUMN
            linetype = Series.COLUMN
        }

    /** Single seeds as thin lines. */
    fun thin(rows: Rows): Layer =
        geomLine(rows, size = 0.4, alpha = 0.45, showLegend = false) {
            x = this@Geoms.x.column
            y = this@Geoms.y.column
            color = Series.COLUMN
            group = RUN
        }

    /** Single seeds as faint points left of their mean. */
    fun faint(rows: Rows): Layer =
        geomPoint(
            rows,
            size = 2.2,
            alpha = 0.4,
            showLegend = false,
            position = if (dodge > 0) side() else positionNudge(x = -aside),
        ) {
            x = this@Geoms.x.column
            y = this@Geoms.y.column
            color = Series.COLUMN
            group = Series.COLUMN
        }

    /** Single rows, many of them. */
    fun specks(rows: Rows, column: String): Layer =
        geomPoint(rows, size = 1.4, alpha = 0.35, showLegend = false) {
            x = this@Geoms.x.column
            y = column
            color = Series.COLUMN
        }

    /** A thin line that joins the means of a level. */
    fun joined(rows: Rows): Layer =
        geomLine(rows, size = 0.6, alpha = 0.6, showLegend = false, position = side()) {
            x = this@Geoms.x.column
            y = "mean"
            color = Series.COLUMN
            group = Series.COLUMN
        }

    /** The spread of a mean. */
    fun bars(rows: Rows): Layer =
        geomErrorBar(rows, width = 0.0, size = 1.0, showLegend = false, position = side()) {
            x = this@Geoms.x.column
            ymin = "lower"
            ymax = "upper"
            color = Series.COLUMN
            group = Series.COLUMN
        }

    /** The means. */
    fun points(rows: Rows): Layer =
        geomPoint(rows, size = 3.6, position = side()) {
            x = this@Geoms.x.column
            y = "mean"
            color = Series.COLUMN
            shape = Series.COLUMN
            group = Series.COLUMN
        }

    /** Published values. */
    fun diamonds(rows: Rows): Layer =
        geomPoint(rows, size = 3.6) {
            x = this@Geoms.x.column
            y = this@Geoms.y.column
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

    private fun side(): PosOptions = if (dodge > 0) positionDodge(dodge) else positionIdentity

    companion object {
        /** Column that tells the lines of one level apart. */
        const val RUN = "run"
    }
}
