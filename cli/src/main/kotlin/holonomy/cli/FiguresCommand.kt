package holonomy.cli

import holonomy.dsl.Declarations
import holonomy.dsl.FigureSet
import holonomy.host.ScriptError
import holonomy.host.ScriptHost
import holonomy.laboratory.ExitCode
import holonomy.laboratory.Home
import holonomy.laboratory.Laboratory
import java.io.File
import java.util.concurrent.Callable
import picocli.CommandLine.Command
import picocli.CommandLine.Mixin
import picocli.CommandLine.Option

/**
 * `holonomy figures`: all scripts of `experiments/` in one process; a script that is wrong is named, the others go on.
 */
@Command(
    name = "figures",
    description = ["Make the figures of all experiments in one go, on one page; runs they share are trained once."],
    footer =
        [
            "",
            "Examples:",
            "  holonomy figures                                        every experiment, quick profile",
            "  holonomy figures --only collapse --profile standard     one of them",
            "  holonomy figures --only collapse --profile standard --publish   and copy it into figures/",
            "  holonomy figures --published                            again from the tables in figures/, no training",
            "  holonomy figures --published --style paper              and as PDF for a paper's column",
        ],
)
internal class FiguresCommand(private val carryOut: CarryOut, private val home: Home, private val streams: Streams) :
    Callable<Int> {
    @Option(names = ["--only"], paramLabel = "NAME", description = ["Only this experiment; repeatable."])
    private var only: List<String> = emptyList()

    @Option(
        names = ["--publish"],
        description = ["Copy the finished pictures, and the tables they were made of, into figures/, which git keeps."],
    )
    private var publish = false

    @Option(
        names = ["--published"],
        description = ["Draw and judge again from the tables in figures/, without training, into out/published/."],
    )
    private var published = false

    @Mixin private lateinit var options: ScriptOptions

    override fun call(): Int {
        val files = home.scriptsNamed(only)
        val host = ScriptHost(home.compiledScripts.toFile())
        if (published) return redraw(files, host)
        val declarations = Declarations(options.invocation())
        if (home.figureSet.isFile) host.declare(home.figureSet, declarations)
        val wrong = files.mapNotNull { mistakeIn(it, host, declarations) }
        requireNativeLibrary()
        val done =
            options.display(streams).use { display ->
                val target = home.figures.takeIf { publish }
                carryOut(
                    declarations.experiments,
                    options
                        .runOptions(home, declarations, display, target, host::blamed)
                        .copy(pages = pages(declarations.figureSet)),
                )
            }
        wrong.forEach { streams.err.println("holonomy: ${it.message}") }
        return if (done == ExitCode.DONE && wrong.isNotEmpty()) ExitCode.USER else done
    }

    private fun redraw(scripts: List<File>, host: ScriptHost): Int {
        val sets = PublishedScripts(home, host, streams)
        options.requireNoTraining()
        val found = sets.declared(scripts, options::requireAsked)
        if (found.experiments.isEmpty()) return found.code(ExitCode.DONE)
        return options.display(streams).use { display ->
            val invocation = found.experiments.first().second.invocation
            val target = home.figures.takeIf { publish }
            val pages = pages(sets.figureSet(invocation))
            val asked = options.runOptions(home, Declarations(invocation), display, target, host::blamed)
            found.code(Laboratory().redraw(found.experiments, asked.copy(pages = pages, redrawn = true)))
        }
    }

    private fun pages(set: FigureSet?) = set?.let { FigureSetReport(it, home)::write } ?: ExperimentPages::write

    private fun mistakeIn(script: File, host: ScriptHost, declarations: Declarations): ScriptError? =
        try {
            host.declare(script, declarations)
            null
        } catch (mistake: ScriptError) {
            mistake
        }
}
