package holonomy.figure

import holonomy.data.Table
import holonomy.data.Table.quantity
import holonomy.data.Table.text
import holonomy.data.Table.whole
import java.util.Locale
import kotlin.math.ln
import org.jetbrains.letsPlot.coord.coordCartesian
import org.jetbrains.letsPlot.geom.geomText
import org.jetbrains.letsPlot.geom.geomTile
import org.jetbrains.letsPlot.letsPlot
import org.jetbrains.letsPlot.scale.guideColorbar
import org.jetbrains.letsPlot.scale.scaleColorIdentity
import org.jetbrains.letsPlot.scale.scaleFillGradientN
import org.jetbrains.letsPlot.scale.scaleXDiscrete
import org.jetbrains.letsPlot.scale.scaleYDiscrete

/**
 * A matrix of values, mean over seeds, each cell with its number: first row on top, light is low, dark is high.
 *
 * @param table long table with columns x, y, the value's and, if there are several runs, `seed`
 * @param x,y columns of the columns' and the rows' names; numbers count as names
 * @param value what the cells show; its ends, where given, are those of the colours
 * @param format how a cell's number is written
 * @param facet column told apart by panel
 * @param bound column that says which values are bounds ([Bound]): a cell with one has no colour, and its number a sign
 */
fun heatMap(
    name: String,
    title: String,
    table: Table,
    x: Axis,
    y: Axis,
    value: Axis,
    format: String = "%.2f",
    facet: Facet? = null,
    caption: String = "",
    size: Size = Size.COLUMN,
    bound: String? = null,
): Figure {
    val bands = Bands.of(table, x, value, listOfNotNull(facet?.column, y.column), Spread.INTERVAL)
    val names = listOfNotNull(facet?.column, y.column, x.column)
    val bounds = bound?.let { bounds(table, names, it) }.orEmpty()
    val cells = cells(bands, names, value, format, bounds)
    val layers = Layers(facet, facet?.let { levels(table, it.column) }.orEmpty(), size.width)
    val (grey, whole) = listOf(true, false).map { which -> cells.where { (it.cell(names) in bounds) == which } }
    layers.add("cell", whole) { tiles(it, x, y) }
    layers.add("bound", grey) { greys(it, x, y) }
    layers.add("number", cells) { numbers(it, x, y) }
    var plot = letsPlot() + layers.features + fillScale(value, whole) + scaleColorIdentity(guide = "none")
    plot = plot + scaleXDiscrete(x.label, limits = columns(cells, x, y), expand = listOf(0, 0))
    plot = plot + scaleYDiscrete(y.label, limits = levels(cells, y.column).reversed(), expand = listOf(0, 0))
    plot = plot + coordCartesian()
    facet?.let { plot = plot + it.feature() }
    val several = (bands.n?.last ?: 0) > 1
    val says = if (several) "Cells are means over seeds." else ""
    val bounded = if (grey.size() > 0) "Grey: some run never got there, so the mean is a bound." else ""
    return Figure(
        name,
        title,
        plot,
        listOf(caption, says, bounded).filter { it.isNotEmpty() }.joinToString(" "),
        null,
        bands.dropped,
        size,
        layers.names,
    )
}

/** The columns' names: in the rows' order where they are the same, so that a matrix with an empty diagonal keeps it. */
private fun columns(cells: Table, x: Axis, y: Axis): List<String> {
    val rows = levels(cells, y.column)
    return levels(cells, x.column).let { if (it.toSet() == rows.toSet()) rows else it }
}

/** Per cell what kind of bound its mean is, for cells with a run that is known by one only. */
private fun bounds(table: Table, names: List<String>, bound: String): Map<List<String>, Bound> =
    table.rows().filter { it.bound(bound) != Bound.NONE }.associate { it.cell(names) to it.bound(bound) }

private fun Table.Row.cell(names: List<String>) = names.map { text(it) }

private fun cells(
    bands: Bands,
    names: List<String>,
    value: Axis,
    format: String,
    bounds: Map<List<String>, Bound>,
): Table {
    val means = bands.summary.rows().filter { it.cell(names) !in bounds }.map { it.number("mean") }
    val scaled = { v: Double -> if (value.log) ln(v) else v }
    val low = scaled(value.from ?: means.minOrNull() ?: 0.0)
    val high = scaled(value.to ?: means.maxOrNull() ?: 1.0)
    val numbers = listOf(quantity("mean"), quantity("lower"), quantity("upper"), whole("n"))
    val builder = Table.builder(names.map { text(it) } + numbers + listOf("label", "ink").map(::text))
    for (row in bands.summary.rows()) {
        val mean = row.number("mean")
        val depth = if (high > low) (scaled(mean) - low) / (high - low) else 0.0
        val bound = bounds[row.cell(names)] ?: Bound.NONE
        val label = SIGNS.getValue(bound) + String.format(Locale.ROOT, format, mean)
        val ink = if (bound == Bound.NONE && depth > DARK) "#FFFFFF" else "#1A1A1A"
        builder.row(*(row.cell(names) + numbers.map { row.value(it.name()) } + label + ink).toTypedArray())
    }
    return builder.build()
}

/** What stands before the number of a cell. */
private val SIGNS = mapOf(Bound.NONE to "", Bound.AT_LEAST to "≥ ", Bound.AT_MOST to "≤ ", Bound.UNKNOWN to "? ")

/** Share of the scale above which dark cells need white numbers. */
private const val DARK = 0.5

/**
 * Given ends are left out where all cells are equal: Lets-Plot widens such a scale beyond them and fails. Their number
 * says it all: no colour bar.
 */
private fun fillScale(value: Axis, cells: Table) =
    scaleFillGradientN(
        colors = listOf("#F4F7FB", "#C6DBEF", "#6BAED6", "#2171B5", "#08306B"),
        name = value.twoLines,
        limits =
            if (value.from == null && value.to == null || sameEverywhere(cells)) null else Pair(value.from, value.to),
        trans = if (value.log) "log10" else null,
        breaks = value.ticks,
        labels = value.tickLabels(),
        guide = if (sameEverywhere(cells)) "none" else guideColorbar(barHeight = 12, barWidth = 220),
    )

private fun sameEverywhere(cells: Table) = cells.rows().map { it.number("mean") }.distinct().size < 2

private fun tiles(rows: Rows, xAxis: Axis, yAxis: Axis) =
    geomTile(rows, color = "white", size = 0.6) {
        x = xAxis.column
        y = yAxis.column
        fill = "mean"
    }

private fun greys(rows: Rows, xAxis: Axis, yAxis: Axis) =
    geomTile(rows, color = "white", fill = "#EEEEEE", size = 0.6, showLegend = false) {
        x = xAxis.column
        y = yAxis.column
    }

private fun numbers(rows: Rows, xAxis: Axis, yAxis: Axis) =
    geomText(rows, size = 6, family = Theme.FAMILY, showLegend = false) {
        x = xAxis.column
        y = yAxis.column
        label = "label"
        color = "ink"
    }
