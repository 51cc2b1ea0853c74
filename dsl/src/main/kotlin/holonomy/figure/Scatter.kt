package holonomy.figure

import holonomy.data.Table
import holonomy.data.Table.quantity
import holonomy.data.Table.text
import holonomy.data.Table.whole
import holonomy.inference.Quantiles
import org.jetbrains.letsPlot.geom.geomPoint
import org.jetbrains.letsPlot.intern.Feature
import org.jetbrains.letsPlot.letsPlot
import org.jetbrains.letsPlot.scale.guideColorbar
import org.jetbrains.letsPlot.scale.scaleColorViridis

/**
 * Every row as a point: two measured quantities against each other, shaded by a third (training time).
 *
 * @param shade quantity shown by the points' colour, dark to light
 * @param facet column told apart by panel
 */
fun scatter(
    name: String,
    title: String,
    table: Table,
    x: Axis,
    y: Axis,
    shade: Axis? = null,
    facet: Facet? = null,
    caption: String = "",
    size: Size? = null,
): Figure {
    if (!drawable(table, x, y)) return nothingToShow(name, title, table, y, caption, size)
    val columns = listOfNotNull(facet?.column, x.column, y.column, shade?.column)
    columns.forEach { requireColumn(table, it) }
    val rows = table.where { row -> listOfNotNull(x, y, shade).all { it.shows(row.number(it.column)) } }
    val paper = size ?: if (facet == null) Size.COLUMN else Size.PANELS
    val layers = Layers(facet, facet?.let { levels(table, it.column) }.orEmpty(), paper.width)
    layers.add("point", rows.only(columns + listOf(Bands.SEED).filter { table.has(it) })) { points(it, x, y, shade) }
    var plot = letsPlot() + layers.features + xScale(x.around(rows, x)) + yScale(y.around(rows, y), paper)
    shade?.let { plot = plot + shading(it) }
    facet?.let { plot = plot + it.feature() }
    return Figure(name, title, plot, caption, null, table.size() - rows.size(), paper, layers.names)
}

/**
 * Every row as a faint point, and per x and level of [colour] the median as a line in the band between the quartiles:
 * for single pairs of batches over training, where the extremes matter as much as the middle.
 */
fun cloud(
    name: String,
    title: String,
    table: Table,
    x: Axis,
    y: Axis,
    colour: String? = null,
    facet: Facet? = null,
    nulls: List<Null> = emptyList(),
    references: List<Reference> = emptyList(),
    legend: String? = null,
    caption: String = "",
    size: Size? = null,
): Figure {
    val by = listOfNotNull(facet?.column, colour).distinct()
    (by + x.column + y.column).forEach { requireColumn(table, it) }
    if (!drawable(table, x, y)) return nothingToShow(name, title, table, y, caption, size)
    val rows = table.where { x.shows(it.number(x.column)) && y.shows(it.number(y.column)) }
    val medians = medians(rows, x, y, by)
    val middle = y.copy(column = "median")
    val drawing =
        Drawing(medians, x, middle, colour, facet, Spread.RANGE, nulls, references, legend, size, null, table, y)
    drawing.nulls()
    drawing.references()
    drawing.cloud(rows.only(by + x.column + y.column + listOf(Bands.SEED).filter { table.has(it) }), y.column)
    drawing.quartiles(medians)
    val says =
        listOf(caption, "Points: single rows; line: median; band: quartiles.")
            .filter { it.isNotEmpty() }
            .joinToString(" ")
    return drawing.figure(name, title, says, null, table.size() - rows.size())
}

/** Per x and group `median`, `lower` and `upper` quartile, `n`; rows in drawing order. */
private fun medians(rows: Table, x: Axis, y: Axis, by: List<String>): Table {
    val xColumn = rows.columns().first { it.name() == x.column }
    val builder =
        Table.builder(by.map { text(it) } + xColumn + listOf("median", "lower", "upper").map(::quantity) + whole("n"))
    for ((key, group) in sorted(rows, by, x).groupBy { row -> by.map { row.text(it) } + row.value(x.column) }) {
        val values = DoubleArray(group.size) { group[it].number(y.column) }
        val quartiles = Quantiles.of(values, 0.5, 0.25, 0.75).toList()
        builder.row(*(key + quartiles + group.size).toTypedArray())
    }
    return builder.build()
}

private fun points(rows: Rows, xAxis: Axis, yAxis: Axis, shade: Axis?) =
    geomPoint(rows, size = 2.4, alpha = 0.75) {
        x = xAxis.column
        y = yAxis.column
        color = shade?.column
    }

private fun shading(shade: Axis): Feature =
    scaleColorViridis(
        name = shade.twoLines,
        end = 0.93,
        trans = if (shade.log) "log10" else null,
        guide = guideColorbar(barHeight = 12, barWidth = 220),
    )

private fun Axis.around(rows: Table, axis: Axis): Axis = around(rows.rows().map { it.number(axis.column) })

/** Some columns of a table, in this order. */
internal fun Table.only(names: List<String>): Table {
    val distinct = names.distinct()
    val builder = Table.builder(distinct.map { name -> columns().first { it.name() == name } })
    for (row in rows()) builder.row(*distinct.map { row.value(it) }.toTypedArray())
    return builder.build()
}
