package holonomy.figure

import holonomy.data.Table
import org.jetbrains.letsPlot.facet.facetWrap
import org.jetbrains.letsPlot.intern.Feature

/** One small panel per level of a column. */
data class Facet(val column: String, val columns: Int? = null, val freeY: Boolean = false) {
    internal fun feature(): Feature =
        facetWrap(
            PANEL,
            ncol = columns,
            scales = if (freeY) "free_y" else null,
            order = listOf(1),
            format = listOf(strip()),
        )

    /** How many of so many panels stand side by side. */
    internal fun across(panels: Int): Int = minOf(panels, columns ?: if (panels > 3) (panels + 1) / 2 else panels)

    /**
     * Adds the column that Lets-Plot makes panels from: the level, broken into lines that fit [width] pixels. Lets-Plot
     * sorts panels by name, so invisible characters put them into our [order].
     */
    internal fun panels(table: Table, order: List<String>, width: Int): Table {
        if (!table.has(column)) return table
        return table.with(PANEL) { row ->
            val level = row.text(column)
            val lines = Wrap.lines(level, width, Theme.STRIP_SIZE, bold = true)
            INVISIBLE.repeat(order.indexOf(level).coerceAtLeast(0)) + lines
        }
    }

    private fun strip(): String =
        when (Scheme.of(column)) {
            Scheme.LAYER -> "layer {}"
            Scheme.MARKERS -> "$column = {}"
            else -> "{}"
        }

    internal companion object {
        /** Only for Lets-Plot; not written to the CSV. */
        const val PANEL = "panel (internal)"
        private const val INVISIBLE = "\u200B"

        /** Space beside the panels, in pixels. */
        const val MARGINS = 100
    }
}
