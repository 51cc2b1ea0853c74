package holonomy.statistic

import holonomy.data.Table
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.shouldBe

/** What counts as trained: the lowest over seeds and m of the median of the last five evaluations. */
class TrainedTest :
    FreeSpec({
        fun table(vararg runs: Pair<Pair<Long, Long>, List<Double>>): Table {
            val columns = listOf(Table.whole("step"), Table.whole("m"), Table.quantity("accuracy"))
            val parts =
                runs.map { (key, values) ->
                    val rows = Table.builder(columns)
                    values.withIndex().reversed().forEach { (i, value) -> rows.row(100L * i, key.second, value) }
                    rows
                        .build()
                        .labelled(
                            mapOf(
                                Table.text("run") to "run of seed ${key.first}",
                                Table.text("seed") to "${key.first}",
                                Table.text("task") to "sum",
                                Table.text("arm") to "",
                            )
                        )
                }
            return Table.concat(parts)
        }

        "a dip at the last evaluation is not the end of learning" {
            AccuracyNumbers.lowestAtTheEnd(table((1L to 1L) to listOf(.1, .2, .99, .96, .98, .97, .91))) shouldBe .97
        }
        "nor is one good evaluation learning" {
            AccuracyNumbers.lowestAtTheEnd(table((1L to 1L) to listOf(.1, .5, .5, .6, .7, .99))) shouldBe .6
        }
        "the worst seed and m decide" {
            val good = List(6) { .99 }
            val late = listOf(.1, .9, .91, .92, .93, .94)
            AccuracyNumbers.lowestAtTheEnd(table((1L to 1L) to good, (1L to 2L) to late, (2L to 1L) to good)) shouldBe
                .92
        }
        "fewer evaluations than five count all" {
            AccuracyNumbers.lowestAtTheEnd(table((1L to 1L) to listOf(.1, .8, .9))) shouldBe .8
        }
    })
