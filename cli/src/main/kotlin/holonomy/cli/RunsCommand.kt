package holonomy.cli

import holonomy.data.Identity
import holonomy.data.UserError
import holonomy.dsl.didYouMean
import holonomy.laboratory.ExitCode
import holonomy.laboratory.Home
import holonomy.text.age
import holonomy.text.counted
import holonomy.text.rowsOf
import holonomy.text.size
import holonomy.text.textTable
import java.time.Duration
import java.time.Instant
import java.util.Locale
import java.util.concurrent.Callable
import picocli.CommandLine.Command
import picocli.CommandLine.Mixin
import picocli.CommandLine.Option

/** `holonomy runs`: what is in the store. */
@Command(
    name = "runs",
    description = ["List the runs in the store: experiment, point, seed, state, step, accuracy, age, size."],
    footer =
        [
            "",
            "Examples:",
            "  holonomy runs                           every run",
            "  holonomy runs --all                     and the autoencoders and probes derived from them",
            "  holonomy runs --experiment collapse     those that one experiment asked for",
            "  holonomy runs --state interrupted       those that go on when their experiment is run again",
            "  holonomy runs --json | jq length        for other programs",
        ],
)
internal class RunsCommand(private val home: Home, private val streams: Streams) : Callable<Int> {
    @Option(names = ["--experiment"], paramLabel = "NAME", description = ["Only runs that this experiment asked for."])
    private var experiment: String? = null

    @Option(names = ["--state"], paramLabel = "S", description = ["Only complete, diverged, interrupted or training."])
    private var state: String? = null

    @Option(
        names = ["--all"],
        description = ["Also what was derived from runs: autoencoders, probes; with a column for the kind."],
    )
    private var all = false

    @Mixin private lateinit var options: StoreOptions

    override fun call(): Int {
        state?.let {
            if (it !in STATES)
                throw UserError("--state: expected ${STATES.joinToString()}, found '$it'.${didYouMean(it, STATES)}")
        }
        val store = options.open(home)
        val found =
            listRuns(store).filter { run ->
                (experiment?.let { it in run.experiment.split(", ") } ?: true) &&
                    (state?.let { it == run.state } ?: true)
            }
        val (runs, derived) = found.partition { it.kind == ListedRun.RUN }
        if (options.json) streams.printJson(rowsOf(tableOf(if (all) found else runs)))
        else print(runs, derived, store.root().toString())
        return ExitCode.DONE
    }

    private fun print(runs: List<ListedRun>, derived: List<ListedRun>, root: String) {
        val shown = if (all) runs + derived else runs
        if (shown.isNotEmpty()) {
            val kind = if (all) listOf("kind") else emptyList()
            val rows = shown.map { (if (all) listOf(it.kind) else emptyList()) + cells(it) }
            val right = setOf(3, 5, 6, 7, 8).map { it + kind.size }.toSet()
            textTable(kind + NAMES, rows, right).forEach(streams.out::println)
        }
        streams.out.println("${counted(runs.size, "run")}, ${size(runs.sumOf { it.bytes })}, in $root")
        if (derived.isNotEmpty()) {
            val hint = if (all) "" else " (--all lists them)"
            streams.out.println("${counted(derived.size, "derived result")}, ${size(derived.sumOf { it.bytes })}$hint")
        }
        streams.out.flush()
    }

    private fun cells(run: ListedRun): List<String> =
        listOf(
            Identity.shortened(run.id),
            run.experiment,
            run.point,
            run.seed?.toString().orEmpty(),
            run.state,
            run.step?.toString().orEmpty(),
            run.accuracy?.let { "%.3f".format(Locale.ROOT, it) }.orEmpty(),
            run.since?.let { age(Duration.between(it, Instant.now()).seconds) }.orEmpty(),
            size(run.bytes),
        )

    private companion object {
        val STATES = listOf("complete", "diverged", "interrupted", "training")
        val NAMES = listOf("id", "experiment", "point", "seed", "state", "step", "accuracy", "age", "size")
    }
}
