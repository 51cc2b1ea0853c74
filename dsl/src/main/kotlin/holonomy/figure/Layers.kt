package holonomy.figure

import holonomy.data.Table
import kotlin.math.abs
import org.jetbrains.letsPlot.facet.facetWrap
import org.jetbrains.letsPlot.intern.Feature
import org.jetbrains.letsPlot.intern.FeatureList
import org.jetbrains.letsPlot.intern.Layer
import org.jetbrains.letsPlot.intern.Scale
import org.jetbrains.letsPlot.scale.scaleXContinuous
import org.jetbrains.letsPlot.scale.scaleXDiscrete
import org.jetbrains.letsPlot.scale.scaleXLog10
import org.jetbrains.letsPlot.scale.scaleYContinuous
import org.jetbrains.letsPlot.scale.scaleYLog10

/** Layers of a plot with their roles, collected in drawing order; a layer without rows is left out. */
internal class Layers(private val facet: Facet? = null, private val panels: List<String> = emptyList()) {
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
        collected += role to layer(Columns.of(facet?.panels(table, panels) ?: table))
    }
}

/**
 * One small panel per level of a column.
 *
 * @property wrap most characters of a panel's title in one line: a longer one breaks into two, set smaller, behind the
 *   '.', '_', '-' or space nearest to its middle; see [SvgText.strips]
 */
data class Facet(val column: String, val columns: Int? = null, val freeY: Boolean = false, val wrap: Int? = null) {
    internal fun feature(): Feature =
        facetWrap(
            PANEL,
            ncol = columns,
            scales = if (freeY) "free_y" else null,
            order = listOf(1),
            format = listOf(strip()),
        )

    /**
     * Adds the column that Lets-Plot makes panels from: it sorts them by name, so invisible characters put them into
     * our order.
     */
    internal fun panels(table: Table, order: List<String>): Table =
        if (!table.has(column)) table
        else
            table.with(PANEL) { row ->
                INVISIBLE.repeat(order.indexOf(row.text(column)).coerceAtLeast(0)) + wrapped(row.text(column))
            }

    private fun wrapped(title: String): String {
        if (wrap == null || title.length <= wrap) return title
        val breaks = BREAK.findAll(title).map { it.range.last + 1 }.filter { it < title.length }
        val at = breaks.minByOrNull { abs(2 * it - title.length) } ?: return title
        return title.take(at) + "\n" + title.drop(at)
    }

    internal companion object {
        /** Only for Lets-Plot; not written to the CSV. */
        const val PANEL = "panel (internal)"
        private const val INVISIBLE = "\u200B"
        private val BREAK = Regex("[._ -]")
    }

    private fun strip(): String =
        when (Scheme.of(column)) {
            Scheme.LAYER -> "layer {}"
            Scheme.MARKERS -> "$column = {}"
            else -> "{}"
        }
}

/** The horizontal scale; text needs a discrete one. */
internal fun xScale(axis: Axis, discrete: Boolean): Scale =
    when {
        discrete -> scaleXDiscrete(name = axis.label)
        axis.log -> scaleXLog10(axis.label, axis.ticks, axis.tickLabels(), axis.limits(), expand = axis.expansion())
        else -> scaleXContinuous(axis.label, axis.ticks, axis.tickLabels(), axis.limits())
    }

/** The vertical scale, its label broken where it would be longer than the panels. */
internal fun yScale(axis: Axis, size: Size): Scale {
    val label = Wrap.lines(axis.label, size.height - HEAD_AND_FOOT, Theme.AXIS_SIZE)
    return if (axis.log) scaleYLog10(label, axis.ticks, axis.tickLabels(), axis.limits(), expand = axis.expansion())
    else scaleYContinuous(label, axis.ticks, axis.tickLabels(), axis.limits())
}

/** Height of title, strip, axis and legend, in pixels. */
private const val HEAD_AND_FOOT = 165

internal fun Axis.tickLabels(): List<String>? = ticks?.map { Ticks.label(it) }

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
