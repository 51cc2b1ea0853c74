package holonomy.watch

import com.fasterxml.jackson.databind.JsonNode
import holonomy.cli.ListedRun
import holonomy.cli.listRuns
import holonomy.data.Identity
import holonomy.data.Table
import holonomy.data.UserError
import holonomy.laboratory.measured
import holonomy.measure.Accuracy
import holonomy.run.Work
import holonomy.store.Damage
import holonomy.store.IndexEntry
import holonomy.store.Store
import holonomy.store.Underway
import holonomy.text.age
import holonomy.text.counted
import holonomy.text.duration
import holonomy.train.RunSpec
import java.io.IOException
import java.nio.file.Files
import java.nio.file.Path
import java.time.Duration
import java.time.Instant

/**
 * What a store's runs are doing now, read from its files alone: lists, leases and checkpoints. Nothing is locked, no
 * run is touched, and whoever trains needs not know.
 */
internal class Watched(private val root: Path) {
    /** The whole state, as the page's script takes it: texts as they are to be read, numbers for its curves. */
    fun state(now: Instant = Instant.now()): Map<String, Any?> {
        val notices = mutableListOf<String>()
        val store = Store.open(root) { notices += it.message() }
        val finished = store.list()
        val (closed, open) = listRuns(store).filter { it.kind == ListedRun.RUN }.partition { it.since != null }
        val latest = closed.sortedByDescending { it.since }
        val training = open.map { unfinished(store, it, finished, now, notices) }
        return linkedMapOf(
            "store" to root.toString(),
            "none" to none(open.size + closed.size),
            "counts" to counts(open, closed),
            "open" to training,
            "finished" to latest.take(SHOWN).map { finished(it, now) },
            "more" to
                if (latest.size > SHOWN) "and ${latest.size - SHOWN} before them: ./holonomy runs lists all" else "",
            "notices" to notices,
        )
    }

    private fun none(runs: Int): String =
        when {
            runs > 0 -> ""
            Files.isDirectory(root) ->
                "There is no run in $root yet. Start one (./holonomy run collapse): it is shown here as soon as it trains."
            else ->
                "There is no folder $root yet. Start a run (./holonomy run collapse), or give the store with --store DIR: " +
                    "it is shown here as soon as it is there."
        }

    private fun counts(open: List<ListedRun>, closed: List<ListedRun>): String =
        (open + closed)
            .groupingBy { it.state }
            .eachCount()
            .toSortedMap()
            .entries
            .joinToString(", ") { (state, n) -> "$n $state" }

    private fun finished(run: ListedRun, now: Instant): Map<String, Any?> =
        linkedMapOf(
            "id" to Identity.shortened(run.id),
            "experiment" to run.experiment,
            "point" to run.point,
            "seed" to run.seed?.toString().orEmpty(),
            "state" to run.state,
            "step" to run.step?.toString().orEmpty(),
            "accuracy" to run.accuracy?.let { "%.3f".format(java.util.Locale.ROOT, it) }.orEmpty(),
            "age" to run.since?.let { age(Duration.between(it, now).seconds) }.orEmpty(),
        )

    private fun unfinished(
        store: Store,
        run: ListedRun,
        finished: List<IndexEntry>,
        now: Instant,
        notices: MutableList<String>,
    ): Map<String, Any?> {
        val spec = store.unfinished(run.id).flatMap { it.spec() }.orElse(null)
        val steps = spec?.at(STEPS)?.takeIf { it.isIntegralNumber }?.longValue()
        val underway = underway(store, run, notices)
        val step = underway?.step ?: run.step ?: 0
        val training = run.state == TRAINING
        val left = if (training && steps != null) secondsLeft(spec, steps, underway, finished, now) else null
        return linkedMapOf(
            "id" to Identity.shortened(run.id),
            "experiment" to run.experiment,
            "point" to run.point,
            "seed" to run.seed?.toString().orEmpty(),
            "state" to run.state,
            "step" to step,
            "steps" to steps,
            "loss" to underway?.loss?.takeIf { it.isFinite() },
            "left" to (left?.let { "about ${duration(it)} left" } ?: ""),
            "checkpoint" to
                (underway?.let { "as of ${age(Duration.between(it.at, now).seconds)} ago" } ?: "no checkpoint yet"),
            "curves" to underway?.tables.orEmpty().values.flatMap { curves(it) },
        )
    }

    private fun underway(store: Store, run: ListedRun, notices: MutableList<String>): Underway? =
        try {
            Underway.read(store.folder(run.id)).orElse(null)
        } catch (damage: Damage) {
            notices += "${Identity.shortened(run.id)}: ${damage.message}; the run begins again when it is trained again"
            null
        } catch (failure: IOException) {
            notices += "${Identity.shortened(run.id)}: $failure"
            null
        }

    /** By the run's own pace up to its checkpoint, else by that of stored runs with the same work; null: not known. */
    private fun secondsLeft(
        spec: JsonNode,
        steps: Long,
        underway: Underway?,
        finished: List<IndexEntry>,
        now: Instant,
    ): Double? {
        if (underway != null && underway.step > 0) {
            val since = Duration.between(underway.at, now).toMillis() / 1e3
            return maxOf(0.0, (steps - underway.step) * underway.seconds / underway.step - since)
        }
        val work =
            try {
                Work.of(RunSpec.fromSpec(spec))
            } catch (other: UserError) {
                return null // a spec of another version, or of something that is not trained by steps
            }
        return measured(finished, work)?.let { steps / it }
    }

    /** The accuracies and losses of a table over steps, a line for each of its sets. */
    private fun curves(table: Table): List<Map<String, Any>> {
        val names = table.columns().map { it.name() }
        val step = STEP.takeIf { it in names } ?: return emptyList()
        val set = names.getOrNull(names.indexOf(step) + 1)?.takeIf { it !in DRAWN }
        return DRAWN.filter { it in names }
            .map { column ->
                val lines =
                    table
                        .rows()
                        .filter { it.value(column) != null && it.number(column).isFinite() }
                        .groupBy {
                            if (set == null) "" else if (table.isNumber(set)) "$set = ${it.text(set)}" else it.text(set)
                        }
                mapOf(
                    "name" to column,
                    "lines" to
                        lines.map { (name, rows) ->
                            mapOf("name" to name, "points" to rows.map { listOf(it.number(step), it.number(column)) })
                        },
                )
            }
    }

    private fun Table.isNumber(column: String) = columns().first { it.name() == column }.type() != Table.Type.TEXT

    companion object {
        /** Finished runs that are listed, the latest first. */
        const val SHOWN = 100
        private const val TRAINING = "training"
        private const val STEPS = "/training/steps"
        private const val STEP = "step"
        private val DRAWN = listOf(Accuracy.ACCURACY.name(), Accuracy.LOSS.name())

        /** A line for people: what is in the store. */
        fun words(state: Map<String, Any?>): String =
            state["none"].toString().ifEmpty {
                "${counted((state["open"] as List<*>).size, "run")} open; ${state["counts"]}"
            }
    }
}
