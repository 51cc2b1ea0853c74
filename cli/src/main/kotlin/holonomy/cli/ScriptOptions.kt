package holonomy.cli

import holonomy.data.UserError
import holonomy.dsl.DEVICES
import holonomy.dsl.Declarations
import holonomy.dsl.Invocation
import holonomy.dsl.PROFILES
import holonomy.dsl.didYouMean
import holonomy.laboratory.DeclaredClaims
import holonomy.laboratory.Display
import holonomy.laboratory.Home
import holonomy.laboratory.RunOptions
import holonomy.laboratory.SilentDisplay
import java.nio.file.Path
import picocli.CommandLine.Model.CommandSpec
import picocli.CommandLine.Option
import picocli.CommandLine.Spec

/** The options of every command that carries scripts out. */
internal class ScriptOptions {
    @Option(
        names = ["--profile"],
        paramLabel = "P",
        description = ["Sizes of models, tasks and trainings: quick (default), standard or paper."],
    )
    private var profile = PROFILES.first()

    @Option(
        names = ["--seeds"],
        paramLabel = "A..B",
        description = ["Train these seeds instead of the profile's, e.g. 0..4, 7 or 1,3,5."],
    )
    private var seeds: String? = null

    @Option(
        names = ["--set"],
        paramLabel = "KEY=VALUE",
        description = ["Depart from the profile, e.g. --set width=64; repeatable."],
    )
    private var settings: Map<String, String> = linkedMapOf()

    @Option(
        names = ["--workers"],
        paramLabel = "N",
        description = ["Runs trained side by side; default: one per core."],
    )
    private var workers: Int? = null

    @Option(
        names = ["--on"],
        paramLabel = "MASTER",
        description =
            [
                "Train on a Spark cluster: spark://HOST:PORT, yarn, k8s://HOST:PORT, spark-submit, or local-cluster",
                "(scripts/local-cluster). The store must be a folder that all machines share.",
            ],
    )
    private var on: String? = null

    @Option(
        names = ["--store"],
        paramLabel = "DIR",
        description = ["Where runs are kept and looked up; default: runs/ of the checkout."],
    )
    private var store: Path? = null

    @Option(
        names = ["--out"],
        paramLabel = "DIR",
        description = ["Where pictures go (DIR/PROFILE/EXPERIMENT/); default: out/ of the checkout."],
    )
    private var out: Path? = null

    @Option(
        names = ["--style"],
        paramLabel = "S",
        description =
            [
                "page (default), or paper: each figure also as NAME.pdf for a single column, 237 pt (3.3 in)",
                "wide, all text 8 pt, fonts embedded, without title and caption.",
            ],
    )
    private var style = STYLES.first()

    @Option(
        names = ["--device"],
        paramLabel = "D",
        description = ["auto (default: cuda where it is seen), cpu or cuda."],
    )
    private var device = DEVICES.first()

    @Option(names = ["--dry-run"], description = ["Say what would be trained and drawn, and stop."])
    private var dryRun = false

    @Option(
        names = ["--fresh"],
        description = ["Make every run again, even those in the store; the old ones are put aside."],
    )
    private var fresh = false

    @Spec(Spec.Target.MIXEE) private lateinit var command: CommandSpec

    @Option(names = ["-q", "--quiet"], description = ["Print results and errors only."]) private var quiet = false

    @Option(names = ["--no-progress"], description = ["No bars and no progress lines."]) private var noProgress = false

    /** What scripts are asked for; a [UserError] names the option that is wrong. */
    fun invocation(): Invocation {
        known("--profile", profile, PROFILES)
        known("--device", device, DEVICES)
        known("--style", style, STYLES)
        return Invocation(profile, seeds?.let(::seedList), settings, device)
    }

    /** Says which option makes no sense where nothing is trained. */
    fun requireNoTraining() {
        val given = TRAINING.firstOrNull(::isGiven) ?: return
        throw UserError("$given: --published trains nothing and reads no store; leave $given out")
    }

