package holonomy.figure

import holonomy.data.Table
import holonomy.data.Table.quantity
import holonomy.figure.PlotSpec.maps
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.shouldBe

class PlaneTest :
    FreeSpec({
        val grid = Table.builder(listOf("x", "y", "loss").map(::quantity))
        for (x in 0..2) for (y in 0..1) grid.row(x.toDouble(), y.toDouble(), if (x == 2) Double.NaN else 1.0 + x)
        val path = Table.builder(listOf("x", "y").map(::quantity)).row(0.0, 0.0).row(1.0, 1.0).row(.5, 0.0).build()
        fun drawn(values: Table, second: Table? = null) =
            plane(
                "p",
                "P",
                values,
                path,
                Axis("x", "x"),
                Axis("y", "y"),
                Axis("loss", "loss", "nats", log = true),
                second,
            )

        "cells that have a value, the path over them in its order, from a ring to a disc" {
            val figure = drawn(grid.build())
            figure.layers.map { it.role to it.table.size() } shouldBe
                listOf("value" to 4, "path" to 3, "snapshot" to 3, "start" to 1, "end" to 1)
            figure.dropped shouldBe 2
            figure.layers.last().table.rows().single().number("x") shouldBe .5
            maps(PlotSpec.of(figure.plot)["layers"]).map { it["geom"] } shouldBe
                listOf("tile", "path", "point", "point", "point")
        }

        "a second path in a colour of its own" {
            val other = Table.builder(listOf("x", "y").map(::quantity)).row(0.0, 0.0).row(2.0, 1.0).build()
            val figure = drawn(grid.build(), other)
            figure.layers.takeLast(4).map { it.role to it.table.size() } shouldBe
                listOf("second path" to 2, "second snapshot" to 2, "second start" to 1, "second end" to 1)
            figure.layers.last().table.rows().single().number("x") shouldBe 2.0
            val colours = maps(PlotSpec.of(figure.plot)["layers"]).drop(1).map { it["color"] }
            colours.distinct().size shouldBe 2
            (colours[0] == colours[4]) shouldBe false
        }

        "no value that is above its scale's end, none below: the smallest and the largest have a colour" {
            val limits = maps(PlotSpec.of(drawn(grid.build()).plot)["scales"]).first { it["aesthetic"] == "fill" }
            val (low, high) = (limits["limits"] as List<*>).map { (it as Number).toDouble() }
            (low < 1.0 && high > 2.0) shouldBe true
        }

        "without values it says so" {
            val empty = Table.builder(listOf("x", "y", "loss").map(::quantity)).build()
            drawn(empty).layers.single().table.rows().single().text("says") shouldBe
                "No run has a value of 'loss' to show."
        }
    })
