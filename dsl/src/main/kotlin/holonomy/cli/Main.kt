package holonomy.cli

import holonomy.dsl.Experiment
import holonomy.dsl.Invocation
import holonomy.host.tellKotlinWhereItIs
import kotlin.system.exitProcess

/** What the launcher starts. */
fun main(arguments: Array<String>) {
    val streams = Streams(standardOutput(), standardError(), Terminal.detect())
    val home = Home.detect()
    tellKotlinWhereItIs()
    val exit = ScriptExit(streams.err).apply(ScriptExit::watch)
    val code =
        try {
            commandLine(lab(), home, streams).execute(*arguments)
        } catch (bug: Throwable) {
            reportFailure(bug, home, streams)
        }
    streams.out.flush()
    streams.err.flush()
    exit.done()
    exitProcess(code)
}

/** The laboratory of this build. */
private fun lab(): Lab = Laboratory(Interruption())

/**
 * Carries experiments out without a command line, as a script run by plain `kotlin` does; ends the process when
 * something failed.
 */
internal fun runHere(experiments: List<Experiment>) {
    val home = Home.detect()
    val display = SilentDisplay(standardOutput(), quiet = false)
    val workers = Runtime.getRuntime().availableProcessors()
    val options = RunOptions(Invocation(), workers, home.runs, home.out, null, false, display) { it }
    val code = lab().execute(experiments, options)
    if (code != ExitCode.DONE) exitProcess(code)
}