    /** What was published in [folder] as [published] can only be asked for in the same way. */
    fun requireAsked(folder: String, published: Invocation) {
        val asked = invocation()
        fun require(option: String, found: Any?, expected: Any?) {
            if (!isGiven(option) || found == expected) return
            throw UserError(
                "$option: $folder was published with ${expected ?: "the seeds of its profile"}, found $found; " +
                    "leave $option out, or train without --published"
            )
        }
        require("--profile", asked.profile, published.profile)
        require("--seeds", asked.seeds, published.seeds)
        require("--set", asked.settings, published.settings)
    }

    private fun isGiven(option: String) = command.commandLine().parseResult.hasMatchedOption(option)

    fun runOptions(
        home: Home,
        declarations: Declarations,
        display: Display,
        publish: Path?,
        blame: (Throwable) -> Throwable,
    ) =
        RunOptions(
            invocation = declarations.invocation,
            rehearsed = declarations.rehearsed,
            workers = workerCount(),
            store = (store ?: home.runs).toAbsolutePath().normalize(),
            out = (out ?: home.out).toAbsolutePath().normalize(),
            publish = publish,
            dryRun = dryRun,
            display = display,
            blame = blame,
            fresh = fresh,
            pages = ExperimentPages::write,
            declared = DeclaredClaims(home.figures.resolve(DeclaredClaims.FILE)),
            on = on?.let(home::cluster),
            paper = style == PAPER,
            command = command.root().commandLine().parseResult?.originalArgs().orEmpty(),
        )

    fun display(streams: Streams): Display =
        when {
            quiet || noProgress -> SilentDisplay(streams.out, quiet)
            streams.terminal.interactive ->
                BoardDisplay(BarPainter(streams.out, streams.terminal.watchWidth()), quiet, BAR_MILLIS)
            else -> BoardDisplay(LinePainter(streams.out), quiet, LINE_MILLIS)
        }

    private fun workerCount(): Int {
        val count = workers ?: Runtime.getRuntime().availableProcessors()
        if (count !in 1..MOST_WORKERS) {
            val cores = Runtime.getRuntime().availableProcessors()
            throw UserError(
                "--workers: expected a whole number from 1 to $MOST_WORKERS, found $count; one per core is fastest, here $cores"
            )
        }
        return count
    }

    private fun known(option: String, value: String, values: List<String>) {
        if (value !in values) {
            throw UserError(
                "$option: expected ${values.joinToString(", ")}, found '$value'.${didYouMean(value, values)}"
            )
        }
    }

    private companion object {
        const val PAPER = "paper"
        val STYLES = listOf("page", PAPER)
        const val BAR_MILLIS = 100L
        const val LINE_MILLIS = 5000L
        const val MOST_WORKERS = 1000
        val TRAINING = listOf("--store", "--on", "--fresh", "--dry-run", "--device")
    }
}

/** `7`, `0..4` (both ends included), or several of these with commas between. */
internal fun seedList(text: String): List<Long> {
    val ranges = text.split(",").map { part -> range(part.trim()) ?: throw badSeeds(text) }
    val count = ranges.sumOf { it.last.toDouble() - it.first + 1 }
    if (count > MOST_SEEDS) {
        throw UserError("--seeds: expected at most $MOST_SEEDS seeds, found %.0f in '$text'".format(count))
    }
    val seeds = ranges.flatten()
    val twice = seeds.groupingBy { it }.eachCount().entries.firstOrNull { it.value > 1 }
    if (twice != null) throw UserError("--seeds: seed ${twice.key} is given twice in '$text'; each seed is one run")
    return seeds
}

private fun range(text: String): LongRange? {
    val (first, last) = SEEDS.matchEntire(text)?.destructured ?: return null
    val from = first.toLongOrNull() ?: return null
    val to = if (last.isEmpty()) from else last.toLongOrNull() ?: return null
    return (from..to).takeUnless { it.isEmpty() }
}

private fun badSeeds(text: String) =
    UserError(
        "--seeds: expected a seed, an ascending range such as 0..4, or several with commas (1,3,5), found '$text'"
    )

private const val MOST_SEEDS = 100_000
private val SEEDS = Regex("""(\d+)(?:\.\.(\d+))?""")
