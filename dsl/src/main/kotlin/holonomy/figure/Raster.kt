package holonomy.figure

import java.awt.Color
import java.awt.GraphicsEnvironment
import java.awt.image.BufferedImage
import java.awt.image.DataBuffer
import java.awt.image.DataBufferByte
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
    const val VERSION = "4"

    /** Why PNGs cannot be drawn on this machine, and the remedy; null when they can. Looked up once. */
    val obstacle: String? by lazy { look() }

    /** A picture with a palette of 256 colours: plots have few, and the file is a third of the size. */
    fun png(svg: String, size: Size): ByteArray {
        val transcoder = Drawn()
        transcoder.addTranscodingHint(SVGAbstractTranscoder.KEY_WIDTH, (size.width * SCALE).toFloat())
        transcoder.addTranscodingHint(SVGAbstractTranscoder.KEY_HEIGHT, (size.height * SCALE).toFloat())
        transcoder.addTranscodingHint(ImageTranscoder.KEY_BACKGROUND_COLOR, Color.WHITE)
        transcoder.transcode(TranscoderInput(StringReader(svg)), null)
        return written(few(transcoder.image), "png")
    }

    /** Every pixel in the nearest of at most 256 colours, not dithered (Batik's own palette would). */
    private fun few(image: BufferedImage): BufferedImage {
        val pixels = image.getRGB(0, 0, image.width, image.height, null, 0, image.width)
        val palette = palette(pixels)
        val nearest = HashMap<Int, Byte>()
        val model = IndexColorModel(BITS, palette.size, palette, 0, false, -1, DataBuffer.TYPE_BYTE)
        val indexed = BufferedImage(image.width, image.height, BufferedImage.TYPE_BYTE_INDEXED, model)
        val cells = (indexed.raster.dataBuffer as DataBufferByte).data
        for (i in pixels.indices) {
            val same = i > 0 && pixels[i] == pixels[i - 1]
            cells[i] = if (same) cells[i - 1] else nearest.getOrPut(pixels[i]) { nearest(palette, pixels[i]).toByte() }
        }
        return indexed
    }

    /**
     * The colours themselves if they are few; else those that the JDK's GIF writer chooses, the commonest made exact.
     */
    private fun palette(pixels: IntArray): IntArray {
        // The first pixel of each stretch of one colour says which colours there are; how long it is, how common they
        // are.
        val edges = pixels.indices.filter { it == 0 || pixels[it] != pixels[it - 1] }
        val common = HashMap<Int, Int>()
        for ((i, from) in edges.withIndex()) {
            common.merge(pixels[from], edges.getOrElse(i + 1) { pixels.size } - from, Int::plus)
        }
        if (common.size <= COLOURS) return common.keys.toIntArray()
        val rows = edges.size / ROW
        val sample = BufferedImage(ROW, rows, BufferedImage.TYPE_INT_RGB)
        sample.setRGB(0, 0, ROW, rows, IntArray(edges.size) { pixels[edges[it]] }, 0, ROW)
        val chosen = ImageIO.read(written(sample, "gif").inputStream()).colorModel as IndexColorModel
        val colours = IntArray(chosen.mapSize).also(chosen::getRGBs)
        val free = colours.indices.toMutableList()
        for (colour in common.keys.sortedWith(compareBy({ -common.getValue(it) }, { it })).take(EXACT)) {
            val nearest = free.minBy { apart(colours[it], colour) }
            colours[nearest] = colour
            free -= nearest
        }
        return colours
    }

    private fun nearest(palette: IntArray, colour: Int): Int {
        var best = 0
        for (i in 1 until palette.size) if (apart(palette[i], colour) < apart(palette[best], colour)) best = i
        return best
    }

    /** Squared distance of two colours in red, green and blue. */
    private fun apart(a: Int, b: Int): Int {
        val red = (a shr 16 and 0xff) - (b shr 16 and 0xff)
        val green = (a shr 8 and 0xff) - (b shr 8 and 0xff)
        val blue = (a and 0xff) - (b and 0xff)
        return red * red + green * green + blue * blue
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
    private const val BITS = 8
    private const val COLOURS = 1 shl BITS
    private const val ROW = 64
    private const val EXACT = 32
    private const val REMEDY =
        "no fonts found, so figures are written as SVG only; for PNG install fontconfig and a font " +
            "(Debian: apt install fontconfig fonts-dejavu-core libfreetype6)"
}
