package holonomy.figure

import org.jetbrains.letsPlot.intern.Feature
import org.jetbrains.letsPlot.intern.FeatureList
import org.jetbrains.letsPlot.scale.guideLegend
import org.jetbrains.letsPlot.scale.scaleColorManual
import org.jetbrains.letsPlot.scale.scaleFillManual
import org.jetbrains.letsPlot.scale.scaleLinetypeManual
import org.jetbrains.letsPlot.scale.scaleShapeManual

/** How one level of the legend looks; line types and shapes by Lets-Plot's numbers. */
internal data class Look(val level: String, val line: String, val band: String, val type: Int, val shape: Int) {
    companion object {
        private const val BLANK = 0
        private const val SOLID = 1
        private const val DOTTED = 3
        private val DASHES = listOf(2, 5, 4)

        private const val DISC = 16
        private const val DIAMOND = 5
        private const val CROSS = 4
        private const val UP = 2
        private const val DOWN = 6

        /** Too small to be seen. */
        private const val SPECK = 46

        fun measured(level: String, colour: String) = Look(level, colour, colour, SOLID, DISC)

        /** @param points whether single points of it are drawn, which no line shows */
        fun ofNull(level: String, index: Int, points: Boolean): Look {
            val shape = if (points) CROSS else SPECK
            return Look(level, Palette.NULL_LINE, Palette.NULL_BAND, DASHES[index % DASHES.size], shape)
        }

        fun reference(label: String) = Look(label, Palette.REFERENCE, Palette.REFERENCE, DOTTED, SPECK)

        fun bound(kind: Bound): Look {
            val shape = if (kind == Bound.AT_LEAST) UP else DOWN
            return Look(kind.level, Palette.REFERENCE, Palette.REFERENCE, BLANK, shape)
        }

        fun published(label: String) = Look(label, Palette.REFERENCE, Palette.REFERENCE, BLANK, DIAMOND)
    }
}

/**
 * The levels that the marks of a figure tell apart, nulls and references last: one legend for all layers.
 *
 * @property title what the measured levels are
 * @property looks every level, in order
 * @property shown the levels that stand in the legend
 */
internal class Series(private val title: String, private val looks: List<Look>, private val shown: List<String>) {
    /**
     * The scales of colour, fill, line type and shape; the same levels in each, so that Lets-Plot merges their legends.
     */
    fun scales(): Feature {
        val name = if (looks.isNotEmpty() && looks.first().level in shown && title.isNotEmpty()) title + PAD else ""
        val guide: Any? = if (shown.isEmpty()) "none" else legend(name)
        val all = looks.map { it.level }
        val labels = shown.map { it + PAD }
        return FeatureList(
            listOf(
                scaleColorManual(looks.map { it.line }, name, shown, labels, limits = all, guide = guide),
                scaleFillManual(looks.map { it.band }, name, shown, labels, limits = all, guide = guide),
                scaleLinetypeManual(looks.map { it.type }, name, shown, labels, limits = all, guide = guide),
                scaleShapeManual(looks.map { it.shape }, name, shown, labels, limits = all, guide = guide),
            )
        )
    }

    /**
     * One row where it fits below the narrowest figure, else columns of equal width; widths as DejaVu Sans sets them.
     */
    private fun legend(name: String): Any? {
        val room = Size.COLUMN.width - 2 * MARGIN - name.length * CHARACTER
        val widths = shown.map { it.length * CHARACTER + KEY }
        if (widths.sum() <= room) return null
        return guideLegend(ncol = (room / widths.max()).coerceAtLeast(1), byRow = true)
    }

    companion object {
        /** Column that holds the level in every layer. */
        const val COLUMN = "series"

        /**
         * Lets-Plot takes texts for narrower than DejaVu sets them, and the next key would cover their end. It trims
         * spaces, so a character without width follows them.
         */
        const val PAD = "\u00A0\u200B"

        private const val MARGIN = 20
        private const val CHARACTER = 8
        private const val KEY = 36
    }
}
