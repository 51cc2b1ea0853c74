package holonomy.dsl

import holonomy.data.Table
import holonomy.data.UserError
import holonomy.measure.SnapshotPlan
import holonomy.model.WeightGroup
import holonomy.run.Derived
import holonomy.statistic.StageNumbers
import holonomy.statistic.StoredRuns
import holonomy.store.StoredRun

/**
 * Something wanted that is computed from one finished run, or from others beside it. What exactly (at which step, say)
 * may depend on the run, so it is resolved when the run is there.
 *
 * @property labels columns that tell it apart in tables
 * @param others runs that it can be computed from where [point]'s never finishes
 * @property gradients what it costs at most, in gradients of a batch; 0 where that isn't known
 */
internal class DerivedRequest(
    val point: Point,
    val label: String,
    val labels: Map<Table.Column, Any>,
    private val others: List<Point> = emptyList(),
    val gradients: Double = 0.0,
    private val resolve: (StoredRun, String, (String) -> StoredRun?) -> Derived,
) {
    constructor(
        point: Point,
        label: String,
        labels: Map<Table.Column, Any>,
        resolve: (StoredRun, String) -> Derived,
    ) : this(point, label, labels, resolve = { run, words, _ -> resolve(run, words) })

    /** Something that is computed from all of these runs that finish. */
    constructor(
        points: List<Point>,
        label: String,
        gradients: Double = 0.0,
        resolve: (StoredRuns, String) -> Derived,
    ) : this(
        points.first(),
        label,
        emptyMap(),
        points.drop(1),
        gradients,
        { _, words, find -> resolve(StoredRuns(points.mapNotNull { it.member(find(it.id)) }), words) },
    )

    /** The finished run that it is computed from; null where it can't be computed. */
    fun run(find: (String) -> StoredRun?): StoredRun? = (listOf(point) + others).firstNotNullOfOrNull { find(it.id) }

    private var resolved: Pair<StoredRun, Derived>? = null

    /**
     * What is to be computed; a [UserError] where the run can't give it.
     *
     * @param find the other finished runs, by id
     */
    @Synchronized
    fun of(run: StoredRun, find: (String) -> StoredRun?): Derived {
        resolved?.let { (known, derived) -> if (known.id() == run.id()) return derived }
        return resolve(run, label, find).also { resolved = run to it }
    }
}

/**
 * The finished results of some requests; a run that never reached a stage has none there (see [notReached]). A
 * [UserError] where there is none at all.
 */
internal fun Archive.results(requests: List<DerivedRequest>): List<Pair<DerivedRequest, StoredRun>> {
    var refusal: UserError? = null
    val results =
        requests.mapNotNull { request ->
            request.run(::find)?.let { run ->
                try {
                    val id = request.of(run, ::find).id()
                    request to
                        (find(id)
                            ?: throw IllegalStateException("${request.label}: it could not be computed, see above"))
                } catch (error: UserError) {
                    refusal = error
                    null
                }
            }
        }
    if (results.isEmpty()) throw refusal ?: UserError("no run is finished that these results are computed from")
    return results
}

/**
 * The finished results that an experiment declares, with what each is called; those that could not be had are left out.
 */
internal fun results(experiment: Experiment): List<Pair<String, StoredRun>> {
    val archive = experiment.archive
    return experiment.derived.mapNotNull { request ->
        val id =
            try {
                request.run(archive::find)?.let { request.of(it, archive::find).id() }
            } catch (_: UserError) {
                null
            }
        id?.let(archive::find)?.let { request.label to it }
    }
}

/** Stages that a finished run never reached, for a figure's subtitle; null if there is none. */
internal fun Archive.notReached(requests: List<DerivedRequest>): String? =
    requests
        .filter { request ->
            request.run(::find)?.let { run ->
                try {
                    request.of(run, ::find)
                    false
                } catch (_: UserError) {
                    true
                }
            } ?: false
        }
        .map { "${it.labels[STAGE]} (seed ${it.point.seed})" }
        .distinct()
        .takeIf { it.isNotEmpty() }
        ?.joinToString(prefix = "not reached: ")

/** Column that names a stage. */
internal val STAGE: Table.Column = StageNumbers.STAGE

/** A table over all finished results, with the columns that tell them apart before its own. */
internal fun Archive.table(requests: List<DerivedRequest>, file: String): Table {
    val tables = results(requests).map { (request, stored) -> stored.table(file).labelled(request.labels) }
    return Table.concat(tables)
}

/** The snapshots of every weight that a run keeps. */
internal fun Point.wholeSnapshots(what: String): SnapshotPlan =
    request.snapshots().filter { it.group() == WeightGroup.ALL }.maxByOrNull { it.cadence().count() }
        ?: throw UserError(
            "$what: the runs keep no snapshots of every weight; add snapshot(everyWeight, count = ...) to train { }"
        )
