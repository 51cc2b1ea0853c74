package holonomy.figure

import holonomy.data.Table
import holonomy.data.Table.quantity
import holonomy.data.Table.text
import holonomy.data.Table.whole
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.shouldBe

private val step = Axis("step", "training time", "optimiser steps")
private val defect = Axis("value", "defect D", "1/weight norm", log = true)

/** Seeds 1 and 2 at steps 0 .. 4; undefined at step 2 for both, at step 1 for seed 2. */
private val undefined: Table =
    Table.builder(listOf(text("seed"), whole("step"), quantity("value")))
        .apply {
            for (seed in 1..2) for (at in 0L..4L) {
                val value = if (at == 2L || at == 1L && seed == 2) Double.NaN else 1.0 + at + seed
                row("$seed", at, value)
            }
        }
        .build()

private fun Figure.rows(role: String) = layers.single { it.role == role }.table.rows()

class GapsTest :
    FreeSpec({
        "a mean is not joined across a step where no seed has a value, nor a seed across its own" {
            val figure = lines("d", "D", undefined, step, defect)
            figure.rows("mean").map { it.number("step") } shouldBe listOf(0.0, 1.0, 3.0, 4.0)
            figure.rows("mean").groupBy({ it.text("run") }, { it.number("step") }) shouldBe
                mapOf("measured" to listOf(0.0, 1.0), "measured / after gap 1" to listOf(3.0, 4.0))
            figure.rows("seeds").groupBy({ it.text("run") }, { it.number("step") }) shouldBe
                mapOf(
                    "measured / seed 1" to listOf(0.0, 1.0),
                    "measured / seed 1 / after gap 1" to listOf(3.0, 4.0),
                    "measured / seed 2" to listOf(0.0),
                    "measured / seed 2 / after gap 2" to listOf(3.0, 4.0),
                )
            Dressed(figure, Examples.context).caption shouldBe "3 rows have no value that can be drawn."
        }

        "a median over pairs is not joined across a step where no pair has a value" {
            val figure = cloud("d", "D", undefined, step, defect)
            figure.rows("median").groupBy({ it.text("run") }, { it.number("step") }) shouldBe
                mapOf("measured" to listOf(0.0, 1.0), "measured / after gap 1" to listOf(3.0, 4.0))
            figure.rows("point").size shouldBe 7
        }

        "panels with ends of their own reach beyond their outermost points" {
            val twice =
                Table.concat(
                    listOf("a", "b").mapIndexed { i, panel ->
                        Table.builder(listOf(text("panel"), whole("step"), quantity("value")))
                            .apply { for (at in 1L..3L) row(panel, at, at * (1.0 + 99 * i)) }
                            .build()
                    }
                )
            val figure = cloud("d", "D", twice, step, defect, facet = Facet("panel", 1, freeY = true))
            val room = figure.rows("room")
            room.map { it.text("panel") } shouldBe listOf("a", "a", "b", "b")
            val ends = room.map { it.number("value") }
            (ends[0] < 1.0 && ends[1] > 3.0 && ends[2] < 100.0 && ends[3] > 300.0) shouldBe true
        }
    })
