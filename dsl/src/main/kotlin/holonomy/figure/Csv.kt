package holonomy.figure

/** The rows drawn, as RFC 4180 CSV in UTF-8: one header, `.` as decimal sign, shortest numbers, missing cells empty. */
internal object Csv {
    /** All layers below each other, the union of their columns, with the layer's role first when there are several. */
    fun of(layers: List<DrawnLayer>): String {
        val filled = layers.filter { it.table.size() > 0 }
        val columns = filled.flatMap { layer -> layer.table.columns().map { it.name() } }.distinct()
        val several = layers.size > 1
        val text = StringBuilder(line((if (several) listOf("layer role") else emptyList()) + columns))
        for (layer in filled) {
            for (row in layer.table.rows()) {
                val cells = columns.map { if (layer.table.has(it)) cell(row.value(it)) else "" }
                text.append(line((if (several) listOf(layer.role) else emptyList()) + cells))
            }
        }
        return text.toString()
    }

    private fun cell(value: Any?): String =
        when (value) {
            null -> ""
            is Double -> number(value)
            else -> value.toString()
        }

    private fun number(value: Double): String =
        if (value == Math.rint(value) && Math.abs(value) < 1e15) value.toLong().toString() else value.toString()

    private fun line(cells: List<String>): String = cells.joinToString(",", postfix = "\n") { quoted(it) }

    private fun quoted(cell: String): String =
        if (cell.any { it in ",\"\n\r" }) "\"" + cell.replace("\"", "\"\"") + "\"" else cell
}
