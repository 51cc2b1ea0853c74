package holonomy.cli

import holonomy.data.Query
import holonomy.run.Store
import java.util.concurrent.Callable
import picocli.CommandLine.Command
import picocli.CommandLine.Mixin
import picocli.CommandLine.Parameters

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

    override fun call(): Int {
        val store = options.open(home)
        val runs = if (sql.contains("runs", ignoreCase = true)) mapOf("runs" to tableOf(listRuns(store))) else mapOf()
        val result = Query.run(tables(store), runs, sql)
        if (options.json) {
            streams.printJson(rowsOf(result))
        } else {
            textTable(result).forEach(streams.out::println)
            streams.out.println("${result.size()} rows")
            streams.out.flush()
        }
        return ExitCode.DONE
    }
}

/** The stored tables by measure and way of measuring (`accuracy-1a2b3c4d`), and all of a measure under its name. */
internal fun tables(store: Store): Map<String, List<Query.Source>> {
    val exact = store.tables()
    val named = exact.entries.groupBy({ it.key.replace(Regex("-[0-9a-f]{8}$"), "") }, { it.value })
    return named.mapValues { (_, sources) -> sources.flatten() } + exact
}
