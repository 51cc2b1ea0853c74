package holonomy.dsl

import holonomy.data.Table
import holonomy.data.UserError
import holonomy.geometry.HeadProduct
import holonomy.measure.SnapshotPlan
import holonomy.model.WeightGroup
import holonomy.statistic.OverlapStudy
import holonomy.statistic.PathOverlaps
import holonomy.statistic.RunSet
import holonomy.task.Task
import holonomy.text.counted

/** Whose batches a run gets, when not its own seed's. */
class DataSeed internal constructor(internal val of: (Long, List<Long>) -> Long)

/** The batches of the next seed of the list, the first one's for the last: each seed's data serve two runs. */
val nextSeed = DataSeed { seed, all -> if (all.size == 1) seed + 1 else all[(all.indexOf(seed) + 1) % all.size] }

internal fun crossedPoint(
    arm: Arm,
    task: Task,
    seed: Long,
    data: Long,
    keeping: WeightGroup?,
    recorded: RecordScope,
): Point {
    val name = "${arm.name}, ${task.label()}, seed $seed"
    if (keeping == null) return Point.of(arm, task, seed, "$name, data of seed $data", recorded, dataSeed = data)
    val kept = keeping.name.lowercase()
    return Point.of(arm, task, data, "$name in its first $kept alone, else seed $data", recorded)
        .startingWith(keeping, seed)
}

/**
 * Which two runs are compared; s is a seed, s' the next one, (s, s') the run with the initial values of s and the
 * batches of s'.
 */
enum class Partner(internal val kind: PathOverlaps.Partner, internal val words: String) {
    /** (s, s) and (s, s'). */
    OTHER_DATA(PathOverlaps.Partner.OTHER_DATA, "same initial values, other data"),

    /** (s, s') and (s', s'). */
    OTHER_START(PathOverlaps.Partner.OTHER_START, "other initial values, same data"),

    /** (s, s) and (s', s'). */
    OTHER_SEED(PathOverlaps.Partner.OTHER_SEED, "other initial values and data"),

    /** (s, s) on the first task and on the second. */
    OTHER_TASK(PathOverlaps.Partner.OTHER_TASK, "same initial values, other task"),

    /**
     * (s, s) and the run of s' that begins with the embeddings of s: `train(..., data = nextSeed, keeping =
     * embeddings)`.
     */
    SAME_EMBEDDINGS(PathOverlaps.Partner.SAME_EMBEDDINGS, "same embeddings at the start, all else other"),

    /** (s, s) and the run of s' that begins with the attention matrices of s. */
    SAME_ATTENTION(PathOverlaps.Partner.SAME_ATTENTION, "same attention at the start, all else other"),
}

/** What moves: the four matrices, or the heads' two products. */
class Movers internal constructor(internal val names: Set<String>, private val words: String) {
    override fun toString() = words
}

/** W_Q, W_K, W_V and W_O. */
val matrices = Movers(setOf("W_Q", "W_K", "W_V", "W_O"), "the matrices")

/** W_Q'W_K and W_O W_V of every head. */
val headProducts = Movers(HeadProduct.entries.map { it.label() }.toSet(), "the heads' products")

/**
 * The overlaps (mean squared cosine of the principal angles) of the top [k] subspaces of runs' paths, and their chance
 * level k/D.
 *
 * A handle: made and checked before anything trains, read inside `figure` and `claim`. Heads are compared by their
 * number: where initial values differ, a head's partner is arbitrary, as any pairing is.
 */
class Overlaps
internal constructor(
    internal val runs: Runs,
    internal val paths: PathOverlaps,
    private val request: DerivedRequest,
    private val archive: Archive,
) {
    internal val k = paths.k()

    /** Overlaps by comparison: columns seed, comparison, layer, matrix, value (mean over heads). */
    internal val byPartner: Table by stored(OverlapStudy.BY_PARTNER)

    /** Overlaps between runs on the first task, mean over layers and matrices: columns one, other, value. */
    internal val betweenRuns: Table by stored(OverlapStudy.SHOWN)

    /** Overlaps within runs of the first task between all matrices: columns seed, one, other, value. */
    internal val withinRuns: Table by stored(OverlapStudy.WITHIN)

    private fun stored(file: String) =
        archive.once {
            runs.finished() // whoever reads the result reads all of the runs
            archive.table(listOf(request), file)
        }
}

/**
 * The overlaps of the top [k] principal directions among runs: [runs] of their own data (on one or two tasks), and runs
 * crossed with [nextSeed]. They are computed after the runs, kept in the store, and never computed twice.
 *
 * @param snapshots copies per run, which the runs must keep: `measure(trajectorySpectrum(...))` or `snapshot(attention,
 *   ...)`
 */
fun ExperimentScope.overlaps(runs: Runs, snapshots: Int, k: Int = 3): Overlaps {
    val plan = SnapshotPlan.of(attention, snapshots)
    if (k < 1 || k >= snapshots) {
        throw UserError(
            "overlap of subspaces: the top $k directions need at least ${maxOf(k, 1) + 1} snapshots and 1 direction, found $snapshots snapshots"
        )
    }
    runs.points.forEach { point ->
        requireOneSize(runs.points.first(), point)
        if (plan !in point.request.snapshots()) {
            throw UserError(
                "overlap of subspaces: run '${point.request.label()}' does not keep $snapshots snapshots of its attention matrices; " +
                    "add snapshot(attention, $snapshots) to its train { }"
            )
        }
    }
    requireOneRunEach(runs.points)
    val model = runs.points.first().request.spec().model()
    fun paths(of: RunSet) = PathOverlaps(of, model, runs.tasks.first(), plan, k)
    val label = "overlaps of ${counted(runs.points.size, "run")}, top $k directions of $snapshots snapshots"
    val request = DerivedRequest(runs.points, label) { stored, words -> OverlapStudy(paths(stored), words) }
    return Overlaps(runs, paths(runs), request, derive(listOf(request)))
}

/** Of each task, seed and data one run: else a comparison would pick one of several without a word. */
private fun requireOneRunEach(points: List<Point>) {
    val twins =
        points
            .groupBy { it.request.spec().run { listOf(it.task, it.seed, dataSeed(), groupSeed()) } }
            .values
            .firstOrNull { it.size > 1 } ?: return
    val (one, other) = twins.map { it.request.label() }
    throw UserError(
        "overlap of subspaces: expected one run for each task, seed and data, found '$one' and '$other'; " +
            "choose one with of(...)"
    )
}

private fun requireOneSize(one: Point, other: Point) {
    fun size(point: Point) =
        point.request.spec().model().let {
            "${it.layers()} layers of ${it.heads()} heads with matrices of ${it.width()} x ${it.width()}"
        }
    if (size(one) != size(other)) {
        throw UserError(
            "overlap of subspaces: run '${one.request.label()}' has ${size(one)}, run '${other.request.label()}' has ${size(other)}; " +
                "subspaces of different sizes have no angles between them. Compare runs of one size"
        )
    }
}
