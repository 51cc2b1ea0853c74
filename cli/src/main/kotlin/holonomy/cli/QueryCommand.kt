package holonomy.cli

import holonomy.data.Identity
import holonomy.data.Query
import holonomy.data.UserError
import holonomy.laboratory.ExitCode
import holonomy.laboratory.Home
import holonomy.store.Store
import holonomy.text.rowsOf
import holonomy.text.textTable
import java.util.concurrent.Callable
import kotlin.io.path.invariantSeparatorsPathString
import picocli.CommandLine.Command
import picocli.CommandLine.Mixin
import picocli.CommandLine.Option
import picocli.CommandLine.Parameters
import sun.misc.Signal

/** `holonomy query`: SQL over the metrics of all finished runs. */
@Command(
    name = "query",
    description = ["Ask the metrics of all finished runs in SQL (DuckDB's)."],
    footer =
        [
            "",
            "Tables: runs (id, experiment, point, seed, state, step, accuracy, created, bytes), and one per measure",
            "(accuracy, training, spectrum, ...) with the column run in front; name-XXXXXXXX for one way of measuring only.",
            "",
            "Examples:",
            "  holonomy query \"SELECT seed, max(a.accuracy) FROM accuracy a JOIN runs ON a.run = runs.id GROUP BY seed\"",
            "  holonomy query \"SELECT * FROM runs WHERE accuracy < .9\" --json",
        ],
)
internal class QueryCommand(private val home: Home, private val streams: Streams) : Callable<Int> {
    @Parameters(paramLabel = "SQL", description = ["One SELECT statement."]) private lateinit var sql: String

    @Mixin private lateinit var options: StoreOptions

    @Option(names = ["--all"], description = ["Print every row on a terminal too, not the first $SHOWN only."])
    private var all = false

    override fun call(): Int {
        val store = options.open(home)
        val runs = if (sql.contains("runs", ignoreCase = true)) mapOf("runs" to tableOf(listRuns(store))) else mapOf()
        val damaged = linkedSetOf<String>()
        val query = Query(tables(store), runs) { source -> problem(store, source)?.let { !damaged.add(it) } ?: true }
        val most = if (all || options.json || !streams.terminal.interactive) Int.MAX_VALUE else SHOWN
        val answer = cancellable(query) { query.run(sql, most) } ?: return ExitCode.INTERRUPTED
        damaged.forEach { streams.err.println("holonomy: left out: $it") }
        if (options.json) streams.printJson(rowsOf(answer.table())) else print(answer)
        return if (damaged.isEmpty()) ExitCode.DONE else ExitCode.RUN_FAILED
    }

    private fun print(answer: Query.Answer) {
        textTable(answer.table()).forEach(streams.out::println)
        val shown = answer.table().size()
        val rest = if (shown < answer.rows()) ", the first $shown are shown; give --all or --json for all" else ""
        val rows = if (answer.rows() == 1L) "1 row" else "${answer.rows()} rows"
        streams.out.println(rows + rest)
        streams.out.flush()
    }

    /** The result of [run], or null when Ctrl-C has cancelled the query; a second one ends the process at once. */
    private fun cancellable(query: Query, run: () -> Query.Answer): Query.Answer? {
        val interrupt = Signal("INT")
        val before =
            Signal.handle(interrupt) {
                if (query.isCancelled) Runtime.getRuntime().halt(ExitCode.INTERRUPTED) else query.cancel()
            }
        try {
            return run()
        } catch (error: UserError) {
            if (!query.isCancelled) throw error
            streams.err.println("holonomy: the query was cancelled")
            return null
        } finally {
            Signal.handle(interrupt, before)
        }
    }

    private companion object {
        const val SHOWN = 50
    }
}

/** What is wrong with a stored table's file, compared with its run's manifest; null if nothing is. */
private fun problem(store: Store, source: Query.Source): String? {
    val run = store.find(source.run()).orElse(null) ?: return "run ${source.run()}: it is not complete any more"
    val path = run.folder().relativize(source.file()).invariantSeparatorsPathString
    val words =
        run.problem(path).ifEmpty {
            return null
        }
    return "run ${run.id()}: $path: $words; see `holonomy verify ${Identity.shortened(run.id())}`"
}

/** The stored tables by measure and way of measuring (`accuracy-1a2b3c4d`), and all of a measure under its name. */
internal fun tables(store: Store): Map<String, List<Query.Source>> {
    val exact = store.tables()
    val named = exact.entries.groupBy({ it.key.replace(Regex("-[0-9a-f]{8}$"), "") }, { it.value })
    return named.mapValues { (_, sources) -> sources.flatten() } + exact
}
