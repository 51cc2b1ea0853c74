package holonomy.study.grokking

import holonomy.data.Table
import holonomy.data.Table.whole
import holonomy.dsl.CommutatorHandle
import holonomy.dsl.Reduction
import holonomy.dsl.Runs
import holonomy.dsl.accuracy
import holonomy.dsl.of
import holonomy.dsl.table
import holonomy.figure.Axis
import holonomy.figure.Figure
import holonomy.figure.Null
import holonomy.figure.lines
import holonomy.measure.CommutatorMeasure
import holonomy.measure.CommutatorMeasure.NullColumns
import holonomy.statistic.Cells
import holonomy.statistic.CommutatorNumbers
import holonomy.statistic.Rows
import holonomy.statistic.RunSet

/** The measure's own column counts the directions of all matrices. */
private val PER_MATRIX = whole("directions_per_matrix")

/**
 * Figure C3 of arXiv 2602.16746: rho of delta against the number of directions per matrix, by basis, beside a random
 * subspace of all weights and of the same blocks; median over the moments of memorisation.
 *
 * @param handles commutators of the same runs that differ in their number of directions
 */
fun shareByDirections(runs: Runs, handles: List<CommutatorHandle>, accuracy: PairAccuracyHandle): Figure {
    val memorising = accuracy.grokking.memorising(runs)
    val rows =
        Table.concat(
            handles.map { handle ->
                handle.numbers
                    .projections(runs, CommutatorNumbers.DELTA)
                    .where(memorising)
                    .labelled(mapOf(PER_MATRIX to handle.numbers.measure().directions()))
            }
        )
    fun null95(name: String, chance: NullColumns) =
        Null(
            name,
            CommutatorNumbers.chance(rows, chance, RunSet.SEED, CommutatorMeasure.VECTOR, PER_MATRIX),
            "value",
            "low",
            "high",
        )
    return lines(
            name = "share-by-directions",
            title = "Share rho of delta by the number of directions, in memorisation",
            table =
                Cells.of(rows, RunSet.SEED, CommutatorMeasure.BASIS, PER_MATRIX)
                    .reduced(CommutatorNumbers.RHO, Reduction.MEDIAN),
            x = Axis(PER_MATRIX.name(), "directions per matrix", log = true, breaks = Rows.distinct(rows, PER_MATRIX)),
            y = Axis("value", "median rho = |B'delta| / |delta|", log = true),
            colour = "basis",
            nulls =
                listOf(
                    null95("isotropic", CommutatorMeasure.ISOTROPIC),
                    null95("block-matched", CommutatorMeasure.MATCHED),
                ),
            caption = "Memorisation: training accuracy at least .95, test accuracy below .3.",
        )
        .with(sources = runs.ids)
}
