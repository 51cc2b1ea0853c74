package holonomy.dsl

import holonomy.data.Table
import holonomy.measure.SnapshotPlan
import holonomy.statistic.PlaneStudy
import holonomy.text.counted

/** A handle on the loss on the planes of runs' paths; can be read inside `figure` and `claim`. */
class LossPlanes internal constructor(private val runs: Runs, request: DerivedRequest, private val archive: Archive) {
    internal val losses: Table by stored(request, PlaneStudy.LOSSES)
    internal val path: Table by stored(request, PlaneStudy.PATH)
    private val shares: Table by stored(request, PlaneStudy.SHARES)

    private fun stored(request: DerivedRequest, file: String) =
        archive.once {
            runs.finished() // whoever reads the result reads all of the runs
            archive.table(listOf(request), file)
        }

    /** The seeds of the runs, in their order. */
    val seeds: List<Long>
        get() = runs.points.map { it.seed }

    internal val ids
        get() = runs.ids

    internal fun idsOf(seed: Long) = runs.only("seed $seed") { it.seed == seed }.ids

    internal fun distances(): Table = PlaneStudy.distances(path)

    /** Share of the path's variance that lies off its plane, per seed; dimensionless. */
    fun off(): Measured = runs.plainly(PlaneStudy.share(shares, runs, PlaneStudy.OFF))

    /** The same of the uncorrelated walk of its steps' lengths: what any path has off its best plane. */
    fun offByWalk(): Measured = runs.plainly(PlaneStudy.share(shares, runs, PlaneStudy.OFF_OF_WALK))
}

/**
 * The loss on the plane of each path's first two components, through its mean, on a grid of [points] by [points]: a
 * forward pass of [batches] batches each. Computed after the runs, which must keep `snapshot(everyWeight, snapshots)`,
 * and kept in the store.
 */
fun ExperimentScope.lossPlanes(runs: Runs, snapshots: Int, batches: Int, points: Int): LossPlanes {
    val plan = SnapshotPlan.of(everyWeight, snapshots)
    runs.requireSnapshots(plan)
    val label = "loss planes of ${counted(runs.points.size, "run")}"
    val request =
        DerivedRequest(runs.points, label) { stored, words -> PlaneStudy(stored, plan, batches, points, words) }
    return LossPlanes(runs, request, derive(listOf(request)))
}
