package holonomy.dsl

import holonomy.data.Table
import holonomy.data.Table.whole
import holonomy.figure.Axis
import holonomy.figure.Figure
import holonomy.figure.Null
import holonomy.figure.lines
import holonomy.measure.CommutatorMeasure

/** The measure's own column counts the directions of all matrices. */
private const val PER_MATRIX = "directions_per_matrix"

/**
 * Figure C3 of arXiv 2602.16746: rho of delta against the number of directions per matrix, by basis, beside a random
 * subspace of all weights and of the same blocks; median over the moments of memorisation.
 *
 * @param handles commutators of the same runs that differ in their number of directions
 */
fun shareByDirections(runs: Runs, handles: List<CommutatorHandle>, accuracy: PairAccuracyHandle): Figure {
    val memorising = runs.memorising(accuracy)
    val rows =
        Table.concat(
            handles.map { handle ->
                val directions = (handle.measure as CommutatorMeasure).directions().toLong()
                runs
                    .commutatorRows(handle, CommutatorMeasure.PROJECTION)
                    .where { it.text("vector") == "delta" && memorising(it) }
                    .labelled(mapOf(whole(PER_MATRIX) to directions))
            }
        )
    fun null95(name: String, column: String) = Null(name, chance(rows, column, PER_MATRIX), "value", "low", "high")
    val ticks = rows.rows().map { it.number(PER_MATRIX) }.distinct()
    return lines(
            name = "share-by-directions",
            title = "Share rho of delta by the number of directions, in memorisation",
            table = medians(rows, "basis", PER_MATRIX) { it.number("rho") },
            x = Axis(PER_MATRIX, "directions per matrix", log = true, breaks = ticks),
            y = Axis("value", "median rho = |B'delta| / |delta|", log = true),
            colour = "basis",
            nulls = listOf(null95("isotropic", "isotropic"), null95("block-matched", "matched")),
            caption = "Memorisation: training accuracy at least .95, test accuracy below .3.",
        )
        .with(sources = runs.ids)
}
