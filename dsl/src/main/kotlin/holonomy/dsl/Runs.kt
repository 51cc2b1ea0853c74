package holonomy.dsl

import holonomy.claim.SeedValues
import holonomy.data.Table
import holonomy.data.UserError
import holonomy.figure.Columns
import holonomy.inference.Scale
import holonomy.measure.Measure
import holonomy.measure.SnapshotPlan
import holonomy.model.WeightGroup
import holonomy.run.RunRequest
import holonomy.statistic.RunNumber
import holonomy.statistic.RunSet
import holonomy.statistic.RunValues
import holonomy.store.StoredRun
import holonomy.task.Task
import holonomy.text.counted
import holonomy.train.GroupSeed
import holonomy.train.RunSpec
import java.util.function.ToDoubleFunction

/**
 * One run of a sweep: its arm, its task, its seed, and the values of the sweep's axes.
 *
 * @param owners other seeds whose paths it is made with
 */
internal class Point(
    val arm: Arm,
    val task: Task,
    val seed: Long,
    val request: RunRequest,
    val values: Map<SweepAxis<*>, Any> = emptyMap(),
    owners: Set<Long> = emptySet(),
) {
    val id: String = request.id()

    /** The other seeds that it shares data or paths with: their numbers are not independent of its own. */
    val partners: Set<Long> = owners + request.spec().dataSeed() - seed

    /** The largest number of markers, or 0 for a task without markers. */
    val mostMarkers: Int
        get() = RunSet.mostMarkers(task)

    /** What tells it apart in long tables: its id, and for people arm, task and seed. */
    fun labels(): Map<Table.Column, Any> =
        linkedMapOf(
            RunSet.RUN to id,
            Table.text("arm") to arm.name,
            Table.text("task") to task.label(),
            RunSet.SEED to seed.toString(),
        )

    /** It with the initial values of another seed in one group of blocks; it counts as a run of that seed. */
    fun startingWith(group: WeightGroup, of: Long): Point {
        val spec = request.spec().with(GroupSeed(group, of))
        return Point(arm, task, of, RunRequest(spec, request.label(), request.snapshots(), request.measures()), values)
    }

    /** It as it stands in the store; null where it is not there. */
    fun member(stored: StoredRun?): RunSet.Member? =
        stored?.let { RunSet.Member(request.label(), seed, task, request.spec(), it) }

    companion object {
        fun of(
            arm: Arm,
            task: Task,
            seed: Long,
            label: String,
            recorded: RecordScope,
            values: Map<SweepAxis<*>, Any> = emptyMap(),
            dataSeed: Long = seed,
        ): Point {
            val spec = RunSpec(task.forSeed(seed), arm.modelFor(task), arm.training, seed, dataSeed)
            return Point(arm, task, seed, RunRequest(spec, label, recorded.snapshots, recorded.measures), values)
        }
    }
}

/**
 * A handle on the runs of a sweep. Numbers can be read once they are trained: inside `figure` and `claim`.
 *
 * A statistic is computed per run. Where runs share a seed, [perSeed] says how their numbers become one.
 */
