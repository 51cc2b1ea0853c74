package holonomy.figure

import holonomy.figure.PlotSpec.maps
import holonomy.figure.PlotSpec.typed
import kotlin.math.ceil
import org.jetbrains.letsPlot.intern.toSpec
import org.jetbrains.letsPlot.letsPlot

/**
 * A figure as a single column of a journal takes it: [WIDTH] pixels, of which two are a point, so 237 pt (3.29 in), all
 * text 8 pt. It has no title, subtitle and caption: a paper sets them in its own text. What doesn't fit beside each
 * other at that size goes below: panels, plots of a grid, the entries of a legend.
 */
internal object Paper {
    /** Goes into a figure's record: raise it when the look changes, so that papers' pictures are drawn again. */
    const val VERSION = "1"

    const val WIDTH = 474
    const val PIXELS_PER_POINT = 2
    const val TEXT_SIZE = 8 * PIXELS_PER_POINT

    /** The specification of a dressed figure on paper, with its size. */
    fun of(spec: Map<String, Any?>): Pair<Map<String, Any>, Size> {
        val column = column(spec)
        val height = heightOf(column).coerceAtMost(MOST)
        return column + ("ggsize" to mapOf("width" to WIDTH, "height" to height)) to Size(WIDTH, height)
    }

    private fun column(spec: Map<String, Any?>): Map<String, Any> {
        val own = spec.present() - setOf("ggtitle", "caption", "ggsize")
        val themed = own + ("theme" to HOUSE + spec["theme"].typed().filterKeys { it !in HOUSE } + noHeads)
        if ("figures" in spec) {
            val plots = maps(spec["figures"]).map(::column)
            val grid = spec["layout"].typed().present() + mapOf("ncol" to 1, "nrow" to plots.size)
            return themed + mapOf("figures" to plots, "layout" to grid)
        }
        val facet = spec["facet"].typed().takeIf { it["name"] == "wrap" }?.present()
        val across = if (facet == null) 1 else across(titles(spec))
        val panels = facet?.let { mapOf("facet" to it + ("ncol" to across)) }.orEmpty()
        val layers = mapOf("layers" to maps(spec["layers"]).map(::layer))
        val scales = maps(spec["scales"]).map { scale(spec, it, across).present() }
        return themed + panels + layers + if (scales.isEmpty()) emptyMap() else mapOf("scales" to scales)
    }

    private fun Map<String, Any?>.present(): Map<String, Any> =
        mapNotNull { (key, value) -> value?.let { key to it } }.toMap()

    private val noHeads = mapOf("plot_title" to BLANK, "plot_subtitle" to BLANK, "plot_caption" to BLANK)

    // ---- Panels: two beside each other where their titles fit, else one. Words inside a plot are text, too.

    private fun across(titles: List<String>) =
        if (titles.size > 1 && titles.all { lengthOf(it) * BOLD <= WIDTH / 2 - AXIS }) 2 else 1

    private fun layer(layer: Map<String, Any?>): Map<String, Any> {
        val data = layer["data"].typed()
        val titles = data[Facet.PANEL] as? List<*>
        val unbroken =
            titles?.let { mapOf("data" to data + (Facet.PANEL to it.map { one -> one.toString().replace('\n', ' ') })) }
        val words = if (layer["geom"] == "text") mapOf("size" to TEXT_SIZE / GEOM_PIXELS) else emptyMap()
        return layer.present() + unbroken.orEmpty() + words
    }

    /** Ticks along x that don't meet those of the panel beside; null where panels don't stand beside each other. */
    private fun narrow(spec: Map<String, Any?>, across: Int): List<Double>? =
        if (across == 1) null else ticks(spec, "x", (WIDTH - 2 * AXIS) / across)

    /** Ticks for what is drawn of a quantity, at text of this size; null where it isn't one. */
    private fun ticks(spec: Map<String, Any?>, aesthetic: String, pixels: Int): List<Double>? {
        val shown =
            maps(spec["layers"]).flatMap { layer ->
                val column = (spec["mapping"].typed() + layer["mapping"].typed())[aesthetic]
                (layer["data"].typed()[column] as? List<*>).orEmpty().map { (it as? Number)?.toDouble() ?: return null }
            }
        if (shown.distinct().size < 2) return null
        return Ticks.narrow(shown.min(), shown.max(), pixels * Theme.TEXT_SIZE / TEXT_SIZE)
    }

