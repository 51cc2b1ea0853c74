package holonomy.figure

import java.awt.Color
import java.awt.GraphicsEnvironment
import java.awt.image.BufferedImage
import java.awt.image.IndexColorModel
import java.io.ByteArrayOutputStream
import java.io.StringReader
import javax.imageio.IIOImage
import javax.imageio.ImageIO
import javax.imageio.ImageWriteParam
import javax.imageio.stream.MemoryCacheImageOutputStream
import org.apache.batik.transcoder.SVGAbstractTranscoder
import org.apache.batik.transcoder.TranscoderInput
import org.apache.batik.transcoder.TranscoderOutput
import org.apache.batik.transcoder.image.ImageTranscoder

/** SVG to PNG, headless. */
internal object Raster {
    /** Pixels of the PNG per pixel of the SVG. */
    const val SCALE = 2

    /** Of the pixels: another one has figures drawn again. */
    const val VERSION = "2"

    /** Why PNGs cannot be drawn on this machine, and the remedy; null when they can. Looked up once. */
    val obstacle: String? by lazy { look() }

    /** A picture with a palette of 256 colours: plots have few, and the file is a third of the size. */
    fun png(svg: String, size: Size): ByteArray {
        val transcoder = Drawn()
        transcoder.addTranscodingHint(SVGAbstractTranscoder.KEY_WIDTH, (size.width * SCALE).toFloat())
        transcoder.addTranscodingHint(SVGAbstractTranscoder.KEY_HEIGHT, (size.height * SCALE).toFloat())
        transcoder.addTranscodingHint(ImageTranscoder.KEY_BACKGROUND_COLOR, Color.WHITE)
        transcoder.transcode(TranscoderInput(StringReader(svg)), null)
        // The JDK's GIF writer chooses the palette, and doesn't dither; Batik's own would.
        val few = ImageIO.read(written(transcoder.image, "gif").inputStream())
        return written(onWhite(few), "png")
    }

    /** The palette's entry for the paper, taken at a corner, made white again: it is a mean with its neighbours. */
    private fun onWhite(image: BufferedImage): BufferedImage {
        val palette = image.colorModel as IndexColorModel
        val colours = IntArray(palette.mapSize).also(palette::getRGBs)
        colours[image.raster.getSample(0, 0, 0)] = Color.WHITE.rgb
        val model = IndexColorModel(palette.pixelSize, colours.size, colours, 0, false, -1, image.raster.transferType)
        return BufferedImage(model, image.raster, false, null)
    }

    private class Drawn : ImageTranscoder() {
        lateinit var image: BufferedImage

        override fun createImage(width: Int, height: Int) = BufferedImage(width, height, BufferedImage.TYPE_INT_RGB)

        override fun writeImage(image: BufferedImage, output: TranscoderOutput?) {
            this.image = image
        }
    }

    private fun written(image: BufferedImage, format: String): ByteArray {
        val writer = ImageIO.getImageWritersByFormatName(format).next()
        val bytes = ByteArrayOutputStream()
        val settings = writer.defaultWriteParam
        if (format == "png") {
            settings.compressionMode = ImageWriteParam.MODE_EXPLICIT
            settings.compressionQuality = SMALLEST
        }
        MemoryCacheImageOutputStream(bytes).use {
            writer.output = it
            writer.write(null, IIOImage(image, null, null), settings)
        }
        writer.dispose()
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

    private const val SMALLEST = 0f
    private const val REMEDY =
        "no fonts found, so figures are written as SVG only; for PNG install fontconfig and a font " +
            "(Debian: apt install fontconfig fonts-dejavu-core libfreetype6)"
}
