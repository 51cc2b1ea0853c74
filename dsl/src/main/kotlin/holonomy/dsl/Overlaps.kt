package holonomy.dsl

import holonomy.data.Table
import holonomy.data.UserError
import holonomy.geometry.Gram
import holonomy.geometry.HeadProduct
import holonomy.geometry.OverlapNull
import holonomy.geometry.StreamedOverlap
import holonomy.geometry.Subspace
import holonomy.geometry.Trajectory
import holonomy.measure.SnapshotPlan
import holonomy.run.Snapshots
import holonomy.task.Task

/** Whose batches a run gets, when not its own seed's. */
class DataSeed internal constructor(internal val of: (Long, List<Long>) -> Long)

/** The batches of the next seed of the list, the first one's for the last: each seed's data serve two runs. */
val nextSeed = DataSeed { seed, all -> if (all.size == 1) seed + 1 else all[(all.indexOf(seed) + 1) % all.size] }

internal fun crossedPoint(arm: Arm, task: Task, seed: Long, data: Long, recorded: RecordScope): Point =
    Point.of(arm, task, seed, "${arm.name}, ${task.label()}, seed $seed, data of seed $data", recorded, dataSeed = data)

/**
 * Which two runs are compared; s is a seed, s' the next one, (s, s') the run with the initial values of s and the
 * batches of s'.
 */
enum class Partner(internal val label: String, internal val words: String) {
    /** (s, s) and (s, s'). */
    OTHER_DATA("other data", "same initial values, other data"),

    /** (s, s') and (s', s'). */
    OTHER_START("other start", "other initial values, same data"),

    /** (s, s) and (s', s'). */
    OTHER_SEED("other seed", "other initial values and data"),

    /** (s, s) on the first task and on the second. */
    OTHER_TASK("other task", "same initial values, other task"),
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
class Overlaps internal constructor(internal val runs: Runs, internal val plan: SnapshotPlan, internal val k: Int) {
    private val model = runs.points.first().request.spec().model()
    private val first = runs.tasks.first()

    /** D, weights of a matrix and numbers of a head's product alike. */
    internal val dimension: Long = model.width().toLong() * model.width()

    internal val chance = OverlapNull(k, k, dimension)

    /** Overlaps by comparison: columns seed, comparison, layer, matrix, value (mean over heads). */
    internal val byPartner: Table by runs.archive.once { collection.first }

    /** Overlaps between runs on the first task, mean over layers and matrices: columns one, other, value. */
    internal val betweenRuns: Table by runs.archive.once { collection.second }

    private val collection: Pair<Table, Table> by
        runs.archive.once {
            val rows = Table.builder(BY_PARTNER)
            val sums = linkedMapOf<Pair<Point, Point>, MutableList<Double>>()
            val pairs = Partner.entries.flatMap { partner -> pairsOf(partner).map { partner to it } }
            for (layer in 0..<model.layers()) {
                val subspaces = finished.associateWith { subspacesOf(it, layer) }
                for ((partner, pair) in pairs) {
                    for ((mover, values) in compared(subspaces, pair)) {
                        rows.row(pair.first.seed.toString(), partner.label, layer, mover, values.average())
                    }
                }
                for (pair in shownPairs()) {
                    val values = compared(subspaces, pair).filterKeys { it in matrices.names }.values.flatten()
                    sums.getOrPut(pair) { mutableListOf() } += values
                }
            }
            val between = Table.builder(listOf(Table.text("one"), Table.text("other"), Table.quantity("value")))
            sums.forEach { (pair, values) -> between.row(name(pair.first), name(pair.second), values.average()) }
            rows.build() to between.build()
        }

    private val finished: List<Point> by runs.archive.once { runs.finished().map { it.first } }

    private val Point.data
        get() = request.spec().dataSeed()

    private fun name(point: Point) = "${point.seed}/${point.data}"

    /** The runs of the first task that are shown against each other, at most [MOST_SHOWN]. */
    private fun shownPairs(): List<Pair<Point, Point>> {
        val shown =
            finished.filter { it.task == first }.sortedWith(compareBy({ it.seed }, { it.data })).take(MOST_SHOWN)
        return shown.flatMap { one -> shown.filter { it !== one }.map { one to it } }
    }

