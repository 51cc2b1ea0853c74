package holonomy.figure

import org.jetbrains.letsPlot.commons.encoding.UnsupportedRGBEncoder
import org.jetbrains.letsPlot.core.util.PlotSvgExportCommon

/** Draws a dressed figure. */
internal object Render {
    fun svg(dressed: Dressed): String =
        PlotSvgExportCommon.buildSvgImageFromRawSpecs(
            dressed.spec,
            rgbEncoder = UnsupportedRGBEncoder(),
            useCssPixelatedImageRendering = false,
        )
}
