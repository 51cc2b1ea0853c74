package holonomy.cli

import holonomy.analysis.FolderTrajectory
import holonomy.analysis.RateFile
import holonomy.analysis.SnapshotAnalysis
import holonomy.analysis.SnapshotFiles
import holonomy.data.Csv
import holonomy.data.Parquet
import holonomy.data.Table
import holonomy.data.UserError
import holonomy.figure.Exported
import holonomy.figure.Exporter
import holonomy.figure.Figure
import holonomy.geometry.NoiseWalk
import holonomy.laboratory.ExitCode
import holonomy.laboratory.Home
import holonomy.laboratory.requireWritable
import holonomy.text.counted
import java.nio.file.Path
import java.util.Optional
import java.util.concurrent.Callable
import picocli.CommandLine.Command
import picocli.CommandLine.Option
import picocli.CommandLine.Parameters

/** `holonomy analyse`: spectra, nulls, alignment and figures of snapshots that someone else trained. */
@Command(
    name = "analyse",
    description =
        ["Analyse snapshots trained elsewhere: safetensors files or checkpoint folders, one per step; any names."],
    footer =
        [
            "",
            "Three lines of Python in a training loop make such a folder:",
            "  from safetensors.torch import save_file",
            "  weights = {n: w.detach().clone() for n, w in model.named_parameters()}",
            "  if step %% 100 == 0: save_file(weights, f\"snapshots/step-{step}.safetensors\")",
            "",
            "Save step 0 too: the first snapshot is the start, w_0. 20 to 100 of them, evenly spaced, will do. Or give",
            "what a trainer wrote: folders checkpoint-100, checkpoint-200, .. with model.safetensors, parts and their",
            "index, or adapter_model.safetensors in each. The step is the whole number after 'step', 'iter' or",
            "'checkpoint', or the only one that stands free (000100-val_loss=2.40 is step 100; a fraction's digits are",
            "no step); the first and last file are printed with theirs. Parts of one checkpoint (consolidated.00,",
            "model-00001-of-00002 without an index) are refused, hidden files ignored.",
            "",
            "Tensors may be F64, F32, F16 or BF16; others, vectors and matrices whose shape changes are left out, each",
            "named with its reason (matrices.csv). Of names, what wrappers put in front is dropped (module.,",
            "_orig_mod., base_model.model.). A warning says which snapshots are equal byte for byte, which matrices",
            "stand still, and where steps fall below the spacing of the stored numbers: what is measured there is",
            "rounding. Save F32 then, of mixed-precision training the master weights.",
            "",
            "Per matrix: r90 and the rest of the spectrum, beside an uncorrelated walk, shuffled steps and drift plus",
            "noise of the same step lengths; cosine to the final displacement, also without the initial weights'",
            "direction. Between matrices of one shape: overlap of top subspaces, beside chance. Memory does not grow",
            "with the model. A second analysis into a folder takes the place of the first.",
            "",
            "Examples:",
            "  holonomy analyse snapshots",
            "  holonomy analyse snapshots --matrices '*.attn.*' --out /tmp/attention",
            "  holonomy analyse checkpoints --matrices '!wte*,!lm_head*'",
            "  holonomy analyse checkpoints --rates schedule.txt --weight-decay 0.1",
            "  holonomy export 3fa9c1 --to /tmp/there && holonomy analyse /tmp/there/3fa9c1d02b77",
        ],
)
internal class AnalyseCommand(private val home: Home, private val streams: Streams) : Callable<Int> {
    @Parameters(
        paramLabel = "DIR",
        description = ["The folder of snapshots or of checkpoint folders, or an exported run."],
    )
    private lateinit var given: Path

    @Option(names = ["--out"], paramLabel = "DIR", description = ["Where to write; default: out/analyse/NAME."])
    private var out: Path? = null

    @Option(names = ["--json"], description = ["Print JSON instead of text, for other programs."])
    private var json = false

    @Option(
        names = ["--matrices"],
        paramLabel = "PATTERN",
        split = ",",
        description =
            [
                "Names of tensors, * for any text and ? for one character; '!PATTERN' leaves them out. Several, with commas",
                "or given again. Default: all with two axes.",
            ],
    )
    private var patterns = listOf<String>()

