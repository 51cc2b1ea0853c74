package holonomy.laboratory

import holonomy.data.UserError
import holonomy.dsl.DerivedRequest
import holonomy.dsl.Experiment
import holonomy.run.Derived
import holonomy.run.DerivedRunner
import holonomy.run.Progress.Outcome
import holonomy.run.Runner
import holonomy.store.ExperimentRun
import holonomy.store.Store
import holonomy.store.StoredRun
import holonomy.text.counted
import java.util.Locale

/**
 * Computes what experiments derive from their runs (autoencoders, probes): after the training, before the figures, each
 * once, kept in the store. Ctrl-C gives up only what is in progress.
 */
internal class Derivations(
    private val experiments: List<Experiment>,
    private val store: Store,
    private val options: RunOptions,
    private val interruption: Interruption,
) {
    private val wanted: List<DerivedRequest> = experiments.flatMap { it.derived }

    /**
     * What became of them.
     *
     * @property stored complete results by id
     * @property failed how many could not be computed; each has been said. A stage that a run never reached is said,
     *   but is a finding and not a failure: figures name it, claims about it are undefined
     */
    class Computed(val stored: Map<String, StoredRun>, val failed: Int)

    /** Computes what is missing; null when the user has asked to stop. */
    fun compute(finished: Map<String, StoredRun>): Computed? {
        if (wanted.isEmpty()) return Computed(emptyMap(), 0)
        experiments.forEach { it.archive.fill(finished) }
        val refused = mutableListOf<String>()
        val derived =
            wanted.mapNotNull { request -> request.run(finished::get)?.let { resolve(request, it, finished, refused) } }
        refused.forEach(options.display::say)
        note(finished)
        val distinct = derived.distinctBy { it.id() }
        val present = distinct.count { Runner.finished(store, it.id()).isPresent }
        announce(distinct.size, present)
        val results =
            interruption.during(options.display) { stop ->
                DerivedRunner(store, options.workers, options.display).run(distinct, stop)
            }
        if (results.any { it.outcome() == Outcome.INTERRUPTED }) return interrupted(results)
        val failures = results.filter { it.outcome() != Outcome.COMPLETE }
        failures.forEach { options.display.say("${it.derived().label()}: ${it.cause()}") }
        val stored = results.mapNotNull { it.stored().orElse(null) }
        warn(stored)
        return Computed(stored.associateBy { it.id() }, failures.size)
    }

    /** One line each for `--dry-run`. */
    fun list(): List<String> {
        if (wanted.isEmpty()) return emptyList()
        experiments.forEach { experiment ->
            val there = experiment.requests.mapNotNull { stored(it.id()) }
            experiment.archive.fill(there.associateBy { it.id() })
        }
        val lines =
            wanted.map { request ->
                val run = request.run(::stored)
                val derived = run?.let { runCatching { request.of(it, ::stored) } }
                val id = derived?.getOrNull()?.id()
                val state =
                    when {
                        run == null -> "to compute once its run is there"
                        id == null -> derived?.exceptionOrNull()?.message ?: "unknown"
                        stored(id) != null -> PRESENT
                        else -> "to compute"
                    }
                "${id?.take(SHORT) ?: "-".repeat(SHORT)}  ${request.label}  $state${cost(request, state)}"
            }
        val present = lines.count { it.endsWith(PRESENT) }
        return lines +
            "${counted(lines.size, "derived result")}: $present in the store, ${lines.size - present} to compute"
    }

    private fun cost(request: DerivedRequest, state: String) =
        if (request.gradients == 0.0 || state == PRESENT) ""
        else ", at most ${"%,.0f".format(Locale.ROOT, request.gradients)} gradients of a batch"

    /** Notes which experiment asks for which result, for lists of runs. */
    private fun note(finished: Map<String, StoredRun>) {
        for (experiment in experiments) {
            val asked =
                experiment.derived.mapNotNull { request ->
                    val id =
                        request.run(finished::get)?.let {
                            runCatching { request.of(it, finished::get).id() }.getOrNull()
                        }
                    id?.let { ExperimentRun(experiment.name, it, request.label, emptyMap()) }
                }
            if (asked.isNotEmpty()) store.experimentRuns().add(experiment.name, asked)
        }
    }

    private fun stored(id: String): StoredRun? = Runner.finished(store, id).orElse(null)

    private fun resolve(
        request: DerivedRequest,
        run: StoredRun,
        finished: Map<String, StoredRun>,
        refused: MutableList<String>,
    ): Derived? =
        try {
            request.of(run, finished::get)
        } catch (error: UserError) {
            refused += "${request.label}: ${error.message}"
            null
        }

    private fun announce(total: Int, present: Int) {
        val words = if (present < total) "$present in the store, ${total - present} to compute" else "all in the store"
        options.display.note("${counted(total, "derived result")}: $words")
        options.display.expect(total, present)
    }

    private fun interrupted(results: List<DerivedRunner.Result>): Computed? {
        val done = results.count { it.stored().isPresent }
        options.display.say(
            "Interrupted: $done of ${counted(results.size, "derived result")} are complete, the others are computed when the same command is given again."
        )
        return null
    }

    private fun warn(stored: List<StoredRun>) {
        for (result in stored) for (warning in result.summary().path("warnings")) {
            options.display.say("warning: ${result.summary().path("label").asText()}: ${warning.asText()}")
        }
    }

    private companion object {
        const val SHORT = 12
        const val PRESENT = "in the store"
    }
}
