package holonomy.figure

import holonomy.data.Table
import org.jetbrains.letsPlot.Figure as LetsPlotFigure
import org.jetbrains.letsPlot.intern.toSpec

/** Reads and completes the specification map of a plot, which is all that Lets-Plot draws from. */
internal object PlotSpec {
    private val POSITIONS = listOf("x", "y", "xmin", "xmax", "ymin", "ymax", "xend", "yend", "xintercept", "yintercept")

    /** The specification of a plot or a grid of plots. */
    fun of(plot: LetsPlotFigure): Map<String, Any?> = plot.toSpec()

    /** The single plots of a specification, in order. */
    fun plots(spec: Map<String, Any?>): List<Map<String, Any?>> =
        when (val kind = spec["kind"]) {
            "plot" -> listOf(spec)
            "subplots" -> (spec["figures"] as List<*>).filterIsInstance<Map<*, *>>().flatMap { plots(it.typed()) }
            else -> throw IllegalArgumentException("figure of kind '$kind': expected a plot or a gggrid of plots")
        }

    /** The rows every layer draws: its own data, or the plot's. */
    fun layers(spec: Map<String, Any?>, known: LayerNames): List<DrawnLayer> {
        val found = plots(spec).flatMap { plot -> maps(plot["layers"]).map { layer -> layer to data(plot, layer) } }
        val names = found.mapIndexed { i, (layer, _) -> known.roles.getOrElse(i) { layer["geom"].toString() } }
        return found.mapIndexed { i, (_, data) -> DrawnLayer(unique(names, i), Columns.table(data, known.columns)) }
    }

    /** Number of rows, over all layers, whose position cannot be drawn on the plot's scales. */
    fun undrawable(spec: Map<String, Any?>): Int =
        plots(spec).sumOf { plot ->
            val scales = maps(plot["scales"]).associate { it["aesthetic"].toString() to range(it) }
            maps(plot["layers"]).sumOf { layer ->
                val mapping = (plot["mapping"].typed() + layer["mapping"].typed())
                val positions = POSITIONS.filter { it in mapping }.map { it to mapping[it].toString() }
                undrawableRows(data(plot, layer), positions, scales)
            }
        }

    private fun undrawableRows(
        data: Map<String, Any?>,
        positions: List<Pair<String, String>>,
        scales: Map<String, Range>,
    ): Int {
        val columns =
            positions.mapNotNull { (aesthetic, name) ->
                (data[name] as? List<*>)?.takeIf { name != Facet.PANEL }?.let { aesthetic to it }
            }
        val rows = columns.maxOfOrNull { it.second.size } ?: 0
        return (0 until rows).count { row ->
            columns.any { (aesthetic, cells) ->
                !drawable(cells.getOrNull(row), scales[aesthetic.take(1)] ?: Range(true))
            }
        }
    }

    private fun drawable(cell: Any?, range: Range): Boolean =
        when (cell) {
            null -> false
            is Number -> range.shows(cell.toDouble())
            else -> true
        }

    private fun range(scale: Map<String, Any?>): Range {
        val limits = (scale["limits"] as? List<*>).orEmpty().map { it as? Number }
        val (from, to) = if (limits.size == 2) limits else listOf(null, null)
        return Range("log" !in scale["trans"].toString(), from?.toDouble(), to?.toDouble())
    }

    /** What a scale can show. */
    private class Range(val linear: Boolean, val from: Double? = null, val to: Double? = null) {
        fun shows(value: Double): Boolean =
            value.isFinite() &&
                (linear || value > 0.0) &&
                (from == null || value >= from) &&
                (to == null || value <= to)
    }

    private fun data(plot: Map<String, Any?>, layer: Map<String, Any?>): Map<String, Any?> =
        layer["data"].typed().ifEmpty { plot["data"].typed() }

    private fun unique(names: List<String>, index: Int): String {
        val earlier = names.take(index).count { it == names[index] }
        return if (earlier == 0) names[index] else "${names[index]} ${earlier + 1}"
    }

    internal fun maps(value: Any?): List<Map<String, Any?>> =
        (value as? List<*>).orEmpty().filterIsInstance<Map<*, *>>().map { it.typed() }

    internal fun Any?.typed(): Map<String, Any?> =
        (this as? Map<*, *>).orEmpty().entries.associate { it.key.toString() to it.value }
}

/** Between tables (rows) and the column maps that Lets-Plot draws from. */
internal object Columns {
    /** The columns of a table; missing cells stay null. */
    fun of(table: Table): Map<String, List<Any?>> =
        table.columns().associate { column -> column.name() to List(table.size()) { table.value(it, column.name()) } }

    /** A table of these columns: numbers as quantities, anything else as text. */
    fun table(data: Map<String, Any?>, order: List<String>): Table {
        val names = data.keys.sortedBy { name -> order.indexOf(name).let { if (it < 0) order.size else it } }
        val columns =
            names
                .mapNotNull { name -> (data[name] as? List<*>)?.takeIf { name != Facet.PANEL }?.let { name to it } }
                .toMap()
        val types = columns.map { (name, cells) -> type(name, cells) }
        val builder = Table.builder(types)
        val rows = columns.values.maxOfOrNull { it.size } ?: 0
        for (row in 0 until rows) {
            builder.row(*columns.values.map { it.getOrNull(row) }.toTypedArray())
        }
        return builder.build()
    }

    private fun type(name: String, cells: List<*>): Table.Column =
        if (cells.all { it == null || it is Number }) Table.quantity(name) else Table.text(name)
}
