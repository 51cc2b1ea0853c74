package holonomy.figure

import holonomy.data.Table
import org.jetbrains.letsPlot.intern.Feature
import org.jetbrains.letsPlot.intern.FeatureList
import org.jetbrains.letsPlot.intern.Layer
import org.jetbrains.letsPlot.intern.Scale
import org.jetbrains.letsPlot.scale.scaleXContinuous
import org.jetbrains.letsPlot.scale.scaleXLog10
import org.jetbrains.letsPlot.scale.scaleYContinuous
import org.jetbrains.letsPlot.scale.scaleYLog10

/**
 * Layers of a plot with their roles, collected in drawing order; a layer without rows is left out.
 *
 * @param panels levels of the facet's column, in order
 * @param width of the whole figure, in pixels
 */
internal class Layers(
    private val facet: Facet? = null,
    private val panels: List<String> = emptyList(),
    width: Int = Size.COLUMN.width,
) {
    private val panelWidth = (width - Facet.MARGINS) / maxOf(1, facet?.across(panels.size) ?: 1)
    private val collected = mutableListOf<Pair<String, Layer>>()

    private val order = linkedSetOf<String>()

    /** Names of the layers and of their columns, in order. */
    val names: LayerNames
        get() = LayerNames(collected.map { it.first }, order.toList())

    val features: Feature
        get() = FeatureList(collected.map { it.second })

    /** Adds the layer that draws these rows, told apart by panel where they have the facet's column. */
    fun add(role: String, table: Table, layer: (Map<String, List<Any?>>) -> Layer) {
        if (table.size() == 0) return
        order += table.columns().map { it.name() }
        collected += role to layer(Columns.of(facet?.panels(table, panels, panelWidth) ?: table))
    }
}

/**
 * The horizontal scale; names of categories stand at their places.
 *
 * @param lying whether it will stand at the left: its first place then belongs above
 */
internal fun xScale(axis: Axis, labels: List<String>? = null, lying: Boolean = false): Scale =
    when {
        labels != null ->
            scaleXContinuous(
                axis.label,
                axis.breaks,
                labels,
                axis.limits(),
                expand = axis.expansion(),
                trans = if (lying) "reverse" else null,
            )
        axis.log -> scaleXLog10(axis.label, axis.ticks, axis.tickLabels(), axis.limits(), expand = axis.expansion())
        else -> scaleXContinuous(axis.label, axis.ticks, axis.tickLabels(), axis.limits())
    }

/** The vertical scale, its label broken where it would be longer than the panels. */
internal fun yScale(axis: Axis, size: Size): Scale {
    val label = Wrap.lines(axis.label, size.height - HEAD_AND_FOOT, Theme.AXIS_SIZE)
    if (!axis.log) return scaleYContinuous(label, axis.ticks, axis.tickLabels(), axis.limits())
    // Ticks of the plotting library's own choice, in panels with ends of their own, are else rounded to one decimal.
    val format = if (axis.ticks == null) "{.3g}" else null
    return scaleYLog10(label, axis.ticks, axis.tickLabels(), axis.limits(), expand = axis.expansion(), format = format)
}

/** Height of title, strip, axis and legend, in pixels. */
private const val HEAD_AND_FOOT = 165

internal fun Axis.tickLabels(): List<String>? = ticks?.let { Ticks.labels(it) }

/**
 * Lets-Plot adds a share of the linear range at a logarithmic scale's ends, far too much below; given ends have their
 * room already.
 */
private fun Axis.expansion(): List<Number>? = if (limits() == null) null else listOf(0.0, 0.0)

private fun Axis.limits(): Pair<Number?, Number?>? = if (from == null && to == null) null else Pair(from, to)

/** Adds a text column of one level to a table, last. */
internal fun Table.with(column: String, level: (Table.Row) -> String): Table {
    val builder = Table.builder(columns() + Table.text(column))
    for (row in rows()) {
        builder.row(*(columns().map { row.value(it.name()) } + level(row)).toTypedArray())
    }
    return builder.build()
}

/** The rows whose columns all hold a value. */
internal fun Table.complete(vararg names: String): Table = where { row -> names.all { row.value(it) != null } }
