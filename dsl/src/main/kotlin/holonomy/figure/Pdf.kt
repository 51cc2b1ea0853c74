package holonomy.figure

import java.io.ByteArrayOutputStream
import java.io.StringReader
import java.util.Date
import org.apache.batik.transcoder.SVGAbstractTranscoder
import org.apache.batik.transcoder.TranscoderInput
import org.apache.batik.transcoder.TranscoderOutput
import org.apache.fop.configuration.Configuration
import org.apache.fop.configuration.DefaultConfigurationBuilder
import org.apache.fop.events.DefaultEventBroadcaster
import org.apache.fop.fonts.FontEventAdapter
import org.apache.fop.fonts.autodetect.FontFileFinder
import org.apache.fop.svg.AbstractFOPTranscoder
import org.apache.fop.svg.PDFTranscoder

/** SVG to PDF: lines stay lines, text stays text, in fonts that the file brings along. */
internal object Pdf {
    /** Of a figure's record: another one has its PDF made again. */
    val DRAWN_WITH: String by lazy { "look ${Paper.VERSION}, fop ${Digest.fop}" }

    /** Why no PDF can be made on this machine, and the remedy; null when it can. Looked up once. */
    val obstacle: String? by lazy { Raster.obstacle ?: if (fonts.size == FILES.size) null else REMEDY }

    /** One page, [Paper.PIXELS_PER_POINT] pixels a point. Equal pictures are equal bytes: no time, no chance. */
    fun of(svg: String, size: Size): ByteArray {
        val transcoder = Timeless()
        transcoder.configure(configuration)
        transcoder.addTranscodingHint(AbstractFOPTranscoder.KEY_STROKE_TEXT, false)
        transcoder.addTranscodingHint(SVGAbstractTranscoder.KEY_WIDTH, size.width.toFloat())
        transcoder.addTranscodingHint(SVGAbstractTranscoder.KEY_HEIGHT, size.height.toFloat())
        transcoder.addTranscodingHint(SVGAbstractTranscoder.KEY_PIXEL_UNIT_TO_MILLIMETER, MILLIMETRES)
        val bytes = ByteArrayOutputStream()
        transcoder.transcode(TranscoderInput(StringReader(svg.replace(INVISIBLE, ""))), TranscoderOutput(bytes))
        return identified(bytes.toString(Charsets.ISO_8859_1)).toByteArray(Charsets.ISO_8859_1)
    }

    /** The PDF known by a digest of what it holds, in the place of the number drawn for it. */
    private fun identified(pdf: String): String {
        val (before, after) =
            pdf.split(ID).also { check(it.size == 2) { "expected one /ID in a PDF, found ${it.size - 1}" } }
        val digest = Digest.hex((before + after).toByteArray(Charsets.ISO_8859_1)).take(ID_DIGITS).uppercase()
        return "$before/ID [<$digest> <$digest>]$after"
    }

    /** Says that it was made when time began. */
    private class Timeless : PDFTranscoder() {
        override fun setupImageInfrastructure(documentURI: String?) {
            super.setupImageInfrastructure(documentURI)
            graphics.pdfDocument.info.creationDate = Date(0)
        }
    }

    /** Weight to file of each of [FILES] that this machine has. */
    private val fonts: Map<String, String> by lazy {
        val all = FontFileFinder(FontEventAdapter(DefaultEventBroadcaster())).find().map { it.toString() }
        FILES.mapNotNull { (weight, name) -> all.firstOrNull { it.endsWith("/$name") }?.let { weight to it } }.toMap()
    }

    /** Names the fonts' files, so that they are found without looking through all of the machine's at every picture. */
    private val configuration: Configuration by lazy {
        val entries =
            fonts.entries.joinToString("") { (weight, file) ->
                "<font embed-url=\"${SvgText.escaped(file)}\">" +
                    "<font-triplet name=\"${Theme.FAMILY}\" style=\"normal\" weight=\"$weight\"/></font>"
            }
        DefaultConfigurationBuilder().build("<cfg><fonts>$entries</fonts></cfg>".byteInputStream())
    }

    private val FILES = mapOf("normal" to "DejaVuSans.ttf", "bold" to "DejaVuSans-Bold.ttf")

    /** Characters without width, which Lets-Plot needs and fonts lack. */
    private const val INVISIBLE = "\u200B"

    private const val ID_DIGITS = 32
    private val ID = Regex("/ID \\[<[0-9A-F]{$ID_DIGITS}> <[0-9A-F]{$ID_DIGITS}>]")

    private val MILLIMETRES = (25.4 / 72 / Paper.PIXELS_PER_POINT).toFloat()
    private const val REMEDY =
        "the font ${Theme.FAMILY} was not found, so no PDF was made for papers; install it " +
            "(Debian: apt install fonts-dejavu-core)"
}
