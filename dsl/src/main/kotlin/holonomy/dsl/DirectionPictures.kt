package holonomy.dsl

import holonomy.data.Table
import holonomy.data.Table.quantity
import holonomy.data.Table.text
import holonomy.data.Table.whole
import holonomy.figure.Axis
import holonomy.figure.Figure
import holonomy.figure.Null
import holonomy.figure.lines
import holonomy.measure.CommutatorMeasure
import kotlin.math.sqrt

/**
 * Figure C3 of arXiv 2602.16746: rho of delta against the number of directions per matrix, by basis, beside a random
 * subspace of all weights and of the same blocks; median over the moments of memorisation.
 *
 * @param handles commutators of the same runs that differ in their number of directions
 */
fun shareByDirections(runs: Runs, handles: List<CommutatorHandle>, accuracy: PairAccuracyHandle): Figure {
    val shares = Table.builder(listOf(text("seed"), text("basis"), whole("directions"), quantity("value")))
    val columns = listOf("isotropic", "matched").flatMap { listOf("${it}_rho", "${it}_low", "${it}_high") }
    val chance = Table.builder(listOf(text("seed"), whole("directions")) + columns.map(::quantity))
    val memorising = runs.memorising(accuracy)
    for (handle in handles) {
        val directions = (handle.measure as CommutatorMeasure).directions().toLong()
        val rows = runs.commutatorRows(handle, CommutatorMeasure.PROJECTION).where { it.text("vector") == "delta" }
        for ((seed, moments) in rows.rows().filter(memorising).groupBy { it.text("seed") }) {
            fun middle(column: String) = median(moments.map { it.number(column) })
            moments
                .groupBy { it.text("basis") }
                .forEach { (basis, each) -> shares.row(seed, basis, directions, median(each.map { it.number("rho") })) }
            // The ends of the nulls are shares of the squared length.
            val nulls = columns.map { if (it.endsWith("_rho")) middle(it) else sqrt(middle(it)) }
            chance.row(seed, directions, *nulls.toTypedArray())
        }
    }
    val nulls = chance.build()
    val ticks = nulls.rows().map { it.number("directions") }.distinct()
    return lines(
            name = "share-by-directions",
            title = "Share rho of delta by the number of directions, in memorisation",
            table = shares.build(),
            x = Axis("directions", "directions per matrix", null, log = true, breaks = ticks),
            y = Axis("value", "median rho = |B'delta| / |delta|", log = true),
            colour = "basis",
            nulls =
                listOf("isotropic" to "isotropic", "block-matched" to "matched").map { (name, columns) ->
                    Null(name, nulls, "${columns}_rho", "${columns}_low", "${columns}_high")
                },
            caption = "Memorisation: training accuracy at least .95, test accuracy below .3.",
        )
        .with(sources = runs.ids)
}
