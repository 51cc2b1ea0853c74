package holonomy.figure

import holonomy.data.Table
import org.jetbrains.letsPlot.coord.coordCartesian
import org.jetbrains.letsPlot.geom.geomPath
import org.jetbrains.letsPlot.geom.geomPoint
import org.jetbrains.letsPlot.geom.geomTile
import org.jetbrains.letsPlot.letsPlot
import org.jetbrains.letsPlot.scale.guideColorbar
import org.jetbrains.letsPlot.scale.scaleFillGradientN

/**
 * A quantity on a grid over a plane, light is low, dark is high, and a path on it from a ring to a disc; a second one
 * in another colour.
 *
 * @param values long table with columns x, y and the value's: a regular grid
 * @param path columns x and y, in the order of the path
 * @param second another path, or none
 */
fun plane(
    name: String,
    title: String,
    values: Table,
    path: Table,
    x: Axis,
    y: Axis,
    value: Axis,
    second: Table? = null,
    caption: String = "",
    size: Size = Size(720, 560),
): Figure {
    if (!drawable(values, x, value)) return nothingToShow(name, title, values, value, caption, size)
    val columns = listOf(x.column, y.column)
    val cells = values.where { value.shows(it.number(value.column)) }.only(columns + value.column)
    val layers = Layers(width = size.width)
    layers.add("value", cells) { tiles(it, x, y, value) }
    layers.path("", path.only(columns), PATH, x, y)
    second?.let { layers.path("second ", it.only(columns), SECOND, x, y) }
    // The scale reaches a little beyond the values: one at its very end could be rounded out of it.
    val colours = fill(value.around(cells.rows().map { it.number(value.column) }))
    val plot = letsPlot() + layers.features + colours + xScale(x) + yScale(y, size) + coordCartesian()
    return Figure(name, title, plot, caption, null, values.size() - cells.size(), size, layers.names)
}

private fun Layers.path(which: String, way: Table, colour: String, x: Axis, y: Axis) {
    add("${which}path", way) { line(it, colour, x, y) }
    add("${which}snapshot", way) { dots(it, colour, x, y) }
    add("${which}start", way.ends().first) { ring(it, colour, x, y) }
    add("${which}end", way.ends().second) { disc(it, colour, x, y) }
}

private fun Table.ends(): Pair<Table, Table> {
    val (first, last) = listOf(rows().take(1), rows().takeLast(1))
    return listOf(first, last)
        .map { rows ->
            val builder = Table.builder(columns())
            rows.forEach { row -> builder.row(*columns().map { row.value(it.name()) }.toTypedArray()) }
            builder.build()
        }
        .let { it[0] to it[1] }
}

private fun tiles(rows: Rows, xAxis: Axis, yAxis: Axis, value: Axis) =
    geomTile(rows, size = 0.0, width = OVERLAP, height = OVERLAP) {
        x = xAxis.column
        y = yAxis.column
        fill = value.column
    }

private fun line(rows: Rows, colour: String, xAxis: Axis, yAxis: Axis) =
    geomPath(rows, color = colour, size = 1.1, showLegend = false) {
        x = xAxis.column
        y = yAxis.column
    }

private fun dots(rows: Rows, colour: String, xAxis: Axis, yAxis: Axis) =
    geomPoint(rows, color = colour, size = 2.0, showLegend = false) {
        x = xAxis.column
        y = yAxis.column
    }

private fun ring(rows: Rows, colour: String, xAxis: Axis, yAxis: Axis) =
    geomPoint(rows, color = colour, fill = "white", shape = 21, size = 5.0, stroke = 1.4, showLegend = false) {
        x = xAxis.column
        y = yAxis.column
    }

private fun disc(rows: Rows, colour: String, xAxis: Axis, yAxis: Axis) =
    geomPoint(rows, color = colour, size = 6.0, showLegend = false) {
        x = xAxis.column
        y = yAxis.column
    }

private const val PATH = "#D55E00"

private const val SECOND = "#E69F00"

/** Cells a little larger than the grid's: no seams between them. */
private const val OVERLAP = 1.06

private fun fill(value: Axis) =
    scaleFillGradientN(
        colors = listOf("#F4F7FB", "#C6DBEF", "#6BAED6", "#2171B5", "#08306B"),
        name = value.twoLines,
        limits = Pair(value.from, value.to),
        trans = if (value.log) "log10" else null,
        guide = guideColorbar(barHeight = 12, barWidth = 220),
    )
