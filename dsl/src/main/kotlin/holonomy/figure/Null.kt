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
    /**
     * What is drawn of it: per x and group, columns [by] that it has, x, `mean`, `lower`, `upper`; the given interval
     * in place of the spread where there is one, its ends averaged over seeds.
     *
     * Levels of [over] stand in one panel, where their bands would cover each other: they are pooled, unless they are
     * all the same.
     */
    internal fun drawn(x: Axis, y: Axis, by: List<String>, over: String?, spread: Spread): DrawnNull {
        val apart = apart(x, y, by.filter { table.has(it) }, spread)
        val own = by.filter { table.has(it) && it != over }
        if (over == null || !apart.has(over)) return DrawnNull(label, apart, own, false)
        val kept = apart.columns().map { it.name() }.filter { it !in listOf(over, "mean", "lower", "upper") }
        val builder = Table.builder(apart.columns().filter { it.name() != over })
        var pooled = false
        for ((key, rows) in apart.rows().groupBy { row -> kept.map { row.value(it) } }) {
            pooled = pooled || rows.distinctBy { row -> ENDS.map { row.value(it) } }.size > 1
            val lower = rows.map { it.number("lower") }.filter { it.isFinite() }.minOrNull()
            val upper = rows.map { it.number("upper") }.filter { it.isFinite() }.maxOrNull()
            builder.row(*(key + rows.map { it.number("mean") }.average() + lower + upper).toTypedArray())
        }
        return DrawnNull(label, builder.build(), own, pooled)
    }

    private fun apart(x: Axis, y: Axis, by: List<String>, spread: Spread): Table {
        val centre = Bands.of(table, x, y.copy(column = value), by, spread)
        val low = lower?.let { end(it, x, y, by) }
        val high = upper?.let { end(it, x, y, by) }
        val columns = centre.by.map { text(it) } + centre.raw.columns().first { it.name() == x.column }
        val builder = Table.builder(columns + ENDS.map(::quantity))
        for (row in centre.summary.rows()) {
            val key = centre.by.map { row.text(it) } + row.value(x.column)
            val ends =
                listOf(
                    if (low == null) row.value("lower") else low[key],
                    if (high == null) row.value("upper") else high[key],
                )
            builder.row(*(key + row.number("mean") + ends).toTypedArray())
        }
        return builder.build()
    }

    private fun end(column: String, x: Axis, y: Axis, by: List<String>): Map<List<Any?>, Double> {
        val ends = Bands.of(table, x, y.copy(column = column), by, Spread.RANGE)
        return ends.summary.rows().associate { row ->
            (ends.by.map { row.text(it) } + row.value(x.column)) to row.number("mean")
        }
    }

    private companion object {
        val ENDS = listOf("mean", "lower", "upper")
    }
}

/**
 * A null as a figure draws it.
 *
 * @param table per x and level of [by] `mean`, `lower`, `upper`
 * @property pooled whether it is brought together over levels that differ
 */
internal class DrawnNull(label: String, table: Table, by: List<String>, val pooled: Boolean) {
    /** What the legend says. */
    val level = "null: $label" + if (pooled) ", pooled" else ""

    /** Its rows, with their level and the curve that they are part of. */
    val rows: Table =
        table
            .with(Series.COLUMN) { level }
            .with(Geoms.RUN) { row -> (by.map { row.text(it) } + level).joinToString(" / ") }
}