    private fun titles(spec: Map<String, Any?>): List<String> {
        val facets = spec["facet"].typed()["facets"]
        val by = (if (facets is List<*>) facets.firstOrNull() else facets) ?: return emptyList()
        val data = maps(spec["layers"]).map { it["data"].typed() } + listOf(spec["data"].typed())
        return data.flatMap { it[by] as? List<*> ?: emptyList<Any>() }.map { it.toString() }.distinct()
    }

    // ---- Scales: the legend's entries in as many columns as fit, the label of y broken to its panel.

    private fun scale(spec: Map<String, Any?>, scale: Map<String, Any?>, panels: Int): Map<String, Any?> {
        val name = scale["name"]?.toString().orEmpty().replace('\n', ' ')
        val across = acrossOf(scale)
        val bar = scale["guide"].typed().takeIf { it["name"] == "colorbar" }
        return when {
            scale["aesthetic"] == "y" -> scale + ("name" to Wrap.lines(name, PANEL - AXIS, TEXT_SIZE))
            scale["aesthetic"] == "x" ->
                scale + ("name" to Wrap.lines(name, WIDTH - AXIS, TEXT_SIZE)) + inPlace(scale, narrow(spec, panels))
            across != null -> scale + ("guide" to mapOf("name" to "legend", "ncol" to across, "byrow" to true))
            bar != null ->
                scale +
                    ("guide" to bar + ("barwidth" to BAR)) +
                    inPlace(scale, ticks(spec, scale["aesthetic"].toString(), BAR))
            else -> scale
        }
    }

    /** Only in place of ticks that the plotting library would choose. */
    private fun inPlace(scale: Map<String, Any?>, narrow: List<Double>?): Map<String, Any> =
        if (narrow == null || scale["breaks"] != null || scale["trans"] != null) emptyMap()
        else mapOf("breaks" to narrow, "labels" to Ticks.labels(narrow))

    /** Entries of the legend beside each other; null: the scale has no legend of entries. */
    private fun acrossOf(scale: Map<String, Any?>): Int? {
        val labels =
            labelsOf(scale).ifEmpty {
                return null
            }
        return ((WIDTH - MARGINS) / labels.maxOf { lengthOf(it) + KEY }).toInt().coerceIn(1, labels.size)
    }

    private fun labelsOf(scale: Map<String, Any?>): List<String> {
        if (scale["aesthetic"] !in LEGENDS || scale["guide"] == "none") return emptyList()
        return ((scale["labels"] ?: scale["breaks"]) as? List<*>).orEmpty().map { it.toString() }
    }

    // ---- Height: panels below each other, and the legend.

    private fun heightOf(spec: Map<String, Any?>): Int {
        if ("figures" in spec) return maps(spec["figures"]).sumOf { heightOf(it) }
        val across = (spec["facet"].typed()["ncol"] as? Number)?.toInt()
        val panels = titles(spec).size.coerceAtLeast(1)
        val rows = if (across == null) 1 else ceil(panels / across.toDouble()).toInt()
        val each = if (rows == 1) PANEL else LOW_PANEL
        val legends = maps(spec["scales"]).filter { acrossOf(it) != null }
        val lines = legends.maxOfOrNull { ceil(labelsOf(it).size / acrossOf(it)!!.toDouble()).toInt() } ?: 0
        val title = if (legends.any { it["name"].toString().isNotBlank() }) 1 else 0
        val height = rows * each + FOOT + (lines + title) * LINE
        return height + height % PIXELS_PER_POINT
    }

    private fun lengthOf(text: String) = text.count { it != '\u200B' } * CHARACTER

    private const val BLANK = "blank"
    private const val CHARACTER = 0.58 * TEXT_SIZE
    private const val BOLD = 1.1
    private const val KEY = 40
    private const val MARGINS = 24
    private const val BAR = 180
    /** Pixels of a text of size 1 inside a plot. */
    private const val GEOM_PIXELS = 2
    private const val AXIS = 60
    private const val PANEL = 280
    private const val LOW_PANEL = 200
    private const val FOOT = 50
    private const val LINE = 26
    private const val MOST = 1400
    private val LEGENDS = setOf("color", "fill", "linetype", "shape")
    private val HOUSE: Map<String, Any?> =
        (letsPlot() + Theme.house(TEXT_SIZE, TEXT_SIZE, TEXT_SIZE)).toSpec()["theme"].typed()
}
