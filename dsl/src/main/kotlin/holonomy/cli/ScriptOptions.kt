package holonomy.cli

import holonomy.data.UserError
import holonomy.dsl.DEVICES
import holonomy.dsl.Invocation
import holonomy.dsl.PROFILES
import holonomy.dsl.didYouMean
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
        description = ["Train these seeds instead of the profile's, e.g. 0..4 or 7."],
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
        return Invocation(profile, seeds?.let(::seedRange), settings, device)
    }

    fun runOptions(
        home: Home,
        invocation: Invocation,
        display: Display,
        publish: Path?,
        blame: (Throwable) -> Throwable,
    ) =
        RunOptions(
            invocation = invocation,
            workers = workerCount(),
            store = (store ?: home.runs).toAbsolutePath().normalize(),
            out = (out ?: home.out).toAbsolutePath().normalize(),
            publish = publish,
            dryRun = dryRun,
            display = display,
            blame = blame,
            fresh = fresh,
            on = on?.let(home::cluster),
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
        if (count < 1) throw UserError("--workers: expected a whole number from 1, found $count")
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
        const val BAR_MILLIS = 100L
        const val LINE_MILLIS = 5000L
    }
}

/** `7` or `0..4`, both ends included. */
internal fun seedRange(text: String): IntRange {
    val (first, last) = SEEDS.matchEntire(text)?.destructured ?: throw badSeeds(text)
    val from = first.toIntOrNull() ?: throw badSeeds(text)
    val to = if (last.isEmpty()) from else last.toIntOrNull() ?: throw badSeeds(text)
    if (to < from) throw badSeeds(text)
    return from..to
}

private fun badSeeds(text: String) =
    UserError("--seeds: expected a seed or an ascending range such as 0..4, found '$text'")

private val SEEDS = Regex("""(\d+)(?:\.\.(\d+))?""")
