package holonomy.dsl

import holonomy.data.Table
import holonomy.data.Table.text
import holonomy.figure.Axis
import holonomy.figure.Figure
import holonomy.figure.Null
import holonomy.figure.Spread
import holonomy.figure.pointsBy
import holonomy.measure.CommutatorMeasure
import holonomy.probe.OtherSeeds
import holonomy.statistic.Cells
import holonomy.statistic.CommutatorNumbers

/** A handle on the shares of commutators in the paths of other seeds' runs, at the end of training. */
class SeedBases
internal constructor(
    internal val runs: Runs,
    private val requests: List<DerivedRequest>,
    private val archive: Archive,
) {
    internal val table: Table by archive.once { archive.table(requests, OtherSeeds.SHARES) }

    /** Rows of one vector in the run's own path, or in all others'. */
    internal fun rows(own: Boolean, vector: String): Table = table.where(CommutatorNumbers.isIn(own, vector))
}

/**
 * Measures the commutators of [pairs] once more at the final weights of every run, in bases from its own path and from
 * the paths of the runs that differ in their seed alone.
 */
fun ExperimentScope.otherSeeds(runs: Runs, pairs: CommutatorHandle): SeedBases {
    val measure = pairs.measure as CommutatorMeasure
    val requests =
        runs.points.map { point ->
            val others =
                runs.points.filter {
                    it.arm == point.arm && it.task == point.task && it.values == point.values && it.seed != point.seed
                }
            DerivedRequest(point, "other seeds' paths: ${point.request.label()}", point.labels()) { run, words, find ->
                OtherSeeds(run, point.request.spec(), others.mapNotNull { find(it.id) }, measure, words)
            }
        }
    return SeedBases(runs, requests, derive(requests))
}

/** rho of delta and of the gradient in the run's own path and in other seeds' paths, beside the block-matched null. */
fun shareByOwner(bases: SeedBases, caption: String = ""): Figure {
    val cells =
        listOf(true to "own", false to "other seeds'").flatMap { (own, path) ->
            CommutatorMeasure.VECTORS.take(2).map { vector ->
                CommutatorNumbers.shares(bases.rows(own, vector), Cells.Key(text("path")) { path })
            }
        }
    val rows = Table.concat(cells)
    return pointsBy(
            name = "share-by-owner",
            title = "Share rho in the own path and in other seeds' paths",
            table = rows,
            x = Axis("path", "whose path's main directions, at the end of training"),
            y = Axis("value", "median rho = |B'v| / |v|", log = true),
            colour = "vector",
            spread = Spread.RANGE, // two seeds share their paths
            nulls = listOf(Null("block-matched", rows, "matched", "low", "high")),
            caption = caption,
        )
        .with(sources = bases.runs.ids)
}

/** Median rho of delta in the run's own path at the end, per seed. */
fun SeedBases.ownShare(): Measured {
    val label = "median rho in the own path, at the end"
    return plain(CommutatorNumbers.share(label) { rows(true, CommutatorNumbers.DELTA) }.of(runs))
}

/**
 * Median rho of delta in the path of each other seed, mean over them, per seed. Two seeds share their paths: the
 * interval is a jackknife over seeds.
 */
fun SeedBases.otherShare(): Measured {
    val label = "median rho in other seeds' paths, at the end"
    return plain(CommutatorNumbers.otherShares(label, rows(false, CommutatorNumbers.DELTA)).perSeed(runs.seeds))
}
