package holonomy.cli

import holonomy.data.Table

/** Rows as lines with aligned columns under their names; numbers to the right. */
internal fun textTable(names: List<String>, rows: List<List<String>>, right: Set<Int> = emptySet()): List<String> {
    val widths = names.indices.map { i -> maxOf(names[i].length, rows.maxOfOrNull { it[i].length } ?: 0) }
    return (listOf(names) + rows).map { row ->
        row.withIndex()
            .joinToString("  ") { (i, cell) -> if (i in right) cell.padStart(widths[i]) else cell.padEnd(widths[i]) }
            .trimEnd()
    }
}

/** A table as lines; a missing value is empty. */
internal fun textTable(table: Table): List<String> {
    val columns = table.columns()
    val rows = table.rows().map { row -> columns.map { row.value(it.name())?.toString().orEmpty() } }
    val right = columns.indices.filter { columns[it].type() != Table.Type.TEXT }.toSet()
    return textTable(columns.map { it.name() }, rows, right)
}

/** A table as a list of maps, one per row. */
internal fun rowsOf(table: Table): List<Map<String, Any?>> =
    table.rows().map { row -> table.columns().associate { it.name() to row.value(it.name()) } }

/** Bytes as `812 B`, `3.4 kB`, `1.2 GB`; powers of 1000. */
internal fun size(bytes: Long): String {
    var value = bytes.toDouble()
    var unit = 0
    while (value >= 999.5 && unit < UNITS.lastIndex) {
        value /= 1000
        unit++
    }
    return if (unit == 0) "$bytes B"
    else "%.${if (value < 9.95) 1 else 0}f %s".format(java.util.Locale.ROOT, value, UNITS[unit])
}

private val UNITS = listOf("B", "kB", "MB", "GB", "TB")

/** A time span as `12 s`, `5 min`, `3 h`, `2 d`. */
internal fun age(seconds: Long): String =
    when {
        seconds < 100 -> "${maxOf(0, seconds)} s"
        seconds < 100 * 60 -> "${seconds / 60} min"
        seconds < 48 * 3600 -> "${seconds / 3600} h"
        else -> "${seconds / 86400} d"
    }