    private fun pairsOf(partner: Partner): List<Pair<Point, Point>> {
        val own = finished.filter { it.task == first && it.seed == it.data }
        val crossed = finished.filter { it.task == first && it.seed != it.data }
        fun ownOf(seed: Long) = own.firstOrNull { it.seed == seed }
        return when (partner) {
            Partner.OTHER_DATA -> crossed.mapNotNull { c -> ownOf(c.seed)?.let { it to c } }
            Partner.OTHER_START -> crossed.mapNotNull { c -> ownOf(c.data)?.let { c to it } }
            Partner.OTHER_SEED -> crossed.mapNotNull { c -> ownOf(c.data)?.let { other -> ownOf(c.seed)?.to(other) } }
            Partner.OTHER_TASK ->
                own.mapNotNull { o ->
                    finished.firstOrNull { it.task != first && it.seed == o.seed && it.data == o.data }?.let { o to it }
                }
        }
    }

    /** The top k subspaces of one layer of a run: of its matrices (one each) and its heads' products (one per head). */
    private fun subspacesOf(point: Point, layer: Int): Map<String, List<Subspace>> =
        trajectory(point) { path ->
            val own = matrices.names.associateWith { listOf(Subspace.principal(path, "layers.$layer.$it", k)) }
            val products =
                HeadProduct.entries.associate { product ->
                    product.label() to
                        List(model.heads()) { head ->
                            val moved = product.path(path, layer, head, model.heads(), model.width())
                            Subspace.principal(moved, product.block(layer, head), k)
                        }
                }
            own + products
        }

    private fun compared(
        subspaces: Map<Point, Map<String, List<Subspace>>>,
        pair: Pair<Point, Point>,
    ): Map<String, List<Double>> {
        val other = subspaces.getValue(pair.second)
        return subspaces.getValue(pair.first).mapValues { (mover, own) ->
            own.zip(other.getValue(mover)) { a, b -> a.anglesTo(b).overlap() }
        }
    }

    internal fun <T> trajectory(point: Point, use: (Trajectory) -> T): T {
        val run = runs.finished().first { it.first === point }.second
        return Snapshots.of(run, point.request.spec(), plan).use(use)
    }

    /** Overlaps within runs of the first task between all matrices: columns seed, one, other, value. */
    internal val withinRuns: Table by
        runs.archive.once {
            val rows =
                Table.builder(
                    listOf(Table.text("seed"), Table.text("one"), Table.text("other"), Table.quantity("value"))
                )
            for (point in finished.filter { it.task == first && it.seed == it.data }) {
                trajectory(point) { path ->
                    val blocks = path.blocks()
                    val overlap = StreamedOverlap.of(path, blocks.map { Gram.of(path, it) }, k)
                    for (a in blocks.indices) for (b in blocks.indices) {
                        if (a != b)
                            rows.row(point.seed.toString(), short(blocks[a]), short(blocks[b]), overlap.get(a, b))
                    }
                }
            }
            rows.build()
        }

    /** `layers.0.W_Q` as `0 W_Q`. */
    private fun short(block: String) = block.split(".", limit = 3).let { (_, layer, matrix) -> "$layer $matrix" }

    private companion object {
        const val MOST_SHOWN = 8
        val BY_PARTNER =
            listOf(
                Table.text("seed"),
                Table.text("comparison"),
                Table.whole("layer"),
                Table.text("matrix"),
                Table.quantity("value"),
            )
    }
}

/**
 * The overlaps of the top [k] principal directions among runs: [runs] of their own data (on one or two tasks), and runs
 * crossed with [nextSeed].
 *
 * @param snapshots copies per run, which the runs must keep: `measure(trajectorySpectrum(...))` or `snapshot(attention,
 *   ...)`
 */
fun overlaps(runs: Runs, snapshots: Int, k: Int = 3): Overlaps {
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
    return Overlaps(runs, plan, k)
}

/** Of each task, seed and data one run: else a comparison would pick one of several without a word. */
private fun requireOneRunEach(points: List<Point>) {
    val twins =
        points.groupBy { Triple(it.task, it.seed, it.request.spec().dataSeed()) }.values.firstOrNull { it.size > 1 }
            ?: return
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
