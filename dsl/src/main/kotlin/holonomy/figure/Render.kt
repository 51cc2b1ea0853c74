package holonomy.figure

import org.jetbrains.letsPlot.commons.encoding.UnsupportedRGBEncoder
import org.jetbrains.letsPlot.core.util.PlotSvgExportCommon

/**
 * Draws the specification of a figure; one at a time, since Lets-Plot promises no more (rasterising takes ten times as
 * long).
 */
internal object Render {
    fun svg(dressed: Dressed): String = svg(dressed.spec)

    @Synchronized
    fun svg(spec: MutableMap<String, Any>): String =
        PlotSvgExportCommon.buildSvgImageFromRawSpecs(
            spec,
            rgbEncoder = UnsupportedRGBEncoder(),
            useCssPixelatedImageRendering = false,
        )
}
