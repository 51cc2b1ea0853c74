package holonomy.cli

import holonomy.data.UserError
import holonomy.dsl.Declarations
import holonomy.dsl.Experiment
import holonomy.dsl.FigureSet
import holonomy.dsl.Invocation
import holonomy.host.ScriptError
import holonomy.host.ScriptHost
import holonomy.laboratory.ExitCode
import holonomy.laboratory.Home
import holonomy.laboratory.PublishedSet
import holonomy.laboratory.scriptName
import java.io.File

/** Declares the scripts of `experiments/` as they were asked for when their figures and tables were published. */
internal class PublishedScripts(private val home: Home, private val host: ScriptHost, private val streams: Streams) {
    /**
     * What can be drawn again.
     *
     * @property code the exit code, given that of the drawing: the user's mistake in a script, tables that are missing
     *   or damaged, or the drawing's
     */
    class Found(val experiments: List<Pair<Experiment, PublishedSet>>, private val own: Int) {
        fun code(drawing: Int): Int = if (drawing == ExitCode.DONE) own else drawing
    }

    /**
     * The experiments of [scripts]; of each that can't be drawn it is said why, and the others go on.
     *
     * @param check looks at what was asked for when a set was published, and throws where the user asks for other
     */
    fun declared(scripts: List<File>, check: (String, Invocation) -> Unit): Found {
        var code = ExitCode.DONE
        val experiments =
            scripts.flatMap { script ->
                val set =
                    try {
                        PublishedSet.open(home.figures.resolve(script.scriptName)) ?: throw nothing(script.scriptName)
                    } catch (missing: UserError) {
                        streams.err.println("holonomy: ${missing.message}")
                        code = maxOf(code, ExitCode.RUN_FAILED)
                        return@flatMap emptyList()
                    }
                check(shown(script.scriptName), set.invocation)
                try {
                    host.declare(script, set.invocation).map { it to set }
                } catch (mistake: ScriptError) {
                    streams.err.println("holonomy: ${mistake.message}")
                    code = ExitCode.USER
                    emptyList()
                }
            }
        return Found(experiments, code)
    }

    /** The page of all experiments, if the checkout declares one. */
    fun figureSet(invocation: Invocation): FigureSet? {
        val declarations = Declarations(invocation)
        if (home.figureSet.isFile) host.declare(home.figureSet, declarations)
        return declarations.figureSet
    }

    private fun nothing(name: String) =
        UserError(
            "$name: expected published tables in ${shown(name)}, found none; " +
                "train it and publish them: ./holonomy run $name --profile standard --publish"
        )

    private fun shown(name: String) = "figures/$name/${PublishedSet.DATA}"
}
