package holonomy.figure

import holonomy.data.Table
import holonomy.figure.PlotSpec.maps
import holonomy.figure.PlotSpec.typed
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.collections.shouldContainAll
import io.kotest.matchers.collections.shouldNotBeEmpty
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import kotlin.math.log10

/** Marks stand at the values that the CSV gives, in the specification and on paper. */
class PositionsTest :
    FreeSpec({
        fun spec(figure: Figure) = Dressed(figure, Examples.context).spec

        "nothing moves a mark: a position in the specification is the value in the CSV" {
            for (figure in Examples.all()) withClue(figure.name) {
                val layers = maps(spec(figure)["layers"])
                layers.map { it["position"] }.distinct() shouldBe listOf("identity")
                val csv = rows(Csv.of(figure.layers))
                layers.zip(figure.layers).forEach { (layer, drawn) ->
                    val x = layer["mapping"].typed()["x"]?.toString() ?: return@forEach
                    val written = csv.filter { figure.layers.size == 1 || it["layer role"] == drawn.role }
                    written.map { cell(it[x]) } shouldBe (layer["data"].typed()[x] as List<*>).map(::cell)
                }
            }
        }

        "on a quantity's axis every mark stands where it was measured" {
            for ((figure, table, x) in Examples.measured()) withClue(figure.name) {
                val places = table.rows().map { it.number(x) }.toSet()
                maps(spec(figure)["layers"])
                    .filter { "x" in it["mapping"].typed() }
                    .shouldNotBeEmpty()
                    .forEach { layer ->
                        layer["mapping"].typed()["x"] shouldBe x
                        places shouldContainAll (layer["data"].typed()[x] as List<*>).map { (it as Number).toDouble() }
                    }
            }
        }

        "on paper, too: pixels go with the values, or on a logarithmic axis with their logarithms" {
            for ((figure, table, x) in Examples.measured().filter { it.first.name in Examples.ofPoints }) {
                withClue(figure.name) {
                    val log = maps(spec(figure)["scales"]).single { it["aesthetic"] == "x" }["trans"] == "log10"
                    val places =
                        table.rows().map { it.number(x) }.distinct().sorted().map { if (log) log10(it) else it }
                    val pixels = centres(figure)
                    pixels.size shouldBe places.size
                    val scale =
                        if (places.size < 2) 0.0
                        else (pixels.last() - pixels.first()) / (places.last() - places.first())
                    pixels.zip(places).forEach { (pixel, place) ->
                        pixel shouldBe (pixels.first() + scale * (place - places.first()) plusOrMinus 0.02)
                    }
                }
            }
        }

        "levels of a category stand beside each other, in equal order in every layer" {
            val figure = Examples.all().single { it.name == "sae" }
            for (layer in figure.layers.filter { it.table.has(Places.COLUMN) }) withClue(layer.role) {
                layer.table.rows().forEach {
                    val level = listOf("before", "ablated", "reconstruction", "random latents").indexOf(it.text("arm"))
                    val category = listOf("early", "middle", "late").indexOf(it.text("stage"))
                    it.number(Places.COLUMN) shouldBe (category + (level - 1.5) / 8 plusOrMinus 1e-12)
                }
            }
            val x = maps(spec(figure)["scales"]).single { it["aesthetic"] == "x" }
            x["labels"] shouldBe listOf("early", "middle", "late")
            x["breaks"] shouldBe listOf(0.0, 1.0, 2.0)
        }

        "names that lie stand below each other, the first above, and their marks go to the right with the value" {
            val circles = circles(Examples.lying)
            val values = Examples.signs.rows().map { it.number("value") }
            circles.map { it.second } shouldBe circles.map { it.second }.sorted()
            val scale = (circles[0].first - circles[1].first) / (values[0] - values[1])
            scale shouldBeGreaterThan 100.0
            circles.zip(values).forEach { (circle, value) ->
                circle.first shouldBe (circles[1].first + scale * (value - values[1]) plusOrMinus 0.02)
            }
            Examples.lying.marks.lines()[2] shouldBe "places\tlying"
        }

        "names of axes that mean something to a plotting library are names" {
            for (name in listOf("..count..", "a.b[c]", "{}", "x", "y", "a\"b,c\n", "β₁")) withClue(name) {
                val rows = Table.builder(listOf(Table.quantity(name), Table.text("seed"), Table.quantity("accuracy")))
                for (value in 1..3) for (seed in 1..2) rows.row(value.toDouble(), "$seed", 0.1 * value + 0.01 * seed)
                val figure = pointsBy("a", "A", rows.build(), Axis(name, name), Axis.accuracy())
                centres(figure).size shouldBe 3
            }
        }
    }) {
    private companion object {
        /** The distinct x of circles in the drawing of one panel without its legend, in pixels, ascending. */
        fun centres(figure: Figure): List<Double> = circles(figure).map { it.first }.distinct().sorted()

        /** The circles in the drawing of one panel without its legend, in pixels, in the order drawn. */
        fun circles(figure: Figure): List<Pair<Double, Double>> {
            val dressed = Dressed(figure, Examples.context)
            dressed.spec["theme"] = dressed.spec["theme"].typed() + ("legend_position" to "none")
            fun all(side: String) =
                Regex("<circle[^>]*\\b$side=\"([-0-9.]+)\"").findAll(Render.svg(dressed)).map {
                    it.groupValues[1].toDouble()
                }
            return all("cx").zip(all("cy")).toList()
        }

        fun cell(value: Any?): Any? = value.toString().toDoubleOrNull() ?: value

        /** A CSV without line breaks in its cells. */
        fun rows(csv: String): List<Map<String, String>> {
            val cell = Regex("(?:^|,)(\"(?:[^\"]|\"\")*\"|[^,]*)")
            fun cells(line: String) =
                cell.findAll(line).map { it.groupValues[1].removeSurrounding("\"").replace("\"\"", "\"") }.toList()
            val lines = csv.trimEnd().lines()
            val header = cells(lines.first())
            return lines.drop(1).map { header.zip(cells(it)).toMap() }
        }
    }
}