    @Option(
        names = ["--top"],
        paramLabel = "K",
        defaultValue = "3",
        description = ["Directions of the subspaces compared; default: \${DEFAULT-VALUE}."],
    )
    private var directions = 3

    @Option(
        names = ["--decay"],
        paramLabel = "X",
        defaultValue = "0",
        description =
            [
                "Learning rate x weight decay per step, for the null of a path that turns back; default: \${DEFAULT-VALUE}."
            ],
    )
    private var decay = 0.0

    @Option(
        names = ["--rates"],
        paramLabel = "FILE",
        description =
            [
                "The training's schedule: the learning rate of each step on a line. With it the first component of the path",
                "stands beside that of weights that learn nothing (decayed noise as Adam makes it, nothing fitted).",
            ],
    )
    private var rates: Path? = null

    @Option(
        names = ["--weight-decay"],
        paramLabel = "X",
        description = ["The decoupled weight decay that goes with --rates; 0 for none."],
    )
    private var weightDecay: Double? = null

    /** The walk that --rates and --weight-decay describe together. */
    private fun walk(): Optional<NoiseWalk> {
        val (file, decay) = rates to weightDecay
        if (file == null && decay == null) return Optional.empty()
        if (file == null)
            throw UserError(
                "--weight-decay: expected --rates FILE beside it, found none; without the schedule it is not known how far a walk that learns nothing goes"
            )
        if (decay == null)
            throw UserError(
                "--rates: expected --weight-decay X beside it, found none; give the training's decoupled weight decay, 0 for none"
            )
        return Optional.of(RateFile.walk(file, decay))
    }

    override fun call(): Int {
        val walk = walk()
        val folder = given.toAbsolutePath().normalize()
        val files = SnapshotFiles.`in`(folder)
        val target = (out ?: home.out.resolve("analyse").resolve(folder.fileName)).toAbsolutePath().normalize()
        requireWritable("--out", target)
        FolderTrajectory.open(files, patterns).use { path ->
            val workers = Runtime.getRuntime().availableProcessors()
            val question = SnapshotAnalysis.Question(directions, decay, 0, workers, walk)
            val analysis =
                Meter("analysing ${counted(path.blocks().size)}", streams) {
                        path.numbersRead().toDouble() / SnapshotAnalysis.toRead(path)
                    }
                    .use { SnapshotAnalysis.of(path, question) }
            write(AnalysisReport(folder, path, analysis), target)
        }
        return ExitCode.DONE
    }

    private fun write(report: AnalysisReport, target: Path) {
        val tables = report.tables()
        val figures = report.figures()
        check(figures.none { it.name in tables }) { "a figure and a table would be one file" }
        val names =
            tables.keys.flatMap { listOf("$it.parquet", "$it.csv") } +
                figures.flatMap { figure -> listOf("svg", "png", "csv", "json").map { "${figure.name}.$it" } }
        fun told(exported: List<Exported>) = report.json(target, tables.keys, exported.map { it.name })
        try {
            val exported = AnalysisFolder(target).replace(names, { export(tables, figures, report, target) }, ::told)
            exported.firstNotNullOfOrNull { it.warning }?.let { streams.err.println("holonomy: $it") }
            if (json) streams.printJson(told(exported))
            else report.lines(target, exported.size).forEach(streams.out::println)
            streams.out.flush()
        } catch (e: java.io.IOException) {
            throw UserError("--out: cannot write into $target (${e.message}); give another folder", e)
        }
    }

    private fun export(
        tables: Map<String, Table>,
        figures: List<Figure>,
        report: AnalysisReport,
        target: Path,
    ): List<Exported> {
        tables.forEach { (name, table) ->
            Parquet.write(table, target.resolve("$name.parquet"))
            Csv.write(table, target.resolve("$name.csv"))
        }
        return Exporter(target).exportAll(figures.map { it to report.context() }).map { it.getOrThrow() }
    }
}
