package holonomy.figure

import holonomy.data.Table
import holonomy.data.Table.quantity
import holonomy.data.Table.text
import holonomy.data.Table.whole
import holonomy.statistic.OwnIntervals

/**
 * A long table brought together over seeds: the rows that can be drawn, and per x and group mean, spread and n.
 *
 * The seed is the unit: two rows of one seed at one x in one group are an error, because their mean would hide a
 * column.
 *
 * @property raw drawable rows: the columns of [by] as text, seed as text, x, y, and [OWN] where the table has them
 * @property summary the columns of [by] as text, x, `mean`, `lower`, `upper` (missing for n = 1), `n` (whole)
 * @property dropped number of rows without a drawable x or y
 */
class Bands
private constructor(
    val by: List<String>,
    val x: Axis,
    val y: Axis,
    val raw: Table,
    val summary: Table,
    val dropped: Int,
) {
    /** Smallest and largest number of seeds behind a mean; null when nothing is drawn. */
    val n: IntRange?
        get() {
            val counts = summary.rows().map { it.number("n").toInt() }
            return if (counts.isEmpty()) null else counts.min()..counts.max()
        }

    companion object {
        /** Name of the seed's column. */
        const val SEED = "seed"

        /** Ends of how far a row's own value is known, apart from other seeds; a table may have them. */
        val OWN = listOf(OwnIntervals.LOWER, OwnIntervals.UPPER)

        /**
         * Brings a table together over its column `seed`; without that column every row is its own mean.
         *
         * @param by columns whose levels are kept apart
         */
        fun of(table: Table, x: Axis, y: Axis, by: List<String>, spread: Spread): Bands {
            (by + x.column + y.column).forEach { requireColumn(table, it) }
            val groups = by.distinct() - x.column
            val drawable = table.where { x.showsCell(it) && y.shows(it.number(y.column)) }
            val raw = raw(drawable, x, y, groups)
            return Bands(groups, x, y, raw, summary(raw, x, y, groups, spread), table.size() - drawable.size())
        }

        private fun raw(table: Table, x: Axis, y: Axis, by: List<String>): Table {
            val seeded = table.has(SEED)
            val own = OWN.filter { table.has(it.name()) }
            val columns =
                by.map { text(it) } +
                    text(SEED) +
                    table.columns().first { it.name() == x.column } +
                    quantity(y.column) +
                    own
            val builder = Table.builder(columns)
            for (row in sorted(table, by, x)) {
                val cells = by.map { row.text(it) } + (if (seeded) row.text(SEED) else "")
                val ends = own.map { row.value(it) }
                builder.row(*(cells + row.value(x.column) + row.number(y.column) + ends).toTypedArray())
            }
            return builder.build()
        }

        private fun summary(raw: Table, x: Axis, y: Axis, by: List<String>, spread: Spread): Table {
            val xColumn = raw.columns().first { it.name() == x.column }
            val builder =
                Table.builder(
                    by.map { text(it) } + xColumn + listOf("mean", "lower", "upper").map(::quantity) + whole("n")
                )
            for ((key, rows) in raw.rows().groupBy { row -> by.map { row.text(it) } + row.value(x.column) }) {
                requireOnePerSeed(rows, key, by, x)
                val bySeed = rows.sortedBy { it.text(SEED).toLongOrNull() ?: 0 } // as claims have them
                val values = DoubleArray(rows.size) { bySeed[it].number(y.column) }
                val possible = key.firstNotNullOfOrNull { y.possibleOf[it.toString()] } ?: y.possible
                val ends =
                    if (spread == Spread.OWN) own(rows.single(), y) else spread.of(values, y.scale).within(possible)
                builder.row(*(key + listOf(ends.mean, ends.lower, ends.upper, rows.size)).toTypedArray())
            }
            return builder.build()
        }

        private fun own(row: Table.Row, y: Axis): Ends {
            val (lower, upper) = OWN.map { row.number(it) }
            return Ends(row.number(y.column), lower, upper)
        }

        private fun requireOnePerSeed(rows: List<Table.Row>, key: List<Any?>, by: List<String>, x: Axis) {
            val twice = rows.groupBy { it.text(SEED) }.entries.firstOrNull { it.value.size > 1 } ?: return
            val place = (by + x.column).zip(key).joinToString { (name, value) -> "$name $value" }
            throw IllegalArgumentException(
                "seed '${twice.key}' has ${twice.value.size} rows at $place, expected one: " +
                    "give the column that tells them apart as colour or facet, or bring them together first"
            )
        }
    }
}

/**
 * Rows ordered by the levels of [by] in their scheme's order, then by x: the order in which legends and facets show
 * them.
 */
internal fun sorted(table: Table, by: List<String>, x: Axis): List<Table.Row> {
    val ranks = by.associateWith { column -> levels(table, column).withIndex().associate { it.value to it.index } }
    val byLevel = by.map { column -> { row: Table.Row -> ranks.getValue(column).getValue(row.text(column)) } }
    val numeric = table.columns().first { it.name() == x.column }.type() != Table.Type.TEXT
    val byX = if (numeric) listOf({ row: Table.Row -> row.number(x.column) }) else emptyList()
    val keys = byLevel + byX
    return if (keys.isEmpty()) table.rows() else table.rows().sortedWith(compareBy(*keys.toTypedArray()))
}

/** Distinct levels of a column, in their scheme's order. */
internal fun levels(table: Table, column: String): List<String> =
    Palette.ordered(Scheme.of(column), table.rows().map { it.text(column) })

internal fun Axis.showsCell(row: Table.Row): Boolean {
    val cell = row.value(column)
    return if (cell is String) true else cell != null && shows((cell as Number).toDouble())
}

internal fun requireColumn(table: Table, column: String) {
    require(table.has(column)) {
        "no column '$column' to draw; the table has ${table.columns().joinToString { it.name() }}"
    }
}
