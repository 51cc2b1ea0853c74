package holonomy.figure

import holonomy.figure.PlotSpec.maps
import holonomy.figure.PlotSpec.typed
import org.jetbrains.letsPlot.intern.toSpec
import org.jetbrains.letsPlot.letsPlot

/** The most rows a layer may have; above it Lets-Plot would thin the layer out, and nobody can see them. */
const val LAYER_ROWS = 50_000

/**
 * A figure as it goes to paper: the house theme under the plot's own, title, subtitle with n, spread and profile,
 * caption with what is not drawn, size, and sampling switched off on every layer.
 */
internal class Dressed(val figure: Figure, val context: FigureContext) {
    val subtitle: String =
        listOfNotNull(
                context.profile.takeIf { it.isNotEmpty() }?.let { "$it profile" },
                context.about.takeIf { it.isNotEmpty() },
                if (context.seeds == 1) "1 seed" else "${context.seeds} seeds".takeIf { context.seeds > 1 },
                figure.spread?.let { "spread: $it" },
                context.device.takeIf { it != "cpu" },
                figure.warning?.let { "warning: $it" },
            )
            .joinToString(" · ")

    private val bare = PlotSpec.of(figure.plot)

    val caption: String =
        listOf(figure.caption, undrawn(figure.dropped + PlotSpec.undrawable(bare)))
            .filter { it.isNotBlank() }
            .joinToString(" ")

    /** The full specification map, as Lets-Plot takes it. */
    val spec: MutableMap<String, Any>

    init {
        figure.layers.firstOrNull { it.table.size() > LAYER_ROWS }?.let { tooMany(it) }
        spec = dress(bare).toMutableMap()
        val title = Wrap.lines(figure.title, figure.size.width - 90, Theme.TITLE_SIZE, bold = true)
        val below = Wrap.lines(subtitle, figure.size.width - 90, Theme.SUBTITLE_SIZE)
        spec["ggtitle"] = mapOf("text" to title, "subtitle" to below)
        if (caption.isNotEmpty())
            spec["caption"] = mapOf("text" to Wrap.lines(caption, figure.size.width - 40, Theme.CAPTION_SIZE))
        spec["ggsize"] = mapOf("width" to figure.size.width, "height" to figure.size.height)
    }

    private fun tooMany(layer: DrawnLayer): Nothing =
        throw IllegalArgumentException(
            "figure '${figure.name}', layer '${layer.role}': ${layer.table.size()} rows, at most $LAYER_ROWS can be drawn; " +
                "aggregate them first (over seeds, or into bins of x)"
        )

    private fun dress(spec: Map<String, Any?>): Map<String, Any> {
        val dressed = spec.filterValues { it != null }.mapValues { it.value as Any }.toMutableMap()
        dressed["theme"] = HOUSE + spec["theme"].typed()
        if ("figures" in spec)
            dressed["figures"] = (spec["figures"] as List<*>).map { if (it is Map<*, *>) dress(it.typed()) else it }
        if ("layers" in spec) dressed["layers"] = maps(spec["layers"]).map { it + ("sampling" to "none") }
        return dressed
    }

    private fun undrawn(rows: Int): String =
        when (rows) {
            0 -> ""
            1 -> "1 row has no value that can be drawn."
            else -> "$rows rows have no value that can be drawn."
        }

    private companion object {
        val HOUSE: Map<String, Any?> = (letsPlot() + Theme.house()).toSpec()["theme"].typed()
    }
}

/** Breaks text into lines that fit a width, words longer than a line too; Lets-Plot doesn't. */
internal object Wrap {
    /** Mean width of a character of DejaVu Sans, in units of the font size. */
    private const val CHARACTER = 0.53

    fun lines(text: String, width: Int, fontSize: Int, bold: Boolean = false): String {
        val most = (width / (fontSize * CHARACTER * (if (bold) 1.16 else 1.0))).toInt().coerceAtLeast(1)
        return text.lines().joinToString("\n") { fill(it, most) }
    }

    private fun fill(text: String, most: Int): String {
        val lines = mutableListOf(StringBuilder())
        for (word in text.split(' ')) {
            if (lines.last().isNotEmpty() && lines.last().length + 1 + word.length > most) lines += StringBuilder()
            if (lines.last().isNotEmpty()) lines.last().append(' ')
            pieces(word, most).forEachIndexed { i, piece ->
                if (i > 0) lines += StringBuilder()
                lines.last().append(piece)
            }
        }
        return lines.joinToString("\n")
    }

    /** A word longer than a line, broken behind the last sign that parts names, else anywhere. */
    private fun pieces(word: String, most: Int): List<String> {
        if (word.length <= most) return listOf(word)
        val signs = listOf("./", "_:-").map { kind -> word.take(most).indexOfLast { it in kind } }
        val cut = signs.firstOrNull { it > 0 }?.plus(1) ?: most
        return listOf(word.take(cut)) + pieces(word.drop(cut), most)
    }
}
