package holonomy.figure

import org.jetbrains.letsPlot.intern.OptionsMap
import org.jetbrains.letsPlot.themes.elementBlank
import org.jetbrains.letsPlot.themes.elementLine
import org.jetbrains.letsPlot.themes.elementRect
import org.jetbrains.letsPlot.themes.elementText
import org.jetbrains.letsPlot.themes.margin
import org.jetbrains.letsPlot.themes.theme

/**
 * The one look of all figures. Sizes are pixels of the SVG, chosen to stay readable when a 720 px figure fills a
 * column.
 */
object Theme {
    /** Goes into the digest of a figure: raise it when the look changes, so that every figure is drawn again. */
    const val VERSION = 2

    const val FAMILY = "DejaVu Sans"

    /** Put into the SVG in place of [FAMILY]: Verdana has the same widths, for readers without DejaVu. */
    const val FAMILY_WITH_FALLBACK = "'DejaVu Sans', Verdana, sans-serif"

    const val TITLE_SIZE = 16
    const val SUBTITLE_SIZE = 12
    const val CAPTION_SIZE = 11
    const val TEXT_SIZE = 12
    const val AXIS_SIZE = 13
    const val STRIP_SIZE = 13

    private const val INK = "#1A1A1A"
    private const val QUIET = "#555555"
    private const val GRID = "#E6E6E6"

    /** The theme as a Lets-Plot feature; what a plot sets itself wins over it. */
    fun house(textSize: Int = TEXT_SIZE, axisSize: Int = AXIS_SIZE, stripSize: Int = STRIP_SIZE): OptionsMap =
        theme(
                text = elementText(family = FAMILY, color = INK, size = textSize),
                plotTitle = elementText(size = TITLE_SIZE, face = "bold", margin = margin(b = 4)),
                plotSubtitle = elementText(size = SUBTITLE_SIZE, color = QUIET, margin = margin(b = 8)),
                plotCaption = elementText(size = CAPTION_SIZE, color = QUIET, hjust = 0, margin = margin(t = 8)),
                axisTitle = elementText(size = axisSize),
                axisText = elementText(size = textSize, color = QUIET),
                axisLine = elementLine(color = QUIET, size = 1),
                axisTicks = elementLine(color = QUIET, size = 1),
                axisLineY = elementBlank(),
                axisTicksY = elementBlank(),
                legendTitle = elementText(size = textSize, face = "bold"),
                legendText = elementText(size = textSize),
                panelGridMajor = elementLine(color = GRID, size = 1),
                panelGridMinor = elementBlank(),
                panelBackground = elementBlank(),
                plotBackground = elementRect(fill = "white", color = "white", size = 0),
                plotMargin = margin(t = 10, r = 14, b = 8, l = 8),
                stripBackground = elementRect(fill = "#F2F2F2", color = "#F2F2F2", size = 0),
                stripText = elementText(size = stripSize, face = "bold"),
                plotMessage = elementBlank(),
            )
            .legendPositionBottom()
}
