package holonomy.figure

import holonomy.data.Table
import holonomy.data.Table.quantity
import holonomy.data.Table.text
import org.jetbrains.letsPlot.coord.coordFlip
import org.jetbrains.letsPlot.letsPlot
import org.jetbrains.letsPlot.scale.scaleSizeIdentity

/**
 * The parts that [lines] and [pointsBy] share: rows over seeds, one legend, scales that just hold what is drawn.
 *
 * @param bound column that says which values are bounds, see [Bound]; null: none is
 * @param undefined,undefinedIn rows and axis that say where curves have a gap
 */
internal class Drawing(
    table: Table,
    private val x: Axis,
    private val y: Axis,
    private val colour: String?,
    private val facet: Facet?,
    spread: Spread,
    nulls: List<Null>,
    private val references: List<Reference>,
    legend: String?,
    size: Size?,
    published: Table? = null,
    undefined: Table = table,
    undefinedIn: Axis = y,
    private val bound: String? = null,
    private val lying: Boolean = false,
) {
    private val by = listOfNotNull(facet?.column, colour).distinct()
    private val bands = Bands.of(table, x, y, by + listOfNotNull(bound), spread)
    private val gaps = Gaps(undefined, x, undefinedIn, by)
    private val sideBySide = colour != null && colour != facet?.column
    private val ends = Ranges(facet)
    private val panels = facet?.let { f -> bands.summary.rows().map { it.text(f.column) }.distinct().size } ?: 1
    private val across = facet?.across(panels) ?: 1
    private val paper = size ?: usual()
    private val title = legend ?: colour.orEmpty()

    /** Whether x is text. */
    val discrete = table.columns().first { it.name() == x.column }.type() == Table.Type.TEXT

    private val places =
        Places(
            x,
            if (discrete) categories(listOfNotNull(table, published) + nulls.map { it.table }) else null,
            if (sideBySide) levels(table, colour.orEmpty()) else emptyList(),
        )
    private val grey =
        nulls.map { it.drawn(x, y, by, colour.takeIf { sideBySide }, spread) }.filter { it.rows.size() > 0 }
    private val bounds = bands.raw.where { isBound(it) }
    private val parted = table.where { isBound(it) }.rows().mapTo(mutableSetOf(), ::place)
    private val series = series(table, published)

    val layers = Layers(facet, facet?.let { levels(table, it.column) }.orEmpty(), paper.width)
    val geoms = Geoms(places.column, y.column)

    /** Means with spread, one row per x and level; none where a seed is known by a bound only. */
    val summary: Table =
        places.of(
            bands.summary.where { place(it) !in parted }.levelled().with(Geoms.RUN) { level(it) + gaps.after(it) },
            ::level,
        )

    /** One row per x, level and seed, whatever their number. */
    private val seeds =
        places.ofSeeds(
            bands.raw.levelled().with(Geoms.RUN) {
                "${level(it)} / seed ${it.text(Bands.SEED)}${gaps.afterOfSeed(it)}"
            },
            ::level,
        )

    private val n = summary.rows().map { it.number("n").toInt() }.let { if (it.isEmpty()) 1..1 else it.min()..it.max() }

    /** One row per x, level and seed: where seeds are few, and where there is no mean. */
    val raw: Table = seeds.where { !isBound(it) && (n.last in 2..RAW_UP_TO || place(it) in parted) }

    /** The seeds whose own values are known within ends: none without such columns, nor where seeds are many. */
    private val known by lazy {
        if (n.last > RAW_UP_TO || Bands.OWN.any { !seeds.has(it.name()) }) seeds.where { false }
        else seeds.complete(*Bands.OWN.map { it.name() }.toTypedArray())
    }

    private val nested by lazy { Nested(listOfNotNull(facet?.column, places.column), y, ends.all) }

    init {
        ends.note(summary, "mean", "lower", "upper")
        ends.note(raw, y.column)
    }

    /** Adds the layers of every null, behind all else: its band and its centre. */
    fun nulls() {
        for (one in grey) {
            val rows = places.of(one.rows)
            ends.note(rows, "mean", "lower", "upper")
            if (discrete) {
                layers.add("null", rows.complete("lower", "upper")) { geoms.ticks(it, "lower", "upper") }
                layers.add("null", rows.where { it.value("lower") == null || it.value("upper") == null }) {
                    geoms.ticks(it, "mean", "mean")
                }
            } else {
                layers.add("null band", rows.joinable().complete("lower", "upper")) { geoms.ribbon(it, 0.25) }
                layers.add("null", rows.joinable()) { geoms.curve(it, 1.0) }
                layers.add("null band", rows.alone().complete("lower", "upper")) { geoms.bars(it) }
                layers.add("null", rows.alone()) { geoms.points(it) }
            }
        }
    }

    /** Adds how far every seed's own value is known. */
    fun own() {
        if (known.size() > 0) ends.note(known, *Bands.OWN.map { it.name() }.toTypedArray())
        layers.add(OWN_INTERVAL, known) { geoms.known(it) }
    }

    fun references() {
        val builder = Table.builder(listOf(quantity("value"), text(Series.COLUMN)))
        references.forEach { builder.row(it.value, it.label) }
        ends.note(references.map { it.value })
        layers.add("reference", builder.build()) { geoms.levels(it) }
    }

    /** Adds curves through the means; a mean without a neighbour is a point. */
    fun curves() {
        layers.add("mean", summary.joinable()) { geoms.curve(it, 1.3) }
        layers.add("mean", summary.alone()) { geoms.points(it) }
    }

    /** Adds the means, and the single seeds. */
    fun points() {
        layers.add("mean", nested.of(summary, "mean", MEAN)) { geoms.sized(it) }
        layers.add("seeds", nested.of(raw, y.column, SEED)) { geoms.rings(it) }
    }

    /** Adds a triangle for every seed that is known by a bound only. */
    fun bounds() {
        val rows = bounds.levelled().with(Geoms.MARK) { it.bound(bound.orEmpty()).level }
        ends.note(rows, y.column)
        layers.add("bound", places.ofSeeds(rows, ::level)) { geoms.triangles(it) }
    }

    fun published(rows: Table) {
        val marked = rows.with(Series.COLUMN) { PUBLISHED }
        ends.note(marked, y.column)
        val own = { row: Table.Row -> if (rows.has(colour.orEmpty())) level(row) else null }
        layers.add("published", places.of(marked, own)) { geoms.diamonds(it) }
    }

    /** Adds single rows as faint points. */
    fun cloud(rows: Table, column: String) {
        ends.note(rows, column)
        layers.add("point", rows.levelled()) { geoms.specks(it, column) }
    }

    /** Adds the band between `lower` and `upper` and a line through `median`. */
    fun quartiles(rows: Table) {
        val levelled = rows.levelled().with(Geoms.RUN) { level(it) + gaps.after(it) }
        layers.add("quartiles", levelled) { geoms.ribbon(it, 0.25) }
        layers.add("median", levelled.joinable()) { geoms.curve(it, 1.3, "median") }
        layers.add("median", levelled.alone()) { geoms.points(it, "median") }
    }

    fun figure(name: String, title: String, caption: String, spread: Spread?, dropped: Int = bands.dropped): Figure {
        val free = facet?.freeY == true
        if (free) layers.add("room", ends.room(y)) { geoms.nothing(it) }
        val yAxis = if (free) y else y.around(ends.all)
        var plot =
            letsPlot() +
                layers.features +
                series.scales() +
                scaleSizeIdentity(guide = "none") +
                xScale(xAxis(), places.labels, lying) +
                yScale(yAxis, paper)
        if (lying) plot += coordFlip()
        facet?.let { plot = plot + it.feature() }
        val words = if (n.last > 1) spread?.describe(y.scale) else null
        val says = listOf(caption, pooled(), parted(), known()).filter { it.isNotEmpty() }.joinToString(" ")
        return Figure(name, title, plot, says, words, dropped, paper, layers.names)
    }

    private fun pooled() =
        if (grey.any { it.pooled }) "Pooled null: mean of the centres and envelope of the bands over every $title."
        else ""

    private fun known() =
        if (OWN_INTERVAL in layers.names.roles)
            "Pale bands: 95 % interval of each evaluation of a seed itself (Wilson)."
        else ""

    private fun parted() =
        if (bounds.size() > 0) "Triangles: runs that never got there, at a bound; no mean is drawn beside them." else ""

    /**
     * A logarithmic axis ends near its outermost points; in panels three or more across a quantity's labels would meet.
     */
    private fun xAxis(): Axis {
        if (discrete) return places.axis()
        val shown = bands.raw.rows().map { it.number(x.column) }
        if (x.log) return x.around(shown)
        if (x.breaks != null || across < 3 || shown.distinct().size < 2) return x
        return x.copy(breaks = Ticks.narrow(shown.min(), shown.max(), (paper.width - Facet.MARGINS) / across))
    }

    private fun usual(): Size = if (facet == null) Size.COLUMN else if (across >= panels) Size.ROW else Size.PANELS

    private fun categories(tables: List<Table>) =
        tables.filter { it.has(x.column) }.flatMap { levels(it, x.column) }.distinct()

    /** The rows of curves of several points. */
    private fun Table.joinable() = byCurve { it > 1 }

    /** The rows of curves of one point, which no line shows. */
    private fun Table.alone() = byCurve { it == 1 }

    private fun Table.byCurve(size: (Int) -> Boolean): Table {
        val panel = facet?.column?.takeIf { has(it) }
        val curve = { row: Table.Row -> row.text(Geoms.RUN) to panel?.let { row.text(it) } }
        val sizes = rows().groupingBy(curve).eachCount()
        return where { size(sizes.getValue(curve(it))) }
    }

    private fun isBound(row: Table.Row) = bound != null && row.bound(bound) != Bound.NONE

    /** What a mean is of. */
    private fun place(row: Table.Row): List<Any?> = by.map { row.text(it) } + row.value(x.column)

    private fun level(row: Table.Row): String = if (colour == null) MEASURED else row.text(colour)

    private fun Table.levelled() = with(Series.COLUMN, ::level)

    private fun series(table: Table, published: Table?): Series {
        val scheme = if (colour == null) Scheme.ARM else Scheme.of(colour)
        val own = if (colour == null) listOf(MEASURED) else levels(table, colour)
        val measured = Palette.colours(scheme, own).map { (level, line) -> Look.measured(level, line) }
        val kinds =
            listOf(Bound.AT_LEAST, Bound.AT_MOST).filter { kind ->
                bounds.rows().any { it.bound(bound.orEmpty()) == kind }
            }
        val others =
            grey.mapIndexed { i, one -> Look.ofNull(one.level, i, !discrete && one.rows.alone().size() > 0) } +
                references.map { Look.reference(it.label) } +
                kinds.map { Look.bound(it) } +
                listOfNotNull(published?.let { Look.published(PUBLISHED) })
        val listed = sideBySide || colour == null && others.isNotEmpty()
        return Series(title, measured + others, (if (listed) measured + others else others).map { it.level })
    }

    private companion object {
        const val MEASURED = "measured"
        const val OWN_INTERVAL = "own interval"
        const val MEAN = 3.6
        const val SEED = 2.6
        const val PUBLISHED = "published"
    }
}

/** The values drawn along y, all together and by panel. */
internal class Ranges(private val facet: Facet?) {
    private val noted = mutableListOf<Double>()
    private val byPanel = linkedMapOf<String, MutableList<Double>>()

    val all: List<Double>
        get() = noted

    fun note(values: List<Double>) {
        noted += values
    }

    fun note(table: Table, vararg columns: String) {
        val own = facet?.column?.takeIf { table.has(it) }
        for (row in table.rows()) {
            val values = columns.map { row.number(it) }
            noted += values
            if (own != null) byPanel.getOrPut(row.text(own)) { mutableListOf() } += values
        }
    }

    /** Panels with ends of their own reach a little beyond what they show: Lets-Plot would cut the outermost points. */
    fun room(y: Axis): Table {
        val column = facet?.column.orEmpty()
        val builder = Table.builder(listOf(text(column), quantity("value")))
        for ((panel, shown) in byPanel) {
            val axis = y.around(shown)
            listOfNotNull(axis.from, axis.to).forEach { builder.row(panel, it) }
        }
        return builder.build()
    }
}
