package holonomy.figure

import holonomy.data.Table
import holonomy.figure.PlotSpec.maps
import holonomy.figure.PlotSpec.typed
import holonomy.inference.Interval
import holonomy.inference.Scale
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import org.jetbrains.letsPlot.geom.geomPoint
import org.jetbrains.letsPlot.gggrid
import org.jetbrains.letsPlot.letsPlot
import org.jetbrains.letsPlot.scale.scaleYLog10
import org.jetbrains.letsPlot.themes.elementText
import org.jetbrains.letsPlot.themes.theme

class FigureSpecTest :
    FreeSpec({
        fun spec(figure: Figure) = Dressed(figure, Examples.context).spec
        fun legend(figure: Figure) =
            (maps(Dressed(figure, Examples.context).spec["scales"]).single { it["aesthetic"] == "color" }["breaks"]
                as List<*>)

        fun scale(spec: Map<String, Any?>, aesthetic: String) =
            maps(spec["scales"]).single { it["aesthetic"] == aesthetic }

        "curves: null behind, then spread, seeds, mean" {
            val figure = Examples.overSteps()
            figure.layers.map { it.role to it.table.size() } shouldBe
                listOf("null band" to 21, "null" to 21, "reference" to 1, "spread" to 84, "seeds" to 252, "mean" to 84)
            maps(spec(figure)["layers"]).map { it["geom"] } shouldBe
                listOf("ribbon", "line", "hline", "ribbon", "line", "line")
        }

        "how far a seed's own value is known is said where it is drawn: by curves, not by points" {
            val columns = listOf(Table.quantity("step"), Table.quantity("accuracy"), Table.text("seed")) + Bands.OWN
            val rows = Table.builder(columns)
            for (seed in listOf("1", "2")) for (step in listOf(0, 100)) rows.row(step, .5, seed, .4, .6)
            val x = Axis("step", "step", "")
            val y = Axis("accuracy", "accuracy", "")
            val curves = lines("a", "A", rows.build(), x, y)
            val points = pointsBy("b", "B", rows.build(), x, y)
            curves.layers.map { it.role }.contains("own interval") shouldBe true
            points.layers.map { it.role }.contains("own interval") shouldBe false
            curves.caption shouldBe "Pale bands: 95 % interval of each evaluation of a seed itself (Wilson)."
            points.caption shouldBe ""
        }

        "on a logarithmic axis whose panels have ends of their own, no tick says 0" {
            val columns = listOf("step", "value").map(Table::quantity) + listOf("panel", "seed").map(Table::text)
            val rows = Table.builder(columns)
            for ((panel, low, high) in listOf(Triple("wide", 6e-4, 90.0), Triple("narrow", 20.0, 60.0))) for ((
                step, value) in listOf(0 to low, 100 to high)) rows.row(step, value, panel, "1")
            val y = Axis("value", "", log = true)
            val figure = lines("a", "A", rows.build(), Axis("step", "step"), y, facet = Facet("panel", 2, freeY = true))
            val svg = Render.svg(Dressed(figure, Examples.context))
            val labels = Regex(">\\s*([0-9][0-9.,e-]*)\\s*<").findAll(svg).map { it.groupValues[1] }.toList()
            withClue(labels) {
                labels.none { it.toDoubleOrNull() == 0.0 && "." in it } shouldBe true
                labels.contains("0.01") shouldBe true
            }
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
            scale(spec, "y")["name"] shouldBe "r90, interpolated"
        }

        "the subtitle says profile, seeds and spread" {
            spec(Examples.overSteps())["ggtitle"].typed()["subtitle"] shouldBe
                "quick profile · 3 seeds · spread: 95 % interval of the mean over seeds, Student t"
        }

        "Figure 1: one panel per matrix in the model's order, seeds, mean, spread, null, published" {
            val figure = Examples.byLayer()
            figure.layers.map { it.role to it.table.size() } shouldBe
                listOf(
                    "null band" to 20,
                    "null" to 20,
                    "joined" to 20,
                    "spread" to 20,
                    "mean" to 20,
                    "seeds" to 60,
                    "published" to 8,
                )
            val panels = maps(spec(figure)["layers"]).last()["data"].typed()[Facet.PANEL] as List<*>
            panels.distinct().map { it.toString() }.sorted().map { it.trimStart('\u200B') } shouldBe
                listOf("W_Q", "W_K", "W_V", "W_O")
            figure.layers.first { it.role == "mean" }.table.columns().map { it.name() } shouldBe
                listOf("matrix", "layer", "mean", "lower", "upper", "series", "run", "n", "size")
        }

        "nulls of levels side by side become one envelope, neutral and named as pooled" {
            val figure = Examples.all().single { it.name == "r90-one-panel" }
            val band = figure.layers.single { it.role == "null band" }.table
            band.size() shouldBe 5
            band.rows().forEach { it.number("lower") shouldBe (5.6 plusOrMinus 1e-12) }
            legend(figure) shouldBe Examples.modelOrder + "null: uncorrelated walk, pooled"
            figure.caption shouldBe "Pooled null: mean of the centres and envelope of the bands over every matrix."
        }

        "a null that is the same for every level is drawn once, and isn't pooled" {
            val same = Examples.nullByLayer.where { it.text("matrix") == "W_Q" }
            val copies =
                Table.concat(
                    Examples.matrices.map { matrix ->
                        same.only(listOf("seed", "layer", "mid")).with("matrix") { matrix }
                    }
                )
            val figure =
                pointsBy(
                    "a",
                    "A",
                    Examples.byLayer,
                    Axis.layers(5),
                    Examples.rank,
                    "matrix",
                    nulls = listOf(Null("walk", copies, "mid")),
                )
            legend(figure) shouldBe Examples.modelOrder + "null: walk"
            figure.caption shouldBe ""
        }

        "a null without a value that can be drawn is not in the legend" {
            val zero = Examples.nullOverSteps.only(listOf("seed", "step")).with("text") { "" }
            val rows = Table.builder(zero.columns() + Table.quantity("r90"))
            zero.rows().forEach { rows.row(it.value("seed"), it.value("step"), "", 0.0) }
            val nulls = listOf(Null("of no length", rows.build(), "r90"), Null("walk", Examples.nullOverSteps, "r90"))
            val y = Examples.rank.copy(log = true)
            val figure = lines("a", "A", Examples.overSteps, Axis.STEP, y, "matrix", nulls = nulls)
            legend(figure) shouldBe Examples.modelOrder + "null: walk"
        }

        "a null at one place of a quantity is a cross, at a category without an interval a dash" {
            val one = Examples.nullByLayer.where { it.number("layer") == 2.0 && it.number("seed") == 1.0 }
            val nulls = listOf(Null("walk", one, "mid"))
            val points = pointsBy("a", "A", Examples.byLayer, Axis.layers(5), Examples.rank, "matrix", nulls = nulls)
            maps(spec(points)["layers"]).first()["geom"] shouldBe "point"
            points.layers.first().role shouldBe "null"
            val x = Axis("matrix", "matrix")
            val first = Examples.byLayer.where { it.number("layer") == 2.0 }
            val named = pointsBy("a", "A", first, x, Examples.rank, nulls = nulls)
            val dash = maps(spec(named)["layers"]).first()
            dash["geom"] shouldBe "errorbar"
            listOf("ymin", "ymax").map { dash["mapping"].typed()[it] } shouldBe listOf("mean", "mean")
        }

        "a run that never got there is a triangle at its bound, and no mean is drawn beside it" {
            val figure = Examples.all().single { it.name == "delay" }
            fun rows(role: String) = figure.layers.single { it.role == role }.table.rows()
            rows("mean").map { it.text("strength") to it.number("n") } shouldBe listOf("0" to 3.0, "1" to 3.0)
            rows("bound").map { Triple(it.text("seed"), it.number("value"), it.text("mark")) } shouldBe
                listOf(Triple("2", 900.0, "never reached: at least"), Triple("3", -100.0, "never reached: at most"))
            rows("seeds").count { it.text("strength") == "2" } shouldBe 1
            rows("seeds").count { it.text("strength") == "3" } shouldBe 1
            figure.dropped shouldBe 1
            legend(figure) shouldBe
                listOf("kick", "as the plain run", "never reached: at least", "never reached: at most")
            figure.caption shouldBe "Triangles: runs that never got there, at a bound; no mean is drawn beside them."
        }

        "a cell with a run that never got there has no colour and a number with a sign" {
            val figure = Examples.all().single { it.name == "grok-step" }
            figure.layers.map { it.role to it.table.size() } shouldBe listOf("cell" to 3, "bound" to 1, "number" to 4)
            figure.layers[1].table.rows().single().text("label") shouldBe "≥ 2500"
            figure.caption shouldBe
                "Cells are means over seeds. Grey: some run never got there, so the mean is a bound."
        }

        "levels and seeds that coincide are nested, and stay where they are" {
            val columns =
                listOf(Table.text("decay"), Table.whole("rate"), Table.text("seed"), Table.quantity("accuracy"))
            val table = Table.builder(columns)
            for (decay in listOf("a", "b")) for (rate in 1..2) for (seed in 1..2) {
                table.row(decay, rate, "$seed", if (rate == 1) 0.5 else 0.1 * seed + if (decay == "a") 0.0 else 0.4)
            }
            val figure = pointsBy("a", "A", table.build(), Axis("rate", "rate"), Axis.accuracy(), "decay")
            fun sizes(role: String, rate: Double) =
                figure.layers
                    .single { it.role == role }
                    .table
                    .rows()
                    .filter { it.number("rate") == rate }
                    .map { it.number("size") }
            sizes("mean", 1.0) shouldBe listOf(5.1, 3.6)
            sizes("mean", 2.0) shouldBe listOf(3.6, 3.6)
            sizes("seeds", 1.0).map { Math.round(10 * it) } shouldBe listOf(71L, 56L, 41L, 26L)
            sizes("seeds", 2.0) shouldBe List(4) { 2.6 }
        }

        "an outcome has the interval of a share, which claims use" {
            val rows = Table.builder(listOf(Table.text("arm"), Table.text("seed"), Table.quantity("fires")))
            listOf(1.0, 0.0, 1.0).forEachIndexed { i, value -> rows.row("a", "$i", value) }
            val y = Axis("fires", "share of runs", outcome = true)
            val figure = pointsBy("a", "A", rows.build(), Axis("arm", "arm"), y)
            figure.spread shouldBe "95 % interval of the mean over seeds, Wilson"
            val mean = figure.layers.single { it.role == "mean" }.table.rows().single()
            val wilson = Interval.of(doubleArrayOf(1.0, 0.0, 1.0), Scale.OUTCOME)
            listOf("mean", "lower", "upper").map { mean.number(it) } shouldBe
                listOf(wilson.value(), wilson.low(), wilson.high())
        }

        "panel titles that don't fit are broken, words without a space too" {
            val long = "model.layers.self_attn.q_proj.weight of the first and of the last layer"
            val table = Examples.overSteps.where { it.text("matrix") == "W_Q" }
            val rows = Table.concat(listOf("short", long).map { name -> table.with("panel") { name } })
            val figure = lines("a", "A", rows, Axis.STEP, Examples.rank, facet = Facet("panel", 4))
            val titles = maps(spec(figure)["layers"]).last()["data"].typed()[Facet.PANEL] as List<*>
            titles.distinct().map { it.toString().trimStart('\u200B') } shouldBe
                listOf("short", "model.layers.self_attn.q_proj.weight\nof the first and of the last layer")
            Wrap.lines("model.layers.self_attn.q_proj.weight", 100, 13) shouldBe
                "model.layers.\nself_attn.\nq_proj.weight"
            Wrap.lines("abcdefghijklmnopqrstuvwxyz", 100, 13) shouldBe "abcdefghijklmn\nopqrstuvwxyz"
        }

        "no axis of ours says 'value' or 'dimensionless'" {
            for (figure in Examples.all()) withClue(figure.name) {
                maps(spec(figure)["scales"])
                    .map { it["name"].toString() }
                    .filter { "value" in it || "dimensionless" in it } shouldBe emptyList()
            }
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

        "any name will do; its files are called by a slug of it" {
            val names = listOf("../x", "against learning rate", "β/β₀ (é)", "  ", "a--b.", "x".repeat(300))
            names.map { Examples.overSteps().with(name = it).name } shouldBe
                listOf("x", "against-learning-rate", "0-e", "figure", "a--b", "x".repeat(100))
            Slug.unique(listOf("a b", "a-b", "A/b", "claims", "a-b-2"), setOf("claims")) shouldBe
                listOf("a-b", "a-b-2", "A-b-3", "claims-2", "a-b-2-2")
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
