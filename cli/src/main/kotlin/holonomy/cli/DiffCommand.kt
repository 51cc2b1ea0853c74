package holonomy.cli

import com.fasterxml.jackson.databind.JsonNode
import holonomy.data.JsonDifference
import holonomy.data.Table
import holonomy.data.UserError
import holonomy.laboratory.ExitCode
import holonomy.laboratory.Home
import holonomy.store.Store
import holonomy.store.StoredRun
import holonomy.text.textTable
import java.util.concurrent.Callable
import picocli.CommandLine.Command
import picocli.CommandLine.Mixin
import picocli.CommandLine.Parameters

/** `holonomy diff`: why do two runs differ? */
@Command(
    name = "diff",
    description = ["Compare two finished runs: specs, code, and the first step at which their numbers differ."],
    footer = ["", "Examples:", "  holonomy diff 3fa9c1 77aa03", "  holonomy diff 3fa9c1 77aa03 --json"],
)
internal class DiffCommand(private val home: Home, private val streams: Streams) : Callable<Int> {
    @Parameters(index = "0", paramLabel = "A", description = ["A run's id, or its first digits."])
    private lateinit var a: String

    @Parameters(index = "1", paramLabel = "B", description = ["Another one's."]) private lateinit var b: String

    @Mixin private lateinit var options: StoreOptions

    override fun call(): Int {
        val store = options.open(home)
        val (one, other) = listOf(a, b).map { run(store, it) }
        val differences = differences(one, other)
        if (options.json) {
            streams.printJson(
                mapOf(
                    "a" to one.id(),
                    "b" to other.id(),
                    "differences" to differences.map { mapOf("what" to it[0], "a" to it[1], "b" to it[2]) },
                )
            )
        } else if (differences.isEmpty()) {
            streams.out.println("no difference: same spec, same code, same numbers")
        } else {
            textTable(listOf("", a, b), differences.map { it.map(::clipped) }).forEach(streams.out::println)
        }
        streams.out.flush()
        return ExitCode.DONE
    }

    private fun run(store: Store, given: String): StoredRun {
        val id = store.resolve(given)
        return store.find(id).orElseThrow { UserError("run $id is not finished; only finished runs can be compared") }
    }
}

/** A cell of the table for people; `--json` has it whole. */
private fun clipped(cell: String) = if (cell.length <= CELL) cell else cell.take(CELL - 1) + "…"

private const val CELL = 60

/** One line per difference: what, in the one, in the other. */
internal fun differences(one: StoredRun, other: StoredRun): List<List<String>> = buildList {
    val inJson =
        JsonDifference.between("spec", one.spec(), other.spec()) +
            JsonDifference.between("code", provenance(one), provenance(other))
    addAll(inJson.map { listOf(it.path(), it.one(), it.other()) })
    val shared = one.files().keys.filter { it in other.files().keys }
    for (file in shared.filter { it.startsWith("metrics/") && it.endsWith(".parquet") }) {
        firstDifference(one.table(file), other.table(file))?.let {
            add(
                listOf(
                    "first difference in ${file.removePrefix("metrics/").removeSuffix(".parquet")}",
                    it.first,
                    it.second,
                )
            )
        }
    }
    shared
        .filter { it.startsWith("trajectory/") }
        .groupBy { it.substringBeforeLast('/') }
        .forEach { (folder, files) ->
            files
                .firstOrNull { one.files()[it] != other.files()[it] }
                ?.let {
                    val step = it.substringAfterLast("step-").removeSuffix(".safetensors").toLong().toString()
                    add(
                        listOf(
                            "first different snapshot of ${folder.removePrefix("trajectory/")}",
                            "step $step",
                            "step $step",
                        )
                    )
                }
        }
    val hashes = listOf(one, other).map { it.summary().path("theta").asText().take(12) }
    if (hashes[0] != hashes[1]) add(listOf("weights at the end") + hashes)
}

private fun provenance(run: StoredRun): JsonNode? =
    if (!run.has("provenance.json")) null
    else (run.json("provenance.json") as com.fasterxml.jackson.databind.node.ObjectNode).apply { remove("time") }

/** The first row, by its `step` where there is one, in which two tables differ; null if none does. */
private fun firstDifference(one: Table, other: Table): Pair<String, String>? {
    if (one == other) return null
    if (one.columns() != other.columns())
        return "columns ${one.columns().joinToString { it.name() }}" to
            "columns ${other.columns().joinToString { it.name() }}"
    val rows = minOf(one.size(), other.size())
    for (i in 0 until rows) {
        for (column in one.columns().map { it.name() }) {
            val (a, b) = one.value(i, column) to other.value(i, column)
            if (a != b) return "${place(one, i)}: $column $a" to "${place(other, i)}: $column $b"
        }
    }
    return "${one.size()} rows" to "${other.size()} rows"
}

private fun place(table: Table, row: Int) =
    if (table.has("step")) "step ${table.value(row, "step")}" else "row ${row + 1}"
