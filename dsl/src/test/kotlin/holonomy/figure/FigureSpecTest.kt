package holonomy.figure

import holonomy.data.Table
import holonomy.figure.PlotSpec.maps
import holonomy.figure.PlotSpec.typed
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldStartWith
import org.jetbrains.letsPlot.geom.geomPoint
import org.jetbrains.letsPlot.gggrid
import org.jetbrains.letsPlot.letsPlot
import org.jetbrains.letsPlot.scale.scaleYLog10
import org.jetbrains.letsPlot.themes.elementText
import org.jetbrains.letsPlot.themes.theme

class FigureSpecTest :
    FreeSpec({
        fun spec(figure: Figure) = Dressed(figure, Examples.context).spec
        fun scale(spec: Map<String, Any?>, aesthetic: String) =
            maps(spec["scales"]).single { it["aesthetic"] == aesthetic }

        "curves: null behind, then spread, seeds, mean" {
            val figure = Examples.overSteps()
            figure.layers.map { it.role to it.table.size() } shouldBe
                listOf("null band" to 21, "null" to 21, "reference" to 1, "spread" to 84, "seeds" to 252, "mean" to 84)
            maps(spec(figure)["layers"]).map { it["geom"] } shouldBe
                listOf("ribbon", "line", "hline", "ribbon", "line", "line")
        }

        "matrices have their fixed colours, the null is grey and dashed, and the legend says what it is" {
            val spec = spec(Examples.overSteps())
            val colours = scale(spec, "color")
            colours["limits"] shouldBe listOf("W_Q", "W_K", "W_V", "W_O", "null: uncorrelated walk", "published: 3")
            colours["values"] shouldBe Palette.matrices.values.take(4) + Palette.NULL_LINE + Palette.REFERENCE
            scale(spec, "fill")["values"].let { it as List<*> }[4] shouldBe Palette.NULL_BAND
            scale(spec, "linetype")["values"] shouldBe listOf(1.0, 1.0, 1.0, 1.0, 2.0, 3.0)
        }

        "axes name quantity and unit" {
            val spec = spec(Examples.overSteps())
            scale(spec, "x")["name"] shouldBe "training time (optimiser steps)"
            scale(spec, "y")["name"] shouldBe "r90, interpolated (dimensionless)"
        }

        "the subtitle says profile, seeds and spread" {
            spec(Examples.overSteps())["ggtitle"].typed()["subtitle"] shouldBe
                "quick profile · 3 seeds · spread: ± 1 standard deviation"
        }

        "Figure 1: one panel per matrix in the model's order, seeds, mean, spread, null, published" {
            val figure = Examples.byLayer()
            figure.layers.map { it.role to it.table.size() } shouldBe
                listOf(
                    "null band" to 20,
                    "null" to 20,
                    "joined" to 20,
                    "seeds" to 60,
                    "spread" to 20,
                    "mean" to 20,
                    "published" to 8,
                )
            val panels = maps(spec(figure)["layers"]).last()["data"].typed()[Facet.PANEL] as List<*>
            panels.distinct().map { it.toString() }.sorted().map { it.trimStart('\u200B') } shouldBe
                listOf("W_Q", "W_K", "W_V", "W_O")
            figure.layers.first { it.role == "mean" }.table.columns().map { it.name() } shouldBe
                listOf("matrix", "layer", "mean", "lower", "upper", "series", "run", "n")
        }

        "nulls of levels side by side become one envelope" {
            val figure = Examples.all().single { it.name == "r90-one-panel" }
            val band = figure.layers.single { it.role == "null band" }.table
            band.size() shouldBe 5
            band.rows().forEach { it.number("lower") shouldBe (5.6 plusOrMinus 1e-12) }
        }

        "with ten seeds and more only mean and band are drawn" {
            Examples.all().single { it.name == "accuracy" }.layers.map { it.role } shouldBe
                listOf("reference", "spread", "mean")
        }

        "every layer of every figure: sampling off, same theme" {
            for (figure in Examples.all()) withClue(figure.name) {
                val spec = spec(figure)
                maps(spec["layers"]).map { it["sampling"] }.distinct() shouldBe listOf("none")
                spec["theme"].typed()["text"].typed()["family"] shouldBe "DejaVu Sans"
            }
        }

        "a user's own plot keeps its own theme where it sets one and gets ours elsewhere" {
            val plot =
                letsPlot(mapOf("a" to listOf(1, 2))) +
                    geomPoint { x = "a" } +
                    theme(plotTitle = elementText(color = "red"))
            val dressed = spec(Figure("own", "Own", plot))["theme"].typed()
            dressed["plot_title"].typed()["color"] shouldBe "red"
            dressed["axis_title"].typed()["size"] shouldBe 13
        }

        "a grid of plots is dressed in every part" {
            val part = letsPlot(mapOf("a" to listOf(1, 2))) + geomPoint { x = "a" }
            val figure = Figure("grid", "Grid", gggrid(listOf(part, part), 2))
            figure.layers.map { it.role } shouldBe listOf("point", "point 2")
            PlotSpec.plots(spec(figure)).map { maps(it["layers"]).single()["sampling"] } shouldBe listOf("none", "none")
        }

        "rows that cannot be drawn are counted in the caption" {
            Dressed(Examples.all().single { it.name == "defect-gradient" }, Examples.context).caption shouldBe
                "2 rows have no value that can be drawn."
            val plot =
                letsPlot(mapOf("a" to listOf(1.0, 2.0, Double.NaN, 3.0), "b" to listOf(1.0, -1.0, 2.0, 3.0))) +
                    geomPoint {
                        x = "a"
                        y = "b"
                    } +
                    scaleYLog10()
            Dressed(Figure("own", "Own", plot), Examples.context).caption shouldBe
                "2 rows have no value that can be drawn."
        }

        "a layer that Lets-Plot would thin out is refused" {
            val many = List(LAYER_ROWS + 1) { it }
            val figure =
                Figure(
                    "many",
                    "Many",
                    letsPlot(mapOf("a" to many)) +
                        geomPoint {
                            x = "a"
                            y = "a"
                        },
                )
            shouldThrow<IllegalArgumentException> { spec(figure) }.message shouldBe
                "figure 'many', layer 'point': 50001 rows, at most 50000 can be drawn; aggregate them first (over seeds, or into bins of x)"
        }

        "a name that is no file name is refused" {
            val message =
                shouldThrow<IllegalArgumentException> { Examples.overSteps().with(name = "../x") }.message.orEmpty()
            message shouldStartWith "figure name '../x': expected"
        }

        "long texts are wrapped" {
            val title =
                spec(Examples.overSteps(title = "word ".repeat(40).trim()))["ggtitle"].typed()["text"].toString()
            title.lines().map { it.split(' ').size } shouldBe listOf(13, 13, 13, 1)
        }

        "rows without a value give a picture that says so, whatever would have drawn them" {
            val columns = listOf(Table.text("seed"), Table.whole("step"), Table.quantity("value"))
            val empty = Table.builder(columns).row("1", 0L, Double.NaN).row("2", 0L, Double.NaN).build()
            val y = Axis("value", "lead", "optimiser steps")
            listOf(
                    lines("a", "Lead", empty, Axis.STEP, y),
                    pointsBy("a", "Lead", empty, Axis.STEP, y),
                    scatter("a", "Lead", empty, Axis.STEP, y),
                    cloud("a", "Lead", empty, Axis.STEP, y),
                )
                .forEach { figure ->
                    figure.layers.single().table.rows().single().text("says") shouldBe
                        "No run has a value of 'lead' to show."
                    figure.dropped shouldBe 2
                }
        }
    })
