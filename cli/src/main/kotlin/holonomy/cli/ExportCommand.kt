package holonomy.cli

import com.fasterxml.jackson.databind.ObjectMapper
import holonomy.data.Csv
import holonomy.data.Identity
import holonomy.data.SafeTensors
import holonomy.data.UserError
import holonomy.laboratory.ExitCode
import holonomy.laboratory.Home
import holonomy.model.Architecture
import holonomy.model.TransformerLens
import holonomy.model.Weights
import holonomy.store.StoredRun
import holonomy.store.WeightsFile
import holonomy.train.RunSpec
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.Callable
import picocli.CommandLine.Command
import picocli.CommandLine.ITypeConverter
import picocli.CommandLine.Mixin
import picocli.CommandLine.Option
import picocli.CommandLine.Parameters
import picocli.CommandLine.TypeConversionException

/** `holonomy export`: runs as plain folders, to take elsewhere. */
@Command(
    name = "export",
    description = ["Copy finished runs into a folder: all their files, and every table as CSV beside its Parquet."],
    footer =
        [
            "",
            "Each run becomes DIR/ID (the first 12 digits). Parquet opens in pandas and DuckDB, .safetensors in Python's",
            "safetensors: see docs/store.md. weights/named.safetensors holds every matrix of the trained model by its",
            "name. `holonomy analyse DIR/ID` reads the snapshots in it.",
            "",
            "Examples:",
            "  holonomy export 3fa9c1 --to /tmp/for-paul",
            "  holonomy export 3fa9c1 77aa03 --to ../shared --json",
            "  holonomy export 3fa9c1 --to /tmp/lens --as transformer-lens",
        ],
)
internal class ExportCommand(private val home: Home, private val streams: Streams) : Callable<Int> {
    @Parameters(paramLabel = "ID", arity = "1..*", description = ["Ids of runs, or their first digits."])
    private lateinit var given: List<String>

    @Option(names = ["--to"], paramLabel = "DIR", required = true, description = ["The folder to copy into."])
    private lateinit var target: Path

    @Option(
        names = ["--as"],
        paramLabel = "FORM",
        description = ["transformer-lens: the trained model, too, as a HookedTransformer takes it."],
        converter = [FormConverter::class],
    )
    private var form: Form? = null

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
        val transformer = form?.let { transformer(run) }
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
            if (WeightsFile.FINAL in run.files()) writeWeights(run, transformer, folder)
        } catch (e: java.io.IOException) {
            throw holonomy.data.AtomicFiles.explain("--to: cannot export into $folder", e, run.bytes(), folder)
        }
        return folder
    }

    /** A transformer that `--as` can say; before anything is copied. */
    private fun transformer(run: StoredRun): Architecture {
        val model = if (WeightsFile.FINAL in run.files()) RunSpec.fromSpec(run.spec()).model() else null
        val transformer =
            model as? Architecture
                ?: throw UserError(
                    "--as: expected a trained transformer, found ${Identity.shortened(run.id())} (${run.kind()}); leave --as out, or name other runs"
                )
        TransformerLens.config(transformer)
        return transformer
    }

    private fun writeWeights(run: StoredRun, model: Architecture?, folder: Path) {
        val spec = RunSpec.fromSpec(run.spec())
        val theta = run.end(spec).theta()
        val layout = spec.model().layout()
        SafeTensors.write(folder.resolve(NAMED), Weights(layout, theta).tensors(layout.blocks()), mapOf())
        if (model == null) return
        val lens = Files.createDirectories(folder.resolve("transformer-lens"))
        val positions = model.readouts().joinToString(",")
        SafeTensors.write(
            lens.resolve("model.safetensors"),
            TransformerLens.tensors(model, theta),
            mapOf("format" to "pt", "readouts" to positions),
        )
        val config = ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsBytes(TransformerLens.config(model))
        Files.write(lens.resolve("config.json"), config)
    }

    /** What `--as` knows. */
    internal enum class Form(val word: String) {
        TRANSFORMER_LENS("transformer-lens")
    }

    internal class FormConverter : ITypeConverter<Form> {
        override fun convert(value: String): Form =
            Form.entries.find { it.word == value }
                ?: throw TypeConversionException(
                    "--as: expected ${Form.entries.joinToString { it.word }}, found '$value'"
                )
    }

    private companion object {
        const val NAMED = "weights/named.safetensors"

        /** Lengths and hashes of all files. */
        const val MANIFEST = "manifest.json"
    }
}
