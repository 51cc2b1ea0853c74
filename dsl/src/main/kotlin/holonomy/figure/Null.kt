package holonomy.figure

import holonomy.data.Table
import holonomy.data.Table.quantity
import holonomy.data.Table.text

/**
 * What would be measured if nothing were there, drawn grey and dashed behind the data.
 *
 * @property label what the null is ("uncorrelated walk"); the legend says "null: ..."
 * @property table its rows, with the figure's x column, and the columns of colour and facet where it differs between
 *   them
 * @property value column of its centre; its seeds are averaged
 * @property lower,upper columns of its interval; without them the band is its own spread over seeds, if it has seeds
 */
data class Null(
    val label: String,
    val table: Table,
    val value: String,
    val lower: String? = null,
    val upper: String? = null,
) {
    /** What the legend says. */
    internal val level: String
        get() = "null: $label"

    /**
     * Its centre and band per x and group: columns [by] that it has, x, `mean`, `lower`, `upper`. The ends of an
     * interval are averaged over seeds.
     */
    private fun curve(x: Axis, y: Axis, by: List<String>, spread: Spread): Bands =
        Bands.of(table, x, y.copy(column = value), by.filter { table.has(it) }, spread)

    /**
     * The rows of the null's layer: those of [curve], with the given interval in place of the spread where there is
     * one.
     */
    internal fun layer(x: Axis, y: Axis, by: List<String>, spread: Spread): Table {
        val centre = curve(x, y, by, spread)
        val low = lower?.let { end(it, x, y, centre.by, spread) }
        val high = upper?.let { end(it, x, y, centre.by, spread) }
        val xColumn = centre.summary.columns().first { it.name() == x.column }
        val columns =
            centre.by.map { text(it) } +
                xColumn +
                listOf("mean", "lower", "upper").map(::quantity) +
                text(Series.COLUMN)
        val builder = Table.builder(columns)
        for (row in centre.summary.rows()) {
            val key = centre.by.map { row.text(it) } + row.value(x.column)
            val ends =
                listOf(
                    low?.get(key) ?: row.value("lower").takeIf { low == null },
                    high?.get(key) ?: row.value("upper").takeIf { high == null },
                )
            builder.row(*(key + row.number("mean") + ends + level).toTypedArray())
        }
        return builder.build()
    }

    /**
     * [layer] without the column [over]: per x and remaining group the mean of its centres and the envelope of its
     * bands.
     */
    internal fun envelope(x: Axis, y: Axis, by: List<String>, over: String, spread: Spread): Table {
        val apart = layer(x, y, by, spread)
        if (!apart.has(over)) return apart
        val builder = Table.builder(apart.columns().filter { it.name() != over })
        val groups =
            apart
                .columns()
                .map { it.name() }
                .filter { it !in listOf(over, "mean", "lower", "upper", Series.COLUMN, x.column) }
        for ((key, rows) in apart.rows().groupBy { row -> groups.map { row.text(it) } + row.value(x.column) }) {
            val lower = rows.map { it.number("lower") }.filter { it.isFinite() }.minOrNull()
            val upper = rows.map { it.number("upper") }.filter { it.isFinite() }.maxOrNull()
            builder.row(*(key + rows.map { it.number("mean") }.average() + lower + upper + level).toTypedArray())
        }
        return builder.build()
    }

    private fun end(column: String, x: Axis, y: Axis, by: List<String>, spread: Spread): Map<List<Any?>, Double> =
        Bands.of(table, x, y.copy(column = column), by, spread).summary.rows().associate { row ->
            (by.map { row.text(it) } + row.value(x.column)) to row.number("mean")
        }
}
