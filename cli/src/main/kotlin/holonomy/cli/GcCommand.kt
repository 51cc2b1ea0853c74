package holonomy.cli

import holonomy.laboratory.ExitCode
import holonomy.laboratory.Home
import holonomy.text.size
import java.util.concurrent.Callable
import picocli.CommandLine.Command
import picocli.CommandLine.Mixin
import picocli.CommandLine.Option

/** `holonomy gc`: deletes what no run needs, after asking. */
@Command(
    name = "gc",
    description = ["Delete what no run needs: damaged runs set aside, runs replaced by --fresh, what crashes left."],
    footer =
        [
            "",
            "Runs, finished or interrupted, are never deleted by gc (see rm).",
            "",
            "Examples:",
            "  holonomy gc",
            "  holonomy gc --yes --json",
        ],
)
internal class GcCommand(private val home: Home, private val streams: Streams) : Callable<Int> {
    @Option(names = ["--yes"], description = ["Don't ask."]) private var yes = false

    @Mixin private lateinit var options: StoreOptions

    override fun call(): Int {
        val store = options.open(home)
        val garbage = store.garbage()
        val bytes = garbage.sumOf { it.bytes() }
        if (!options.json) garbage.forEach { streams.out.println("${it.path()}  ${it.why()}  ${size(it.bytes())}") }
        val delete = garbage.isNotEmpty() && streams.confirm("Delete ${garbage.size} of these (${size(bytes)})?", yes)
        if (delete) store.delete(garbage)
        if (options.json) {
            val found = garbage.map { mapOf("path" to it.path().toString(), "why" to it.why(), "bytes" to it.bytes()) }
            streams.printJson(mapOf("found" to found, "deleted" to delete))
        } else {
            streams.out.println(
                if (garbage.isEmpty()) "nothing to delete in ${store.root()}"
                else if (delete) "${garbage.size} deleted, ${size(bytes)} freed" else "nothing deleted"
            )
        }
        streams.out.flush()
        return ExitCode.DONE
    }
}