class Runs
internal constructor(
    internal val points: List<Point>,
    internal val archive: Archive,
    private val reduction: Reduction? = null,
    internal val horizon: Long? = null,
) : RunSet {
    private fun with(
        points: List<Point> = this.points,
        reduction: Reduction? = this.reduction,
        horizon: Long? = this.horizon,
    ) = Runs(points, archive, reduction, horizon)

    /** Each of these runs alone. */
    internal val alone: List<Runs>
        get() = points.map { with(listOf(it), reduction = null) }

    /**
     * These runs as they were after a step: no row of a later one is read, so a number of theirs can foretell
     * something. Measures whose rows may know of what comes later, and weights at the end, are refused.
     */
    fun upTo(step: Long): Runs {
        if (step < 0) throw UserError("upTo: expected a step of at least 0, found $step")
        return with(horizon = minOf(step, horizon ?: step))
    }

    /** The runs on one task. */
    fun of(task: Task): Runs = only("task '${task.label()}'") { it.task == task }

    /** The runs of one arm. */
    fun of(arm: Arm): Runs = only("arm '${arm.name}'") { it.arm == arm }

    internal fun only(what: String, condition: (Point) -> Boolean): Runs {
        val kept = points.filter(condition)
        if (kept.isEmpty())
            throw UserError(
                "these runs have no $what; they have ${points.map { it.request.label() }.distinct().joinToString("; ")}"
            )
        return with(kept)
    }

    /** The tasks of these runs, in the order of the sweep. */
    val tasks: List<Task>
        get() = points.map { it.task }.distinct()

    /** The seeds that finished, ascending. */
    val seeds: List<Long>
        get() = finished().map { it.first.seed }.distinct().sorted()

    /** Ids of the finished runs: where a figure's numbers come from. */
    val ids: List<String>
        get() = finished().map { it.first.id }

    internal fun finished(): List<Pair<Point, StoredRun>> =
        points.mapNotNull { point -> archive.find(point.id)?.let { point to it } }

    /**
     * The rows of a measure over all finished runs as one long table, with the columns `run` (the id), `arm`, `task`,
     * `seed`, `m_max` and those of the sweep's axes before its own.
     */
    fun table(handle: MeasureHandle): Table = table(handle.measure)

    override fun table(measure: Measure): Table {
        requireMeasured(measure)
        if (horizon != null && !measure.isOfItsStep)
            throw Misread(
                "'${measure.name()}' is read as it was at step $horizon, but its rows may know of what comes later: " +
                    "it would be no prediction; take a measure of single steps"
            )
        if (archive.rehearsing)
            return Table.builder(measure.columns(points.first().request.spec()))
                .build()
                .labelled(labels(points.first()))
        val finished = finished()
        val tables =
            finished
                .filter { (point, run) -> measure in point.request.measures() || run.has(measure.file()) }
                .map { (point, run) -> archive.table(run, point.id, measure.file(), labels(point)) }
        if (tables.isEmpty()) {
            throw UserError("no finished run has '${measure.name()}'; see why the runs failed")
        }
        val all = Table.concat(tables)
        return horizon?.let { RunSet.upTo(it, all) } ?: all
    }

    /** Known when the experiment is declared: a table that no run of these will have. */
    private fun requireMeasured(measure: Measure) {
        val measured = points.flatMap { it.request.measures() }.distinct()
        if (measure in measured) return
        val other = measured.firstOrNull { it.name() == measure.name() }
        val names = measured.map { it.name() }.distinct().joinToString(", ").ifEmpty { "nothing" }
        throw Misread(
            "'${measure.name()}' is read, but these runs never measure it" +
                (if (other == null) "; they measure $names. Add measure(...) of it to their train { }"
                else
                    " in this way (${measure.words()}), only in another (${other.words()}). " +
                        "Give measure(...) in train { } the handle that is read")
        )
    }

    private fun Measure.words() =
        (listOf(counted(cadence().count(), "time")) + cadence().windows() + "${parameters()}").joinToString(", ")

    /** As [requireMeasured], for copies of weights that are read themselves. */
    internal fun requireSnapshots(plan: SnapshotPlan) {
        if (points.any { plan in it.request.snapshots() }) return
        val group = plan.group().name.lowercase()
        throw Misread(
            "${plan.cadence().count()} snapshots of $group are read, but these runs never keep them; " +
                "add measure(...) of the spectrum, or snapshot($group, ${plan.cadence().count()}), to their train { }"
        )
    }

    private fun labels(point: Point): Map<Table.Column, Any?> =
        point.labels() +
            (RunSet.MOST_MARKERS to point.mostMarkers.toLong()) +
            axes.associate { it.column to point.values[it]?.let(::shown) }

    /** The axes of these runs' sweeps; a run of another sweep has no value there. */
    internal val axes: List<SweepAxis<*>>
        get() = points.flatMap { it.values.keys }.distinct()

    /** What these runs are, in words that tell them from others: arms, tasks, values of the sweep's axes. */
    internal val traits: Set<String>
        get() =
            points.flatMapTo(linkedSetOf()) { point ->
                val values = point.values.filterValues { it !is Task }
                listOf(point.arm.name, point.task.label()) +
                    values.map { (axis, value) -> "${axis.name} ${spoken(value)}" }
            }

    /**
     * These runs, of which several may share a seed: every number of theirs is computed per run, then reduced to one
     * per seed.
     */
    fun perSeed(reduction: Reduction): Runs = with(reduction = reduction)

    /** The finished runs, for the numbers of `core`. */
    override fun members(): List<RunSet.Member> = points.mapNotNull { it.member(archive.find(it.id)) }

    override fun perSeed(label: String, scale: Scale, number: ToDoubleFunction<RunSet.Member>): SeedValues {
        if (reduction == null) requireOneRunPerSeed(label)
        val values = RunValues.of(label, scale, members(), number)
        return (reduction?.let(values::perSeed) ?: values.perSeed()).sharing(partners)
    }

    private val partners: Map<Long, Set<Long>> by lazy {
        points.groupBy { it.seed }.mapValues { (_, own) -> own.flatMap { it.partners }.toSet() }
    }

    /** Whether each run has a seed of its own doesn't depend on which of them finish. */
    private fun requireOneRunPerSeed(label: String) {
        try {
            val entries = points.map { RunValues.Entry(it.id, it.request.label(), it.seed, Double.NaN) }
            RunValues(label, Scale.IDENTITY, entries).perSeed()
        } catch (twins: UserError) {
            throw Misread(twins.message.orEmpty())
        }
    }

    /** These runs and those. */
    operator fun plus(other: Runs): Runs {
        if (horizon != other.horizon)
            throw UserError("runs up to a step and others can't be put together; do that before")
        return with((points + other.points).distinctBy { it.id }, reduction ?: other.reduction)
    }
}

/** How the numbers of several runs of one seed become one: see [Runs.perSeed]. */
typealias Reduction = holonomy.statistic.Reduction

/** A number of these runs; it has no value under a null of the path. */
internal fun Runs.measured(number: RunNumber): Measured = plain(number.of(this), traits)

/** A number of one of the series of a path: of what was measured, and of any null. */
internal fun Runs.ofPath(series: String, number: (String) -> RunNumber): Measured =
    Measured(number(series).of(this), traits) { walk -> number(walk.label).of(this) }

/**
 * The columns of a table by their names, missing cells null: what Lets-Plot draws from, and what kotlinx-dataframe
 * reads where a script asks for it, `runs.table(accuracy).toMap().toDataFrame()`.
 */
fun Table.toMap(): Map<String, List<Any?>> = Columns.of(this)
