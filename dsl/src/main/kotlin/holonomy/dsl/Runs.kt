package holonomy.dsl

import holonomy.data.Table
import holonomy.data.UserError
import holonomy.experiment.SeedValues
import holonomy.measure.Measure
import holonomy.measure.SnapshotPlan
import holonomy.run.RunRequest
import holonomy.run.StoredRun
import holonomy.task.Task
import holonomy.train.RunSpec
import java.util.TreeMap

/** One run of a sweep: its arm, its task, its seed, and the values of the sweep's axes. */
internal class Point(
    val arm: Arm,
    val task: Task,
    val seed: Long,
    val request: RunRequest,
    val values: Map<SweepAxis<*>, Any> = emptyMap(),
) {
    val id: String = request.id()

    /** The largest number of markers, or 0 for a task without markers. */
    val mostMarkers: Int
        get() = task.conditions().keys.maxOrNull() ?: 0

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

/** A handle on the runs of a sweep. Numbers can be read once they are trained: inside `figure` and `claim`. */
class Runs internal constructor(internal val points: List<Point>, internal val archive: Archive) {
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
        return Runs(kept, archive)
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
     * The rows of a measure over all finished runs as one long table, with the columns `arm`, `task`, `m_max`, `seed`
     * and those of the sweep's axes before its own.
     */
    fun table(handle: MeasureHandle): Table = table(handle.measure)

    internal fun table(measure: Measure): Table {
        requireMeasured(measure)
        if (archive.rehearsing) return Table.builder(measure.columns()).build().labelled(labels(points.first()))
        val tables =
            finished()
                .filter { (_, run) -> run.has(measure.file()) }
                .map { (point, run) -> archive.table(run, point.id, measure.file()).labelled(labels(point)) }
        if (tables.isEmpty()) {
            throw UserError("no finished run has '${measure.name()}'; see why the runs failed")
        }
        return Table.concat(tables)
    }

    /** Known when the experiment is declared: a table that no run of these will have. */
    private fun requireMeasured(measure: Measure) {
        val measured = points.flatMap { it.request.measures() }.distinct()
        if (measure in measured) return
        val other = measured.firstOrNull { it.name() == measure.name() }
        val names = measured.map { it.name() }.distinct().joinToString(", ").ifEmpty { "nothing" }
        throw NeverMeasured(
            "'${measure.name()}' is read, but these runs never measure it" +
                (if (other == null) "; they measure $names. Add measure(...) of it to their train { }"
                else
                    " in this way (${measure.words()}), only in another (${other.words()}). " +
                        "Give measure(...) in train { } the handle that is read")
        )
    }

    private fun Measure.words() = "${counted(cadence().count(), "time")}, ${parameters()}"

    /** As [requireMeasured], for copies of weights that are read themselves. */
    internal fun requireSnapshots(plan: SnapshotPlan) {
        if (points.any { plan in it.request.snapshots() }) return
        val group = plan.group().name.lowercase()
        throw NeverMeasured(
            "${plan.cadence().count()} snapshots of $group are read, but these runs never keep them; " +
                "add measure(...) of the spectrum, or snapshot($group, ${plan.cadence().count()}), to their train { }"
        )
    }

    private fun labels(point: Point): Map<Table.Column, Any?> {
        val labels =
            linkedMapOf<Table.Column, Any?>(
                Table.text("arm") to point.arm.name,
                Table.text("task") to point.task.label(),
                Table.whole("m_max") to point.mostMarkers.toLong(),
                Table.text("seed") to point.seed.toString(),
            )
        axes.forEach { labels[it.column] = point.values[it]?.let(::shown) }
        return labels
    }

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

    /** One number per seed from each seed's rows of a measure. */
    internal fun perSeed(label: String, table: Table, value: (Table) -> Double): SeedValues {
        val bySeed = TreeMap<Long, Double>()
        for (seed in table.rows().map { it.text("seed") }.distinct()) {
            bySeed[seed.toLong()] = value(table.where { it.text("seed") == seed })
        }
        return SeedValues.of(label, bySeed)
    }

    /** These runs and those. */
    operator fun plus(other: Runs): Runs = Runs((points + other.points).distinctBy { it.id }, archive)
}
