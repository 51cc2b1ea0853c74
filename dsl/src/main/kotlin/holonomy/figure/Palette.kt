package holonomy.figure

/** What the levels of a colour mean; each scheme gives a level the same colour in every figure. */
enum class Scheme {
    /** Weight matrices of a layer: W_Q, W_K, W_V, W_O, and the two of the MLP. */
    MATRIX,

    /** Numbers of markers m, 1 to 8. */
    MARKERS,

    /** Layer indices, dark (first) to light (last). */
    LAYER,

    /** Arms of an experiment, in the order in which they are named. */
    ARM;

    companion object {
        /** The scheme that a column's name implies. */
        fun of(column: String): Scheme =
            when {
                column == "matrix" || column == "block" -> MATRIX
                column == "m" || column.startsWith("m_") -> MARKERS
                column == "layer" -> LAYER
                else -> ARM
            }
    }
}

/**
 * The fixed colours of all figures. Every scheme keeps its colours apart for normal sight and for protanopia,
 * deuteranopia and tritanopia (tested as distances in CIE Lab).
 */
object Palette {
    /** Line of a null, always dashed or dotted. */
    const val NULL_LINE = "#6B6B6B"

    /** Band of a null, always grey. */
    const val NULL_BAND = "#8C8C8C"

    /** Published values, and reference lines such as a chance level. */
    const val REFERENCE = "#1A1A1A"

    /**
     * W_Q and W_K are blue, W_V and W_O orange, the MLP's green and purple: the groups that claims compare look alike.
     */
    val matrices: Map<String, String> =
        linkedMapOf(
            "W_Q" to "#08519C",
            "W_K" to "#56B4E9",
            "W_V" to "#B8400A",
            "W_O" to "#F0A020",
            "W_1" to "#00735A",
            "W_2" to "#C77CB0",
        )

    /** The products of a head's matrices, which never stand beside the MLP's. */
    private val products: Map<String, String> =
        mapOf("W_Q'W_K" to matrices.getValue("W_1"), "W_O W_V" to matrices.getValue("W_2"))

    /** Colours of m = 1 to 8. */
    val markers: List<String> =
        listOf("#332288", "#3FA7DE", "#117733", "#D9A82B", "#C4475B", "#7A1F52", "#5FD0B5", "#8C8C1F")

    /** Colours of layers 0 to 7. */
    val layers: List<String> =
        listOf("#2B0B45", "#472F7D", "#39568C", "#2A788E", "#1F988B", "#35B779", "#7AD151", "#C8D92A")

    /** Colours of arms, in order. */
    val arms: List<String> =
        listOf("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#8A6D3B")

    /**
     * The distinct levels in the scheme's own order: matrices as in the model, numbers by size, anything else as it
     * comes.
     */
    fun ordered(scheme: Scheme, levels: Iterable<String>): List<String> {
        val distinct = levels.distinct()
        return when {
            scheme == Scheme.MATRIX -> {
                val known = matrices.keys.toList()
                distinct.sortedBy { known.indexOf(it).let { i -> if (i < 0) known.size else i } }
            }
            distinct.all { it.toDoubleOrNull() != null } -> distinct.sortedBy { it.toDouble() }
            else -> distinct
        }
    }

    /** The colour of every level, in order; a level that the scheme doesn't know takes the next colour of the arms. */
    fun colours(scheme: Scheme, levels: List<String>): Map<String, String> {
        val fixed = levels.associateWith { fixedColour(scheme, it) }
        val spare = arms.filterNot { it in fixed.values }.iterator()
        var next = 0
        return fixed.mapValues { (_, colour) ->
            colour ?: if (spare.hasNext()) spare.next() else arms[next++ % arms.size]
        }
    }

    private fun fixedColour(scheme: Scheme, level: String): String? =
        when (scheme) {
            Scheme.MATRIX -> matrices[level] ?: products[level]
            Scheme.MARKERS -> level.toIntOrNull()?.let { markers.getOrNull(it - 1) }
            Scheme.LAYER -> level.toIntOrNull()?.let { layers.getOrNull(it) }
            Scheme.ARM -> null
        }
}
