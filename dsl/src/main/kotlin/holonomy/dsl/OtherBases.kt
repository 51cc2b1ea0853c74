package holonomy.dsl

import holonomy.data.Table
import holonomy.data.UserError
import holonomy.experiment.SeedValues
import holonomy.figure.Axis
import holonomy.figure.Facet
import holonomy.figure.Figure
import holonomy.figure.Null
import holonomy.figure.Size
import holonomy.figure.Spread
import holonomy.figure.pointsBy
import holonomy.stats.Quantiles
import holonomy.stats.Scale
import holonomy.study.OtherBases
import java.util.TreeMap

/** A handle on the shares of delta and of the gradient in the run's own path and in other seeds' paths, at the end. */
class OtherSeedBases
internal constructor(
    internal val runs: Runs,
    private val requests: List<DerivedRequest>,
    private val archive: Archive,
) {
    internal val table: Table by lazy { archive.table(requests, OtherBases.FILE) }
}

/**
 * Projects delta and the gradient at every run's final weights onto the main directions of its own path and of the
 * paths of the other seeds of the same arm and task.
 *
 * @param of the commutators whose snapshots, directions and displacement are used
 * @param pairs pairs of batches per run
 */
fun ExperimentScope.otherSeedBases(runs: Runs, of: CommutatorHandle, pairs: Int = 9): OtherSeedBases {
    lateinit var archive: Archive
    val requests =
        runs.points.map { point ->
            val others = runs.points.filter { it.seed != point.seed && it.arm == point.arm && it.task == point.task }
            val words = "other seeds' bases: ${point.request.label()}"
            DerivedRequest(point, words, mapOf(Table.text("seed") to point.seed.toString())) { run, label ->
                OtherBases(
                    OtherBases.Finished(run, point.request.spec()),
                    others.mapNotNull { other ->
                        archive.find(other.id)?.let { OtherBases.Finished(it, other.request.spec()) }
                    },
                    of.commutators.snapshots(),
                    of.commutators.directions(),
                    pairs,
                    of.commutators.length(),
                    label,
                )
            }
        }
    archive = derive(requests)
    return OtherSeedBases(runs, requests, archive)
}

/**
 * Median rho of delta in the own path over that in other seeds' paths, dimensionless, per seed; 1: any path will do.
 */
fun OtherSeedBases.ownOverOthers(): Measured {
    val ratios = TreeMap<Long, Double>()
    for ((seed, rows) in table.rows().filter { it.text("vector") == "delta" }.groupBy { it.text("seed").toLong() }) {
        fun median(basis: String) =
            Quantiles.median(rows.filter { it.text("basis") == basis }.map { it.number("rho") }.toDoubleArray())
        ratios[seed] = median(OtherBases.OWN) / median(OtherBases.OTHER)
    }
    return Measured(SeedValues("median rho of delta in the own path over other seeds' paths, end", Scale.LOG, ratios)) {
        throw UserError("a share in a path has no value under the null '${it.label}'; leave it out")
    }
}

/** rho of delta and of the gradient at the end, by whose path the directions are from, beside both nulls. */
fun shareByPath(bases: OtherSeedBases, spread: Spread = standardDeviation, caption: String = ""): Figure {
    fun medians(column: String): Table {
        val table = Table.builder(listOf("seed", "basis", "vector").map(Table::text) + Table.quantity("value"))
        bases.table
            .rows()
            .groupBy { listOf(it.text("seed"), it.text("basis"), it.text("vector")) }
            .forEach { (key, rows) ->
                table.row(*key.toTypedArray(), Quantiles.median(rows.map { it.number(column) }.toDoubleArray()))
            }
        return table.build()
    }
    return pointsBy(
            name = "other-seeds",
            title = "Share rho at the end, in own and other seeds' paths",
            table = medians("rho"),
            x = Axis("basis", "directions of", null),
            y = Axis("value", "median rho = |B'v| / |v|", log = true),
            facet = Facet("vector", 2),
            spread = spread,
            nulls =
                listOf(
                    Null("isotropic", medians("isotropic_rho"), "value"),
                    Null("block-matched", medians("matched_rho"), "value"),
                ),
            caption = caption,
            size = Size.PANELS,
        )
        .with(sources = bases.runs.ids)
}
