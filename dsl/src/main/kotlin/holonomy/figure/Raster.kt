package holonomy.figure

import java.awt.Color
import java.awt.GraphicsEnvironment
import java.io.ByteArrayOutputStream
import java.io.StringReader
import org.apache.batik.transcoder.SVGAbstractTranscoder
import org.apache.batik.transcoder.TranscoderInput
import org.apache.batik.transcoder.TranscoderOutput
import org.apache.batik.transcoder.image.ImageTranscoder
import org.apache.batik.transcoder.image.PNGTranscoder

/** SVG to PNG, headless. */
internal object Raster {
    /** Pixels of the PNG per pixel of the SVG. */
    const val SCALE = 2

    /** Why PNGs cannot be drawn on this machine, and the remedy; null when they can. Looked up once. */
    val obstacle: String? by lazy { look() }

    fun png(svg: String, size: Size): ByteArray {
        val transcoder = PNGTranscoder()
        transcoder.addTranscodingHint(SVGAbstractTranscoder.KEY_WIDTH, (size.width * SCALE).toFloat())
        transcoder.addTranscodingHint(SVGAbstractTranscoder.KEY_HEIGHT, (size.height * SCALE).toFloat())
        transcoder.addTranscodingHint(ImageTranscoder.KEY_BACKGROUND_COLOR, Color.WHITE)
        val bytes = ByteArrayOutputStream()
        transcoder.transcode(TranscoderInput(StringReader(svg)), TranscoderOutput(bytes))
        return bytes.toByteArray()
    }

    private fun look(): String? {
        if (System.getProperty("java.awt.headless") == null) System.setProperty("java.awt.headless", "true")
        val found =
            try {
                GraphicsEnvironment.getLocalGraphicsEnvironment().availableFontFamilyNames.size
            } catch (e: Exception) {
                0
            } catch (e: LinkageError) {
                0
            }
        return if (found > 0) null else REMEDY
    }

    private const val REMEDY =
        "no fonts found, so figures are written as SVG only; for PNG install fontconfig and a font " +
            "(Debian: apt install fontconfig fonts-dejavu-core libfreetype6)"
}
