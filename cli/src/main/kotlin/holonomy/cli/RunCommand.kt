package holonomy.cli

import holonomy.data.UserError
import holonomy.dsl.Declarations
import holonomy.host.ScriptHost
import holonomy.laboratory.ExperimentOutcome
import holonomy.laboratory.Home
import holonomy.laboratory.RunOptions
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

    @Mixin private lateinit var options: ScriptOptions

    override fun call(): Int {
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
                    .runOptions(home, declarations.invocation, display, target, host::blamed)
                    .copy(pages = ::writePages),
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
}
