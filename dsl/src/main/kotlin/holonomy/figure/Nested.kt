package holonomy.figure

import holonomy.data.Table
import holonomy.data.Table.quantity
import kotlin.math.abs
import kotlin.math.ln

/**
 * Sizes of marks that coincide: one behind another is larger, so that each is seen where it was measured.
 *
 * @param place columns that say where along x, and in which panel, a mark stands
 * @param y the axis of their values
 * @param shown values that the axis reaches over
 */
internal class Nested(private val place: List<String>, private val y: Axis, shown: List<Double>) {
    private val near =
        shown.filter { y.shows(it) }.map(::scaled).let { if (it.isEmpty()) 0.0 else NEAR * (it.max() - it.min()) }

    /** The rows with their sizes in the column [COLUMN], in drawing order: the last of a place is on top. */
    fun of(table: Table, value: String, size: Double): Table {
        val builder = Table.builder(table.columns() + quantity(COLUMN))
        val places = table.rows().map { row -> place.filter { table.has(it) }.map { row.value(it) } }
        val values = table.rows().map { scaled(it.number(value)) }
        table.rows().forEachIndexed { i, row ->
            val above =
                (i + 1 until table.size()).count { places[it] == places[i] && abs(values[it] - values[i]) <= near }
            val cells = table.columns().map { row.value(it.name()) }
            builder.row(*(cells + (size + STEP * minOf(above, MOST))).toTypedArray())
        }
        return builder.build()
    }

    private fun scaled(value: Double) = if (y.log) ln(value) else value

    companion object {
        const val COLUMN = "size"

        /** Values closer than this share of the axis look the same. */
        private const val NEAR = 0.01
        private const val STEP = 1.5
        private const val MOST = 4
    }
}
