package holonomy.figure

import org.jetbrains.letsPlot.commons.encoding.UnsupportedRGBEncoder
import org.jetbrains.letsPlot.core.util.PlotSvgExportCommon

/** Draws a dressed figure; one at a time, since Lets-Plot promises no more (rasterising takes ten times as long). */
internal object Render {
    @Synchronized
    fun svg(dressed: Dressed): String =
        PlotSvgExportCommon.buildSvgImageFromRawSpecs(
            dressed.spec,
            rgbEncoder = UnsupportedRGBEncoder(),
            useCssPixelatedImageRendering = false,
        )
}
