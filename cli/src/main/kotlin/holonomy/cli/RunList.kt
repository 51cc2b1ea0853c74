package holonomy.cli

import holonomy.data.Table
import holonomy.store.ExperimentRun
import holonomy.store.IndexEntry
import holonomy.store.Store
import holonomy.store.UnfinishedRun
import java.time.Instant

/**
 * A run, or what was derived from one, as it is listed: [kind] is `run`, `sae`, `probes`... [accuracy], [seed] and
 * [step] are null where they are not known; [since] when it was finished.
 */
internal data class ListedRun(
    val id: String,
    val kind: String,
    val experiment: String,
    val point: String,
    val seed: Long?,
    val state: String,
    val step: Long?,
    val accuracy: Double?,
    val since: Instant?,
    val bytes: Long,
) {
    companion object {
        /** The kind of a training run. */
        const val RUN = "run"
    }
}

/** All runs of a store, finished and not: in the order of experiments and points. */
internal fun listRuns(store: Store): List<ListedRun> {
    val asked = store.experimentRuns().byRun()
    val listed = store.list()
    val finished = listed.map { finished(it, asked[it.id()].orEmpty()) }
    val unfinished = store.unfinished(listed).map { unfinished(it, asked[it.id()].orEmpty()) }
    return (finished + unfinished).sortedWith(compareBy({ it.experiment }, { it.point }, { it.id }))
}

private fun finished(run: IndexEntry, asked: List<ExperimentRun>): ListedRun {
    val summary = run.summary()
    return ListedRun(
        run.id(),
        run.kind(),
        asked.joinToString(", ") { it.experiment() },
        asked.firstOrNull()?.label() ?: summary.path("label").asText(),
        summary.path("seed").takeIf { it.isNumber }?.longValue(),
        summary.path("state").asText().ifEmpty { "complete" },
        summary.path("step").takeIf { it.isNumber }?.longValue(),
        summary.path("accuracy").takeIf { it.isNumber }?.doubleValue(),
        run.created(),
        run.bytes(),
    )
}

private fun unfinished(run: UnfinishedRun, asked: List<ExperimentRun>): ListedRun {
    return ListedRun(
        run.id(),
        run.spec().map { it.path("kind").asText() }.filter { it.isNotEmpty() }.orElse(ListedRun.RUN),
        asked.joinToString(", ") { it.experiment() },
        asked.firstOrNull()?.label().orEmpty(),
        run.spec().map { it.path("initSeed") }.filter { it.isNumber }.map { it.longValue() }.orElse(null),
        if (run.owner().isPresent) "training" else "interrupted",
        run.reached().orElse(0),
        null,
        null,
        run.files().values.sum(),
    )
}

/**
 * The list as a table for SQL and JSON: columns id, kind, experiment, point, seed, state, step, accuracy, created,
 * bytes.
 */
internal fun tableOf(runs: List<ListedRun>): Table {
    val table =
        Table.builder(
            listOf(
                Table.text("id"),
                Table.text("kind"),
                Table.text("experiment"),
                Table.text("point"),
                Table.whole("seed"),
                Table.text("state"),
                Table.whole("step"),
                Table.quantity("accuracy"),
                Table.text("created"),
                Table.whole("bytes"),
            )
        )
    runs.forEach {
        table.row(
            it.id,
            it.kind,
            it.experiment,
            it.point,
            it.seed,
            it.state,
            it.step,
            it.accuracy,
            it.since?.toString(),
            it.bytes,
        )
    }
    return table.build()
}
