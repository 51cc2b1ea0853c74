package holonomy.figure

import holonomy.data.Table

/**
 * Where a curve must be broken: at an x that has rows but no value that can be drawn. A line across it would show
 * values that are undefined.
 *
 * @param by columns whose levels are curves of their own
 */
internal class Gaps(table: Table, private val x: Axis, private val y: Axis, private val by: List<String>) {
    private val numeric = table.columns().first { it.name() == x.column }.type() != Table.Type.TEXT
    private val ofCurve = holes(table, by)
    private val ofSeed = if (table.has(Bands.SEED)) holes(table, by + Bands.SEED) else emptyMap()

    /** What is added to the name of a curve's part that stands right of a gap; nothing left of the first. */
    fun after(row: Table.Row): String = part(ofCurve[by.map { row.text(it) }], row)

    /** The same for the curve of one seed. */
    fun afterOfSeed(row: Table.Row): String = part(ofSeed[(by + Bands.SEED).map { row.text(it) }], row)

    private fun part(holes: List<Double>?, row: Table.Row): String {
        val before = holes.orEmpty().count { it < row.number(x.column) }
        return if (before == 0) "" else " / after gap $before"
    }

    private fun holes(table: Table, columns: List<String>): Map<List<String>, List<Double>> {
        if (!numeric) return emptyMap()
        val places = table.rows().groupBy { row -> columns.map { row.text(it) } to row.number(x.column) }
        return places
            .filter { (_, rows) -> rows.none { y.shows(it.number(y.column)) } }
            .keys
            .groupBy({ it.first }, { it.second })
    }
}
