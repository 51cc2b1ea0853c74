package holonomy.dsl

import holonomy.data.Table
import holonomy.data.UserError
import holonomy.measure.SnapshotPlan
import holonomy.statistic.PlaneStudy
import holonomy.statistic.PlaneStudy.Axes
import holonomy.statistic.SplitStudy
import holonomy.statistic.StoredRuns
import holonomy.text.counted

/** What spans a plane through a run's weights: [pathComponents], [componentAndSharpest] or [endsAndParent]. */
class PlaneAxes
internal constructor(
    internal val title: String,
    internal val x: String,
    internal val y: String,
    internal val off: String,
    internal val twins: Runs? = null,
    internal val of: (StoredRuns) -> Axes,
)

/** The path's first two components, through its mean. */
val pathComponents =
    PlaneAxes("the path's first two components", "along component 1", "along component 2", "off components 1 and 2") {
        Axes.Components()
    }

/**
 * The path's first component and the top eigenvector of the Hessian at its end, through that end; at most [products]
 * Hessian products on each batch of the plane.
 */
fun componentAndSharpest(products: Int) =
    PlaneAxes(
        "the path's first component and the sharpest direction at its end",
        "along component 1",
        "along the top eigenvector",
        "off component 1 and the top eigenvector",
    ) {
        Axes.Sharpest(products)
    }

/**
 * The ends of a run and of its twin, one of [twins], and the parent from which both went on: where they split, named in
 * titles as [parent].
 */
fun endsAndParent(twins: Runs, parent: String = "their parent") =
    PlaneAxes(
        "two runs' ends and $parent",
        "from the parent towards the run's end",
        "across, towards the twin's end",
        "off the plane, run",
        twins,
    ) {
        Axes.Ends(it)
    }

/** A handle on the loss on planes through runs' weights; can be read inside `figure` and `claim`. */
class LossPlanes
internal constructor(
    internal val runs: Runs,
    internal val axes: PlaneAxes,
    request: DerivedRequest,
    private val archive: Archive,
) {
    internal val losses: Table by stored(request, PlaneStudy.LOSSES)
    internal val path: Table by stored(request, PlaneStudy.PATH)
    internal val twin: Table by stored(request, PlaneStudy.TWIN)
    private val shares: Table by stored(request, PlaneStudy.SHARES)

    private fun stored(request: DerivedRequest, file: String) =
        archive.once {
            // Whoever reads the result reads all of the runs.
            (listOfNotNull(axes.twins) + runs).forEach { it.finished() }
            archive.table(listOf(request), file)
        }

    /** The seeds of the runs, in their order. */
    val seeds: List<Long>
        get() = runs.points.map { it.seed }

    internal val ids
        get() = runs.ids

    internal fun idsOf(seed: Long) =
        listOfNotNull(runs, axes.twins).flatMap { runs -> runs.only("seed $seed") { it.seed == seed }.ids }

    /** Rows of distances off the plane; from the first snapshot, too, where that has a name. */
    internal fun distances(from: String): List<Table> =
        listOf(PlaneStudy.distances(path, axes.off, from)) +
            listOfNotNull(axes.twins?.let { PlaneStudy.distances(twin, "off the plane, twin", "") })

    internal fun eigenvalue(seed: Long): String = PlaneStudy.eigenvalue(shares, seed)

    /** Share of the path's variance that lies off its plane, per seed; dimensionless. */
    fun off(): Measured = runs.plainly(PlaneStudy.share(shares, runs, PlaneStudy.OFF))

    /** The same of the uncorrelated walk of its steps' lengths: what any path has off its best plane. */
    fun offByWalk(): Measured = runs.plainly(PlaneStudy.share(shares, runs, PlaneStudy.OFF_OF_WALK))
}

/**
 * The loss on a plane through each run's weights, by [along], on a grid of [points] by [points]: a forward pass of
 * [batches] batches each. Computed after the runs, which must keep `snapshot(everyWeight, snapshots)`, and kept in the
 * store.
 */
fun ExperimentScope.lossPlanes(
    runs: Runs,
    snapshots: Int,
    batches: Int,
    points: Int,
    along: PlaneAxes = pathComponents,
): LossPlanes {
    val plan = SnapshotPlan.of(everyWeight, snapshots)
    val all = listOfNotNull(runs, along.twins)
    all.forEach { it.requireSnapshots(plan) }
    val twins = along.twins?.points.orEmpty()
    for (point in runs.points) {
        val spec = point.request.spec()
        PlaneStudy.requireMemory(along.of(StoredRuns(listOf())), spec)
        if (along.twins != null) SplitStudy.split(spec, twinOf(point, twins).request.spec(), plan, 1)
    }
    val cost = PlaneStudy.gradients(along.of(StoredRuns(listOf())), batches, points)
    val label = "loss planes of ${counted(runs.points.size, "run")}, ${along.title}"
    val request =
        DerivedRequest(runs.points + twins, label, gradients = cost * runs.points.size) { stored, words ->
            PlaneStudy(stored.those(runs.points), plan, along.of(stored.those(twins)), batches, points, words)
        }
    return LossPlanes(runs, along, request, derive(listOf(request)))
}

/** Those of these points that finished. */
internal fun StoredRuns.those(points: List<Point>) =
    StoredRuns(members().filter { run -> run.id() in points.map { it.id } })

private fun twinOf(run: Point, twins: List<Point>) =
    twins.singleOrNull { it.seed == run.seed }
        ?: throw UserError(
            "loss planes: expected one twin of seed ${run.seed}, of '${run.request.label()}', found ${
            counted(twins.count { it.seed == run.seed }, "run")}; give endsAndParent one twin for each run"
        )
