package holonomy.figure

import holonomy.data.Table
import holonomy.data.Table.quantity

/**
 * Where marks stand along x: a quantity where it was measured, nowhere else; a name at the place of its category (0, 1,
 * ...), the levels of one category side by side. Places are columns of the rows drawn, so the CSV has them.
 *
 * @param categories names along a text x, in order; null where x is a quantity
 * @param levels what stands side by side within a category
 */
internal class Places(private val x: Axis, private val categories: List<String>?, private val levels: List<String>) {
    /** Column that holds the place of a row. */
    val column: String
        get() = if (categories == null) x.column else COLUMN

    /** Rows with their places; a row of none of the levels stands in the middle of its category. */
    fun of(table: Table, level: (Table.Row) -> String? = { null }): Table = placed(table) { offset(level(it)) }

    /** The same for single seeds: left of their mean where no other level stands beside it. */
    fun ofSeeds(table: Table, level: (Table.Row) -> String?): Table =
        placed(table) { if (levels.size > 1) offset(level(it)) else -ASIDE }

    private fun placed(table: Table, offset: (Table.Row) -> Double): Table {
        val names = categories ?: return table
        val builder = Table.builder(table.columns() + quantity(COLUMN))
        for (row in table.rows()) {
            val cells = table.columns().map { row.value(it.name()) }
            builder.row(*(cells + (names.indexOf(row.text(x.column)) + offset(row))).toTypedArray())
        }
        return builder.build()
    }

    private fun offset(level: String?): Double {
        val index = levels.indexOf(level)
        return if (index < 0) 0.0 else (index - (levels.size - 1) / 2.0) * SIDE_BY_SIDE / levels.size
    }

    /** The axis with the categories' names at their places. */
    fun axis(): Axis {
        val names = categories ?: return x
        return x.copy(from = -MARGIN, to = names.size - 1 + MARGIN, breaks = names.indices.map { it.toDouble() })
    }

    /** What stands at the ticks of [axis]; null: numbers. Lets-Plot cuts it off behind 20 characters. */
    val labels: List<String>?
        get() = categories

    companion object {
        /** Column of the places of a text x. */
        const val COLUMN = "drawn at"

        /** Widths and distances in distances of two categories. */
        private const val SIDE_BY_SIDE = 0.5
        private const val ASIDE = 0.18
        private const val MARGIN = 0.6
    }
}
