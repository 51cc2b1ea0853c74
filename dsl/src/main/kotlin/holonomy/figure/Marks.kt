package holonomy.figure

import holonomy.figure.PlotSpec.maps
import holonomy.figure.PlotSpec.typed
import java.util.Locale

/**
 * What a page can say of a figure's marks: one line of text for each, which its script reads (`gallery.js`).
 *
 * First a line of the panels' titles, one of the series, one that says `places` where names along x stand at 0, 1, ...,
 * and `lying` where x goes down and y to the right; then per mark, between tabs: index of its panel, index of its
 * series, x, y, value (where that is not y: a cell), lower and upper end of its interval, number of seeds, seed. A name
 * along an axis begins with an apostrophe. Bands and bars are left out, for the marks within them hold their ends.
 */
internal object Marks {
    /** More than these no pointer tells apart: the largest layers are left out first. */
    private const val MOST = 6_000

    /** Geometries that draw one mark a row. */
    private val SINGLE = setOf("line", "path", "point", "tile")

    fun of(figure: Figure): String {
        val plot = PlotSpec.plots(PlotSpec.of(figure.plot)).singleOrNull() ?: return ""
        val strip = (plot["facet"].typed()["format"] as? List<*>)?.firstOrNull()?.toString() ?: "{}"
        val layers =
            maps(plot["layers"])
                .map { Rows(it, strip) }
                .filter { it.geometry in SINGLE && it.x != null && it.y != null }
        var room = MOST
        val kept = layers.sortedBy { it.size }.takeWhile { layer -> (room >= layer.size).also { room -= layer.size } }
        val marks = layers.filter { it in kept }.flatMap { it.marks() }.distinct()
        if (marks.isEmpty()) return ""
        val panels = marks.map { it.panel }.distinct()
        val series = marks.map { it.series }.distinct()
        val places = "places".takeIf { layers.any { it.x == Places.COLUMN } }
        val lying = "lying".takeIf { plot["coord"].typed()["name"] == "flip" }
        val settings = listOfNotNull(places, lying).joinToString("\t")
        val lines = marks.map { "${panels.indexOf(it.panel)}\t${series.indexOf(it.series)}\t${it.cells}" }
        return (listOf(panels.joinToString("\t"), series.joinToString("\t"), settings) + lines).joinToString("\n")
    }

    private data class Mark(val panel: String, val series: String, val cells: String)

    /** The rows of one layer, by what its mapping says of them; [strip] is how a panel's title is written. */
    private class Rows(layer: Map<String, Any?>, private val strip: String) {
        private val data = layer["data"].typed()
        private val mapping = layer["mapping"].typed()
        val geometry = layer["geom"].toString()
        val x = mapping["x"]?.toString()
        val y = mapping["y"]?.toString()
        private val value = mapping["fill"]?.toString().takeIf { geometry == "tile" }
        val size = (data[x] as? List<*>)?.size ?: 0

        fun marks(): List<Mark> = (0 until size).filter { cell(x, it) != "" && cell(y, it) != "" }.map { mark(it) }

        private fun mark(row: Int): Mark {
            val cells = listOf(x, y, value, "lower", "upper", "n", Bands.SEED).map { cell(it, row) }
            val panel = text(Facet.PANEL, row).let { if (it.isEmpty()) it else strip.replace("{}", it) }
            return Mark(panel, text(Series.COLUMN, row), cells.joinToString("\t").trimEnd())
        }

        private fun cell(column: String?, row: Int): String =
            when (val cell = (data[column] as? List<*>)?.getOrNull(row)) {
                null -> ""
                is Number -> number(cell.toDouble())
                else -> if (column == Bands.SEED) words(cell) else "'" + words(cell)
            }

        private fun text(column: String, row: Int) = words((data[column] as? List<*>)?.getOrNull(row) ?: "")

        private fun number(value: Double) =
            when {
                !value.isFinite() -> ""
                value == Math.rint(value) && Math.abs(value) < 1e9 -> value.toLong().toString()
                else -> String.format(Locale.ROOT, "%.7g", value)
            }

        private fun words(value: Any) = value.toString().replace(Regex("[\\s\\u200B\\u00A0]+"), " ").trim()
    }
}
