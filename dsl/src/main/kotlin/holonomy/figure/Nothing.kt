package holonomy.figure

import holonomy.data.Table
import holonomy.data.Table.quantity
import holonomy.data.Table.text
import org.jetbrains.letsPlot.geom.geomText
import org.jetbrains.letsPlot.letsPlot
import org.jetbrains.letsPlot.scale.scaleXContinuous
import org.jetbrains.letsPlot.scale.scaleYContinuous

/** Whether a table has a row that can be drawn on two axes. */
internal fun drawable(table: Table, x: Axis, y: Axis): Boolean {
    listOf(x, y).forEach { requireColumn(table, it.column) }
    return table.rows().any { x.showsCell(it) && y.shows(it.number(y.column)) }
}

/** The picture in place of one whose rows have no value that can be drawn: it says so, and what it would have shown. */
internal fun nothingToShow(name: String, title: String, table: Table, y: Axis, caption: String, size: Size?): Figure {
    val what = if (y.title.isEmpty()) "" else " of '${y.title}'"
    val words = "No run has a value$what to show."
    val rows = Table.builder(listOf(text("says"), quantity("x"), quantity("y"))).row(words, 0.0, 0.0).build()
    val layers = Layers()
    layers.add("nothing", rows) {
        geomText(it, size = 6, family = Theme.FAMILY, showLegend = false) {
            x = "x"
            this.y = "y"
            label = "says"
        }
    }
    val plot =
        letsPlot() +
            layers.features +
            scaleXContinuous("", limits = -1 to 1, breaks = emptyList<Double>()) +
            scaleYContinuous("", limits = -1 to 1, breaks = emptyList<Double>())
    return Figure(name, title, plot, caption, null, table.size(), size ?: Size.ROW, layers.names)
}
