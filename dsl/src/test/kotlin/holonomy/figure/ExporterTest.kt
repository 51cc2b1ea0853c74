package holonomy.figure

import com.fasterxml.jackson.databind.ObjectMapper
import holonomy.Nightly
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import io.kotest.matchers.types.shouldBeInstanceOf
import java.awt.Color
import java.awt.image.BufferedImage
import java.awt.image.IndexColorModel
import java.io.IOException
import java.nio.file.Files
import java.nio.file.Path
import javax.imageio.ImageIO
import javax.xml.parsers.DocumentBuilderFactory

class ExporterTest :
    FreeSpec({
        // To look at, too.
        val folder = Path.of("target", "figures").apply { toFile().deleteRecursively() }
        val figures = Examples.all().map { it.with(sources = RUNS) }
        val exporter = Exporter(folder)
        val exported = figures.associate { it.name to exporter.export(it, Examples.context) }
        fun text(name: String): String = Files.readString(folder.resolve(name))

        "every figure becomes four files" {
            for ((name, one) in exported) {
                one.drawn shouldBe true
                one.files.map { it.fileName.toString() } shouldBe
                    listOf("svg", "png", "csv", "json").map { "$name.$it" }
            }
            Files.list(folder).use { it.toList() }.size shouldBe 4 * figures.size
        }

        "the CSV has every row of every layer, and nothing else" {
            for (figure in figures) withClue(figure.name) {
                val lines = text("${figure.name}.csv").trimEnd().lines()
                if (figure.layers.size == 1) {
                    lines.size - 1 shouldBe figure.layers.single().table.size()
                } else {
                    lines.first() shouldContain "layer role,"
                    val perRole = lines.drop(1).groupingBy { it.substringBefore(',') }.eachCount()
                    perRole shouldBe figure.layers.associate { it.role to it.table.size() }
                }
            }
        }

        "the picture is twice as large and has ink of the data's colours inside" {
            for (figure in figures) withClue(figure.name) {
                val image = ImageIO.read(folder.resolve("${figure.name}.png").toFile())
                image.width shouldBe 2 * figure.size.width
                image.height shouldBe 2 * figure.size.height
                coloured(image) shouldBeGreaterThan 1500
                image.colorModel.shouldBeInstanceOf<IndexColorModel>()
                image.getRGB(0, 0) shouldBe Color.WHITE.rgb // a palette, yet the paper is white
            }
            val lines = ImageIO.read(folder.resolve("r90-over-steps.png").toFile())
            for (colour in Palette.matrices.values.take(4)) withClue(colour) {
                near(lines, colour) shouldBeGreaterThan 800
            }
        }

        "the SVG is well-formed, names its runs, scales, and holds no id twice" {
            val ids =
                figures.flatMap { figure ->
                    val svg = exported.getValue(figure.name).files.first()
                    val root =
                        DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(svg.toFile()).documentElement
                    root.getAttribute("viewBox") shouldBe "0 0 ${figure.size.width} ${figure.size.height}"
                    root.getElementsByTagName("run").length shouldBe 2
                    Regex("""\bid="([^"]+)"""").findAll(Files.readString(svg)).map { it.groupValues[1] }.toList()
                }
            ids.groupingBy { it }.eachCount().filterValues { it > 1 }.keys.shouldBeEmpty()
        }

        "provenance" {
            val json = ObjectMapper().readTree(text("accuracy.json"))
            json["question"].asText() shouldBe "Do attention weights collapse?"
            json["profile"].asText() shouldBe "quick"
            json["versions"]["lets-plot"].asText() shouldBe "4.5.0"
            json["versions"]["batik"].asText() shouldBe "1.19"
            json["layers"].map { it["rows"].asInt() } shouldBe listOf(2, 246, 246)
        }

        "an unchanged figure is not drawn again; a changed one, or one whose files were touched, is" {
            val again = tempdir().toPath()
            fun export(figure: Figure) = Exporter(again).export(figure, Examples.context).drawn
            export(Examples.overSteps()) shouldBe true
            val stamp = Files.getLastModifiedTime(again.resolve("r90-over-steps.svg"))
            export(Examples.overSteps()) shouldBe false
            Files.getLastModifiedTime(again.resolve("r90-over-steps.svg")) shouldBe stamp
            export(Examples.overSteps(title = "Another title")) shouldBe true
            Files.writeString(again.resolve("r90-over-steps.csv"), "edited")
            export(Examples.overSteps(title = "Another title")) shouldBe true
            Files.delete(again.resolve("r90-over-steps.png"))
            export(Examples.overSteps(title = "Another title")) shouldBe true
        }

        "equal figures give equal bytes, other rows another digest" {
            val other = tempdir().toPath()
            Exporter(other)
                .export(Examples.overSteps(caption = figures[0].caption).with(sources = RUNS), Examples.context)
            for (kind in listOf("svg", "png", "csv")) {
                Files.mismatch(other.resolve("r90-over-steps.$kind"), folder.resolve("r90-over-steps.$kind")) shouldBe
                    -1L
            }
            val fewer =
                lines(
                    "r90-over-steps",
                    "t",
                    Examples.overSteps.where { it.number("step") < 1000 },
                    Axis.STEP,
                    Examples.rank,
                    "matrix",
                )
            val all = lines("r90-over-steps", "t", Examples.overSteps, Axis.STEP, Examples.rank, "matrix")
            Digest.of(Dressed(fewer, Examples.context)) shouldNotBe Digest.of(Dressed(all, Examples.context))
        }

        "a title is shown as text, whatever is in it" {
            val svg =
                Exporter(folder.resolve("escaped"))
                    .export(Examples.overSteps(title = "<script>alert(1)</script> & \"more\""), Examples.context)
            val text = Files.readString(svg.files.first())
            text shouldNotContain "<script"
            text shouldContain "&lt;script&gt;alert(1)&lt;/script&gt; &amp;"
        }

        "numbers in texts are not rounded, coordinates are" {
            val rounded =
                SvgText.finish(
                    "<svg width=\"9\"><path d=\"M1.23456 -0.00001\"/><text>\n0.00125\n</text></svg>",
                    figures[0],
                    "d",
                )
            rounded shouldContain "M1.23 0\""
            rounded shouldContain "0.00125"
        }

        "a folder that cannot be made is named" {
            val file = Files.createFile(folder.resolve("in-the-way"))
            val message =
                shouldThrow<IOException> { Exporter(file.resolve("x")).export(Examples.overSteps(), Examples.context) }
                    .message
                    .orEmpty()
            message shouldContain "cannot make the folder ${file.resolve("x")}"
            message shouldContain "--out DIR"
        }

        "several at once are the same files as one by one, told in their order; one that fails stops no other"
            .config(tags = setOf(Nightly)) {
                val together = tempdir().toPath()
                Files.createDirectories(together.resolve("${figures[1].name}.csv/full")) // in the way of the second
                val results = Exporter(together).exportAll(figures.map { it to Examples.context })
                results.map { it.isSuccess } shouldBe figures.map { it !== figures[1] }
                results[1].exceptionOrNull()?.message.orEmpty() shouldContain
                    "cannot write ${together.resolve(figures[1].name)}.csv"
                results
                    .zip(figures)
                    .filter { it.first.isSuccess }
                    .forEach { (result, figure) ->
                        result.getOrThrow().files.map { it.fileName } shouldBe
                            exported.getValue(figure.name).files.map { it.fileName }
                        result.getOrThrow().files.forEach { file ->
                            withClue(file) { Files.mismatch(file, folder.resolve(file.fileName)) shouldBe -1 }
                        }
                    }
            }
    }) {
    private companion object {
        val RUNS = listOf("run-a", "run-b")

        /** Pixels of the inner two thirds that are neither white nor grey. */
        fun coloured(image: BufferedImage): Int =
            inner(image).count { (r, g, b) -> maxOf(r, g, b) - minOf(r, g, b) > 40 }

        fun near(image: BufferedImage, colour: String): Int {
            val wanted = colour.drop(1).chunked(2).map { it.toInt(16) }
            return inner(image).count { pixel -> pixel.zip(wanted) { a, b -> Math.abs(a - b) }.max() < 30 }
        }

        private fun inner(image: BufferedImage): Sequence<List<Int>> = sequence {
            for (y in image.height / 6 until image.height * 5 / 6) for (x in
                image.width / 6 until image.width * 5 / 6) {
                val rgb = image.getRGB(x, y)
                yield(listOf(rgb shr 16 and 255, rgb shr 8 and 255, rgb and 255))
            }
        }
    }
}
