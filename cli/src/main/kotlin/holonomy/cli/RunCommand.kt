package holonomy.cli

import holonomy.data.UserError
import holonomy.dsl.Declarations
import holonomy.dsl.Experiment
import holonomy.host.ScriptHost
import holonomy.laboratory.ExperimentOutcome
import holonomy.laboratory.Home
import holonomy.laboratory.RunOptions
import holonomy.laboratory.Until
import java.io.File
import java.util.concurrent.Callable
import picocli.CommandLine.Command
import picocli.CommandLine.Mixin
import picocli.CommandLine.Option
import picocli.CommandLine.Parameters

/** `holonomy run`: declares the given scripts together, then carries them out. */
@Command(
    name = "run",
    description = ["Run experiment scripts: train what is missing, draw the figures, judge the claims."],
    footer =
        [
            "",
            "Examples:",
            "  holonomy run experiments/collapse.main.kts             the quick profile, all cores",
            "  holonomy run collapse --profile standard --seeds 0..4  by name; five seeds",
            "  holonomy run collapse --set width=64 --dry-run         what would be trained, and what is there",
            "  holonomy run collapse --style paper                    figures for a paper, too: one column, PDF",
            "  holonomy run collapse --until-decided --budget 2h      and more seeds for claims that are open",
            "",
            "--until-decided looks at each claim after the declared seeds, then after 6, 10 and 20, with",
            "intervals so wide that all looks together err in at most 5 %%. Seeds are added to the runs of",
            "open claims only; with --dry-run it says how many each would likely need, and what they cost.",
            "Stop it whenever you like: the same command goes on.",
            "",
            "Pictures go to out/PROFILE/EXPERIMENT/ as SVG, PNG, CSV and JSON. Runs that are complete are reused.",
        ],
)
internal class RunCommand(private val carryOut: CarryOut, private val home: Home, private val streams: Streams) :
    Callable<Int> {
    @Parameters(
        paramLabel = "SCRIPT",
        arity = "1..*",
        description = ["A .main.kts file, or the name of one in experiments/."],
    )
    private lateinit var scripts: List<String>

    @Option(
        names = ["--publish"],
        description = ["Copy the finished pictures, and the tables they were made of, into figures/, which git keeps."],
    )
    private var publish = false

    @Option(
        names = ["--until-decided"],
        description = ["Add seeds to the runs that open claims hang on, until they are decided."],
    )
    private var untilDecided = false

    @Option(
        names = ["--budget"],
        paramLabel = "TIME",
        description = ["With --until-decided: stop training after this long, e.g. 2h, 90m or 1h30m."],
    )
    private var budget: String? = null

    @Mixin private lateinit var options: ScriptOptions

    override fun call(): Int {
        val seconds = budget?.let(::budgetOf)
        if (seconds != null && !untilDecided) {
            throw UserError("--budget: only --until-decided has one; add --until-decided, or leave it out")
        }
        val files = scripts.map(home::script).distinctBy(File::getCanonicalPath)
        val host = ScriptHost(home.compiledScripts.toFile())
        val declarations = Declarations(options.invocation())
        files.forEach { host.declare(it, declarations) }
        if (declarations.experiments.isEmpty())
            throw UserError("${scripts.joinToString()}: no experiment(...) is declared")
        if (publish) declarations.experiments.forEach { requireOwnScript(it.name) }
        requireNativeLibrary()
        return options.display(streams).use { display ->
            val target = home.figures.takeIf { publish }
            carryOut(
                declarations.experiments,
                options
                    .runOptions(home, declarations, display, target, host::blamed)
                    .copy(
                        pages = ::writePages,
                        until = Until(seconds) { declared(files, host, it) }.takeIf { untilDecided },
                    ),
            )
        }
    }

    private fun writePages(outcomes: List<ExperimentOutcome>, options: RunOptions) {
        ExperimentPages.write(outcomes, options)
        options.publish?.let { ClaimsReport.publish(outcomes, options.invocation.profile, it) }
    }

    private fun requireOwnScript(experiment: String) {
        if (home.scriptOf(experiment) == null)
            throw UserError(
                "--publish: figures/ holds what the scripts of experiments/ make, found '$experiment', which none of them " +
                    "is called; move its script there, or leave --publish out"
            )
    }

    /** What the scripts declare with other seeds. */
    private fun declared(files: List<File>, host: ScriptHost, seeds: List<Long>): List<Experiment> {
        val declarations = Declarations(options.invocation().copy(seeds = seeds))
        files.forEach { host.declare(it, declarations) }
        return declarations.experiments
    }
}

/** `2h`, `90m`, `45s` or `1h30m`, in seconds. */
internal fun budgetOf(text: String): Double {
    val parts = BUDGET.matchEntire(text)?.groupValues?.drop(1).orEmpty()
    val seconds = parts.zip(listOf(3600, 60, 1)).sumOf { (part, unit) -> (part.toDoubleOrNull() ?: 0.0) * unit }
    if (seconds <= 0) throw UserError("--budget: expected a time such as 2h, 90m or 1h30m, found '$text'")
    return seconds
}

private val BUDGET = Regex("""(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?""")
