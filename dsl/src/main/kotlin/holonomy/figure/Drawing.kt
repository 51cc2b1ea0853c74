package holonomy.figure

import holonomy.data.Table
import holonomy.data.Table.quantity
import holonomy.data.Table.text
import org.jetbrains.letsPlot.letsPlot

/** The parts that [lines] and [pointsBy] share: rows over seeds, one legend, scales that just hold what is drawn. */
internal class Drawing(
    table: Table,
    private val x: Axis,
    private val y: Axis,
    private val colour: String?,
    private val facet: Facet?,
    private val spread: Spread,
    private val nulls: List<Null>,
    private val references: List<Reference>,
    legend: String?,
    private val published: Table? = null,
    undefined: Table = table,
    undefinedIn: Axis = y,
) {
    private val by = listOfNotNull(facet?.column, colour).distinct()
    private val bands = Bands.of(table, x, y, by, spread)
    private val gaps = Gaps(undefined, x, undefinedIn, by)
    private val sideBySide = colour != null && colour != facet?.column
    private val values = mutableListOf<Double>()
    private val valuesByPanel = linkedMapOf<String, MutableList<Double>>()
    private val panels = facet?.let { f -> bands.summary.rows().map { it.text(f.column) }.distinct().size } ?: 1
    private val across = minOf(panels, facet?.columns ?: if (panels > 3) (panels + 1) / 2 else panels)

    /** Whether x is text. */
    val discrete = table.columns().first { it.name() == x.column }.type() == Table.Type.TEXT

    val layers = Layers(facet, facet?.let { levels(table, it.column) }.orEmpty())
    val geoms = Geoms(x, y, if (sideBySide) 0.5 else 0.0, 0.18 * gap())
    private val series = series(table, legend)

    /** Means with spread, one row per x and level. */
    val summary: Table = bands.summary.with(Series.COLUMN, ::level).with(Geoms.RUN, ::run)

    /** One row per x, level and seed. */
    val raw: Table =
        bands.raw.with(Series.COLUMN, ::level).with(Geoms.RUN) {
            "${level(it)} / seed ${it.text(Bands.SEED)}${gaps.afterOfSeed(it)}"
        }

    /** Few enough seeds to show each. */
    val showsRaw: Boolean = (bands.n?.last ?: 0) in 2..RAW_UP_TO

    init {
        note(summary, "mean", "lower", "upper")
        if (showsRaw) note(raw, y.column)
    }

    /** Adds the layers of every null, behind all else: its band, and its centre by [centre]. */
    fun nulls(centre: (Geoms, Rows) -> org.jetbrains.letsPlot.intern.Layer) {
        for (one in nulls) {
            val own = by.filter { one.table.has(it) } - listOfNotNull(colour.takeIf { sideBySide })
            val rows =
                nullRows(one).with(Geoms.RUN) { row -> (own.map { row.text(it) } + one.label).joinToString(" / ") }
            note(rows, "mean", "lower", "upper")
            if (!discrete) layers.add("null band", rows.complete("lower", "upper")) { geoms.ribbon(it, 0.25) }
            layers.add("null", rows) { centre(geoms, it) }
        }
    }

    /** Levels side by side in one panel share one grey envelope; their own bands would cover each other. */
    private fun nullRows(one: Null): Table =
        if (sideBySide) one.envelope(x, y, by, colour.orEmpty(), spread) else one.layer(x, y, by, spread)

    fun references() {
        val builder = Table.builder(listOf(quantity("value"), text(Series.COLUMN)))
        references.forEach { builder.row(it.value, it.label) }
        values += references.map { it.value }
        layers.add("reference", builder.build()) { geoms.levels(it) }
    }

    fun published() {
        val rows = published?.with(Series.COLUMN) { PUBLISHED } ?: return
        note(rows, y.column)
        layers.add("published", rows) { geoms.diamonds(it) }
    }

    /** Adds single rows as faint points. */
    fun cloud(rows: Table, column: String) {
        note(rows, column)
        layers.add("point", rows.with(Series.COLUMN, ::level)) { geoms.specks(it, column) }
    }

    /** Adds the band between `lower` and `upper` and a line through `median`. */
    fun quartiles(rows: Table) {
        val levelled = rows.with(Series.COLUMN, ::level).with(Geoms.RUN, ::run)
        layers.add("quartiles", levelled) { geoms.ribbon(it, 0.25) }
        layers.add("median", levelled) { geoms.curve(it, 1.3, "median") }
    }

    fun figure(name: String, title: String, caption: String, size: Size?, dropped: Int = bands.dropped): Figure {
        val yAxis = if (facet?.freeY == true) y else y.around(values)
        if (facet?.freeY == true) room(facet)
        val paper = size ?: usual()
        var plot =
            letsPlot() + layers.features + series.scales() + xScale(xAxis(paper), discrete) + yScale(yAxis, paper)
        facet?.let { plot = plot + it.feature() }
        val words = if ((bands.n?.last ?: 0) > 1) spread.describe(y.log) else null
        return Figure(name, title, plot, caption, words, dropped, paper, layers.names)
    }

    /** Panels with ends of their own reach a little beyond what they show: Lets-Plot would cut the outermost points. */
    private fun room(facet: Facet) {
        val builder = Table.builder(listOf(text(facet.column), quantity("value")))
        for ((panel, shown) in valuesByPanel) {
            val axis = y.around(shown)
            listOfNotNull(axis.from, axis.to).forEach { builder.row(panel, it) }
        }
        layers.add("room", builder.build()) { geoms.nothing(it) }
    }

    /** In panels that stand three or more across, labels of a quantity would meet. */
    private fun xAxis(paper: Size): Axis {
        val places = bands.raw.rows().map { if (discrete) 0.0 else it.number(x.column) }
        if (discrete || x.breaks != null || x.log || across < 3 || places.distinct().size < 2) return x
        return x.copy(breaks = Ticks.narrow(places.min(), places.max(), (paper.width - MARGINS) / across))
    }

    private fun usual(): Size = if (facet == null) Size.COLUMN else if (across >= panels) Size.ROW else Size.PANELS

    private fun level(row: Table.Row): String = if (colour == null) MEASURED else row.text(colour)

    /** Neighbouring rows of one run are joined. */
    private fun run(row: Table.Row): String = level(row) + gaps.after(row)

    private fun note(table: Table, vararg columns: String) {
        val own = facet?.column?.takeIf { table.has(it) }
        for (row in table.rows()) {
            val noted = columns.map { row.number(it) }
            values += noted
            if (own != null) valuesByPanel.getOrPut(row.text(own)) { mutableListOf() } += noted
        }
    }

    /** Smallest distance between two x, in units of x; 1 for text. */
    private fun gap(): Double {
        if (discrete) return 1.0
        val places = bands.raw.rows().map { it.number(x.column) }.distinct().sorted()
        return places.zipWithNext { a, b -> b - a }.minOrNull() ?: 1.0
    }

    private fun series(table: Table, legend: String?): Series {
        val scheme = if (colour == null) Scheme.ARM else Scheme.of(colour)
        val levels = if (colour == null) listOf(MEASURED) else levels(table, colour)
        val measured = Palette.colours(scheme, levels).map { (level, line) -> Look.measured(level, line) }
        val others =
            nulls.mapIndexed { i, one -> Look.ofNull(one.label, i) } +
                references.map { Look.reference(it.label) } +
                listOfNotNull(published?.let { Look.published(PUBLISHED) })
        val listed = sideBySide || colour == null && others.isNotEmpty()
        val shown = (if (listed) measured + others else others).map { it.level }
        return Series(legend ?: colour.orEmpty(), measured + others, shown)
    }

    private companion object {
        const val MEASURED = "measured"
        const val MARGINS = 100
        const val PUBLISHED = "published"
    }
}
