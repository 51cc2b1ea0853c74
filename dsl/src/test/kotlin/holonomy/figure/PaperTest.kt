package holonomy.figure

import holonomy.Nightly
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldContainAll
import io.kotest.matchers.collections.shouldNotContain
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import java.nio.file.Files
import java.nio.file.Path
import org.apache.pdfbox.Loader
import org.apache.pdfbox.pdmodel.PDDocument
import org.apache.pdfbox.text.PDFTextStripper
import org.apache.pdfbox.text.TextPosition

/** Figures for papers, opened by a library that had no part in making them. */
class PaperTest :
    FreeSpec({
        tags(Nightly)

        // To look at, too.
        val folder = Path.of("target", "paper").apply { toFile().deleteRecursively() }
        val figures = Examples.all()
        val exporter = Exporter(folder, paper = true)
        val exported = figures.associateWith { exporter.export(it, Examples.context) }
        fun pdf(figure: Figure): PDDocument = Loader.loadPDF(folder.resolve("${figure.name}.pdf").toFile())

        "each figure is one page of a column's width, and named among its files" {
            for ((figure, one) in exported) withClue(figure.name) {
                one.files.map { it.fileName.toString().substringAfterLast('.') } shouldBe
                    listOf("svg", "png", "pdf", "csv", "json")
                one.warning shouldBe null
                pdf(figure).use {
                    it.numberOfPages shouldBe 1
                    it.getPage(0).mediaBox.width.toDouble() shouldBe (237.0 plusOrMinus 1e-3)
                    (it.getPage(0).mediaBox.height in 100f..700f) shouldBe true
                }
            }
        }

        "all text is 8 pt, inside the page, in fonts that the file brings along" {
            for (figure in figures) withClue(figure.name) {
                pdf(figure).use { document ->
                    val page = document.getPage(0)
                    val text = Words(document).found
                    text
                        .filter { it.sizeInPoints !in 7.95..8.05 }
                        .map { "${it.unicode} ${it.sizeInPoints}" }
                        .shouldBeEmpty()
                    text
                        .filter {
                            it.xDirAdj < 0 && it.dir == 0f || it.outside(page.mediaBox.width, page.mediaBox.height)
                        }
                        .map { it.unicode }
                        .shouldBeEmpty()
                    val fonts = page.resources.fontNames.map { page.resources.getFont(it) }
                    fonts.filter { !it.isEmbedded }.map { it.name }.shouldBeEmpty()
                    fonts.isEmpty() shouldBe false
                }
            }
        }

        "axes, panels and the legend's entries are there to be read and searched; title and caption are not" {
            val one = figures.single { it.name == "r90-one-panel" }
            val flat = pdf(one).use { PDFTextStripper().getText(it) }.split(Regex("\\s+")).joinToString(" ")
            for (entry in Examples.matrices + listOf("layer", "null: uncorrelated walk")) withClue(entry) {
                flat.contains(entry) shouldBe true
            }
            flat.contains(one.title) shouldBe false
        }

        "two drawings of a figure are the same bytes, and another figure's are others" {
            val again = tempdir().toPath()
            val bytes =
                figures.map { figure ->
                    val drawn = Exporter(again, paper = true).export(figure, Examples.context)
                    val file = drawn.files.single { it.toString().endsWith(".pdf") }
                    withClue(figure.name) {
                        Files.mismatch(file, folder.resolve(file.fileName)) shouldBe -1L
                        pdf(figure).use {
                            it.document.documentID.getString(0) shouldBe it.document.documentID.getString(1)
                        }
                    }
                    Files.readString(file, Charsets.ISO_8859_1)
                }
            bytes.distinct().size shouldBe figures.size
        }

        "an earlier export without it gets its PDF, one that has it is left alone" {
            val again = tempdir().toPath()
            val figure = Examples.overSteps()
            Exporter(again).export(figure, Examples.context).files.map { it.toString().takeLast(3) } shouldNotContain
                "pdf"
            val first = Exporter(again, paper = true).export(figure, Examples.context)
            first.drawn shouldBe true
            first.files.map { it.toString().takeLast(3) } shouldContain "pdf"
            Exporter(again, paper = true).export(figure, Examples.context).drawn shouldBe false
            val kept = Exporter(again).export(figure, Examples.context)
            kept.drawn shouldBe false
            kept.files shouldContainAll first.files
        }

        "a figure drawn anew leaves no PDF of before beside it" {
            val again = tempdir().toPath()
            val figure = Examples.overSteps()
            Exporter(again, paper = true).export(figure, Examples.context)
            Exporter(again).export(figure.with(title = "another"), Examples.context).drawn shouldBe true
            Files.exists(again.resolve("${figure.name}.pdf")) shouldBe false
        }
    })

/** Every character that has ink, with its size as it is printed. */
private class Words(document: PDDocument) : PDFTextStripper() {
    val found = mutableListOf<TextPosition>()

    init {
        getText(document)
    }

    override fun processTextPosition(text: TextPosition) {
        if (text.unicode.isNotBlank() && text.unicode != "\u200B") found += text
        super.processTextPosition(text)
    }
}

/** Font size times the scale across the line. */
private val TextPosition.sizeInPoints: Double
    get() = textMatrix.let { kotlin.math.hypot(it.scaleX.toDouble(), it.shearY.toDouble()) }

private fun TextPosition.outside(width: Float, height: Float): Boolean {
    val (x, y) = textMatrix.translateX to textMatrix.translateY
    val along = if (dir == 0f) x + this.width else x
    return x < 0 || y < 0 || along > width + 0.5 || y > height
}
