package holonomy.cli

import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.ObjectMapper
import holonomy.laboratory.ExitCode
import holonomy.laboratory.Home
import holonomy.store.Store
import holonomy.text.size
import java.util.concurrent.Callable
import picocli.CommandLine.Command
import picocli.CommandLine.Mixin
import picocli.CommandLine.Parameters

/** `holonomy show`: everything that is known of one run. */
@Command(
    name = "show",
    description = ["Show a run: what determines it, how it ended, where it comes from, its files."],
    footer =
        [
            "",
            "Examples:",
            "  holonomy show 3fa9c1        the first digits of its id are enough",
            "  holonomy show 3fa9c1 --json",
        ],
)
internal class ShowCommand(private val home: Home, private val streams: Streams) : Callable<Int> {
    @Parameters(paramLabel = "ID", description = ["The id of a run, or its first digits."])
    private lateinit var given: String

    @Mixin private lateinit var options: StoreOptions

    override fun call(): Int {
        val store = options.open(home)
        val known = known(store, store.resolve(given))
        if (options.json) streams.printJson(known) else print(known)
        return ExitCode.DONE
    }

    private fun known(store: Store, id: String): Map<String, Any?> {
        val asked =
            store.experimentRuns().byRun()[id].orEmpty().map {
                mapOf("experiment" to it.experiment(), "point" to it.label(), "labels" to it.labels())
            }
        val run = store.find(id).orElse(null)
        val head =
            linkedMapOf<String, Any?>("id" to id, "folder" to store.folder(id).toString(), "asked for by" to asked)
        if (run == null) {
            val open = store.unfinished(id).orElse(null)
            head["state"] =
                open?.owner()?.map { "training ($it)" }?.orElse("interrupted") ?: "damaged, see standard error"
            head["step"] = open?.reached()?.orElse(0)
            head["spec"] = open?.spec()?.orElse(null)
            head["files"] = open?.files().orEmpty()
        } else {
            head["kind"] = run.kind()
            head["created"] = run.created().toString()
            head["summary"] = run.summary()
            head["spec"] = run.spec()
            head["provenance"] = if (run.has(PROVENANCE)) run.json(PROVENANCE) else null
            head["files"] = run.files().mapValues { it.value.bytes() }
        }
        return head
    }

    private fun print(known: Map<String, Any?>) {
        known.forEach { (name, value) ->
            if (name == "files") files(value as Map<*, *>) else entry(name, ObjectMapper().valueToTree(value), "")
        }
        streams.out.flush()
    }

    private fun entry(name: String, value: JsonNode, indent: String) {
        when {
            value.isObject -> {
                streams.out.println("$indent$name")
                value.properties().forEach { entry(it.key, it.value, "$indent  ") }
            }
            value.isArray && value.any { it.isObject } -> value.forEach { entry(name, it, indent) }
            value.isArray -> streams.out.println("$indent$name: ${value.joinToString(", ") { it.asText() }}")
            !value.isNull -> streams.out.println("$indent$name: ${value.asText()}")
        }
    }

    private fun files(files: Map<*, *>) {
        streams.out.println("files (${files.size}, ${size(files.values.sumOf { it as Long })})")
        val folders = files.keys.groupBy { it.toString().substringBeforeLast('/', "") }
        for ((folder, inside) in folders) {
            if (inside.size > MANY)
                streams.out.println("  $folder/: ${inside.size} files, ${size(inside.sumOf { files[it] as Long })}")
            else inside.forEach { streams.out.println("  $it: ${size(files[it] as Long)}") }
        }
    }

    private companion object {
        const val PROVENANCE = "provenance.json"
        const val MANY = 6
    }
}
