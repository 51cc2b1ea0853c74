package holonomy.figure

import holonomy.data.Table
import org.jetbrains.letsPlot.Figure as LetsPlotFigure

/** Width and height of a figure in pixels of its SVG. */
data class Size(val width: Int, val height: Int) {
    init {
        require(width in 200..4000 && height in 150..4000) {
            "figure size: expected 200..4000 x 150..4000 px, found $width x $height"
        }
    }

    companion object {
        /** One column of a page. */
        val COLUMN = Size(720, 440)

        /** One row of small panels. */
        val ROW = Size(720, 360)

        /** Two rows of panels. */
        val PANELS = Size(720, 600)
    }
}

/**
 * What Lets-Plot's specification doesn't keep.
 *
 * @property roles names of the layers in order; missing ones are named after their geometry
 * @property columns columns in the order in which they are to be written; others follow
 */
data class LayerNames(val roles: List<String> = emptyList(), val columns: List<String> = emptyList())

/** The rows that one layer of a figure draws. */
class DrawnLayer(val role: String, val table: Table)

/**
 * A picture as a value: a plot and what must be said beside it. Nothing is drawn until it is exported.
 *
 * @param name any words; [Figure.name] is made from them
 * @property title one line, wrapped when too long; shown as text, whatever is in it
 * @property plot a Lets-Plot plot or grid of plots, ours or the user's own
 * @property caption what a reader must know to read it right
 * @property spread what bands and bars show; null when there are none
 * @property dropped rows that could not be drawn (missing, infinite, or not positive on a log scale): counted in the
 *   caption
 * @property names of the layers and their columns, for the CSV
 * @property sources run ids the rows came from
 * @property warning what went less than well with the numbers, shown in the subtitle; null if nothing did
 */
class Figure(
    name: String,
    val title: String,
    val plot: LetsPlotFigure,
    val caption: String = "",
    val spread: String? = null,
    val dropped: Int = 0,
    val size: Size = Size.COLUMN,
    val names: LayerNames = LayerNames(),
    val sources: List<String> = emptyList(),
    val warning: String? = null,
) {
    /** Stem of its files: letters, digits, '.', '-' and '_'. */
    val name: String = Slug.of(name)

    /** Exactly what is drawn, layer by layer, read from the plot itself. */
    val layers: List<DrawnLayer> by lazy { PlotSpec.layers(PlotSpec.of(plot), names) }

    /** What a page can say of every mark: see [Marks]. */
    val marks: String by lazy { Marks.of(this) }

    /** This figure under another name, title or caption, with sources, or in another size. */
    fun with(
        name: String = this.name,
        title: String = this.title,
        caption: String = this.caption,
        size: Size = this.size,
        sources: List<String> = this.sources,
        warning: String? = this.warning,
    ): Figure = Figure(name, title, plot, caption, spread, dropped, size, names, sources, warning)
}

/**
 * Where the numbers of a figure come from; the framework knows it, a script doesn't state it.
 *
 * @property profile name of the profile, shown in the subtitle; empty without one
 * @property seeds number of seeds behind the figure; 0 without any
 * @property question the experiment's question
 * @property device `cpu` or `cuda`
 * @property machine processor and cores, in words
 * @property versions component to version
 * @property seconds wall-clock seconds that the runs behind it took
 * @property script file name of the experiment script
 * @property about where the numbers come from when not from runs of ours, shown in the subtitle
 */
data class FigureContext(
    val profile: String,
    val seeds: Int,
    val question: String = "",
    val device: String = "cpu",
    val machine: String = "",
    val versions: Map<String, String> = emptyMap(),
    val seconds: Double? = null,
    val script: String = "",
    val about: String = "",
)
