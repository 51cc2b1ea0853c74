package holonomy.cli

import holonomy.data.Csv
import holonomy.data.Identity
import holonomy.data.UserError
import holonomy.laboratory.ExitCode
import holonomy.laboratory.Home
import holonomy.store.StoredRun
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.Callable
import picocli.CommandLine.Command
import picocli.CommandLine.Mixin
import picocli.CommandLine.Option
import picocli.CommandLine.Parameters

/** `holonomy export`: runs as plain folders, to take elsewhere. */
@Command(
    name = "export",
    description = ["Copy finished runs into a folder: all their files, and every table as CSV beside its Parquet."],
    footer =
        [
            "",
            "Each run becomes DIR/ID (the first 12 digits). Parquet opens in pandas and DuckDB, .safetensors in Python's",
            "safetensors: see docs/store.md. `holonomy analyse DIR/ID` reads the snapshots in it.",
            "",
            "Examples:",
            "  holonomy export 3fa9c1 --to /tmp/for-paul",
            "  holonomy export 3fa9c1 77aa03 --to ../shared --json",
        ],
)
internal class ExportCommand(private val home: Home, private val streams: Streams) : Callable<Int> {
    @Parameters(paramLabel = "ID", arity = "1..*", description = ["Ids of runs, or their first digits."])
    private lateinit var given: List<String>

    @Option(names = ["--to"], paramLabel = "DIR", required = true, description = ["The folder to copy into."])
    private lateinit var target: Path

    @Mixin private lateinit var options: StoreOptions

    override fun call(): Int {
        val store = options.open(home)
        val runs =
            given.map(store::resolve).distinct().map { id ->
                store.find(id).orElseThrow { UserError("run $id is not finished; only finished runs can be exported") }
            }
        val copied = runs.associate { it.id() to copy(it) }
        if (options.json) streams.printJson(copied.map { (id, to) -> mapOf("id" to id, "folder" to to.toString()) })
        else copied.forEach { (id, to) -> streams.out.println("${Identity.shortened(id)} -> $to") }
        streams.out.flush()
        return ExitCode.DONE
    }

    private fun copy(run: StoredRun): Path {
        val folder = target.toAbsolutePath().normalize().resolve(Identity.shortened(run.id()))
        if (Files.exists(folder)) throw UserError("--to: $folder is there already; delete it or give another folder")
        try {
            run.files().keys.forEach(run::verified) // nothing is copied of a damaged run
            for (file in run.files().keys) {
                val to = folder.resolve(file)
                Files.createDirectories(to.parent)
                Files.copy(run.verified(file), to)
                if (file.endsWith(".parquet"))
                    Csv.write(run.table(file), Path.of("${to.toString().removeSuffix(".parquet")}.csv"))
            }
            Files.copy(run.folder().resolve(MANIFEST), folder.resolve(MANIFEST))
        } catch (e: java.io.IOException) {
            throw holonomy.data.AtomicFiles.explain("--to: cannot export into $folder", e, run.bytes(), folder)
        }
        return folder
    }

    private companion object {
        /** Lengths and hashes of all files. */
        const val MANIFEST = "manifest.json"
    }
}
