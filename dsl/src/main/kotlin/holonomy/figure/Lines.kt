package holonomy.figure

import holonomy.data.Table

/** A horizontal line at a value that needs no run: a chance level, ln T, a threshold. */
data class Reference(val value: Double, val label: String)

/** Up to this number of seeds the single runs are drawn, thin, behind their mean. */
const val RAW_UP_TO = 9

/**
 * Curves over x: one mean per level of [colour] with its spread over seeds, the single seeds thin behind it (within how
 * far each is known itself, where the table says so), nulls grey.
 *
 * @param table long table with columns x, y, `seed` and those named here
 * @param colour column told apart by colour
 * @param facet column told apart by panel
 * @param legend what the colour's levels are; its column's name when not given
 */
fun lines(
    name: String,
    title: String,
    table: Table,
    x: Axis,
    y: Axis,
    colour: String? = null,
    facet: Facet? = null,
    spread: Spread = Spread.INTERVAL,
    nulls: List<Null> = emptyList(),
    references: List<Reference> = emptyList(),
    legend: String? = null,
    caption: String = "",
    size: Size? = null,
): Figure {
    if (!drawable(table, x, y)) return nothingToShow(name, title, table, y, caption, size)
    val drawing = Drawing(table, x, y, colour, facet, spread, nulls, references, legend, size)
    drawing.nulls()
    drawing.references()
    drawing.layers.add("spread", drawing.summary.complete("lower", "upper")) { drawing.geoms.ribbon(it, 0.2) }
    drawing.own()
    drawing.layers.add("seeds", drawing.raw) { drawing.geoms.thin(it) }
    drawing.curves()
    return drawing.figure(name, title, caption, spread)
}

/**
 * One point per x and level of [colour], with its spread over seeds as a bar and the single seeds as rings; nulls as
 * grey bands.
 *
 * x may be a quantity (layer, m_max: all marks stand where it was measured, and means are joined) or text (arms,
 * stages: levels stand side by side in their category).
 *
 * @param published values read from a source, in the columns x, y and those of colour and facet: drawn as hollow
 *   diamonds
 * @param bound column that says which values are bounds ([Bound]): triangles, and no mean where there is one
 * @param joined whether means of a quantity x are joined; not where every point is a run of its own
 * @param lying whether the names of a text x stand at the left, the first above, and y goes to the right: a forest plot
 */
fun pointsBy(
    name: String,
    title: String,
    table: Table,
    x: Axis,
    y: Axis,
    colour: String? = null,
    facet: Facet? = null,
    spread: Spread = Spread.INTERVAL,
    nulls: List<Null> = emptyList(),
    published: Table? = null,
    references: List<Reference> = emptyList(),
    legend: String? = null,
    caption: String = "",
    size: Size? = null,
    bound: String? = null,
    joined: Boolean = true,
    lying: Boolean = false,
): Figure {
    if (published == null && !drawable(table, x, y)) return nothingToShow(name, title, table, y, caption, size)
    val drawing =
        Drawing(
            table,
            x,
            y,
            colour,
            facet,
            spread,
            nulls,
            references,
            legend,
            size,
            published,
            bound = bound,
            lying = lying,
        )
    drawing.nulls()
    drawing.references()
    val summary = drawing.summary
    if (joined && !drawing.discrete) drawing.layers.add("joined", summary) { drawing.geoms.joined(it) }
    drawing.layers.add("spread", summary.complete("lower", "upper")) { drawing.geoms.bars(it) }
    drawing.points()
    drawing.bounds()
    published?.let { drawing.published(it) }
    return drawing.figure(name, title, caption, spread)
}

/**
 * Figure 1 of a trajectory study: a rank by layer, one panel per matrix, beside its null.
 *
 * @param table columns `matrix`, `layer`, `seed` and y
 */
fun pointsByLayer(
    name: String,
    title: String,
    table: Table,
    y: Axis,
    nulls: List<Null> = emptyList(),
    spread: Spread = Spread.INTERVAL,
    published: Table? = null,
    caption: String = "",
    size: Size? = null,
): Figure {
    requireColumn(table, "matrix")
    requireColumn(table, "layer")
    val panels = levels(table, "matrix").size
    val layers = levels(table, "layer").maxOfOrNull { it.toDouble().toInt() + 1 } ?: 0
    return pointsBy(
        name,
        title,
        table,
        Axis.layers(layers),
        y,
        "matrix",
        Facet("matrix", if (panels <= 4) panels else (panels + 1) / 2),
        spread,
        nulls,
        published,
        caption = caption,
        size = size,
    )
}
