package holonomy.text

import holonomy.data.Table

/** Rows as lines with aligned columns under their names; numbers to the right. */
fun textTable(names: List<String>, rows: List<List<String>>, right: Set<Int> = emptySet()): List<String> {
    val widths = names.indices.map { i -> maxOf(names[i].length, rows.maxOfOrNull { it[i].length } ?: 0) }
    return (listOf(names) + rows).map { row ->
        row.withIndex()
            .joinToString("  ") { (i, cell) -> if (i in right) cell.padStart(widths[i]) else cell.padEnd(widths[i]) }
            .trimEnd()
    }
}

/** A table as lines; a missing value is empty. */
fun textTable(table: Table): List<String> {
    val columns = table.columns()
    val rows = table.rows().map { row -> columns.map { row.value(it.name())?.toString().orEmpty() } }
    val right = columns.indices.filter { columns[it].type() != Table.Type.TEXT }.toSet()
    return textTable(columns.map { it.name() }, rows, right)
}

/** A table as a list of maps, one per row. */
fun rowsOf(table: Table): List<Map<String, Any?>> =
    table.rows().map { row -> table.columns().associate { it.name() to row.value(it.name()) } }
