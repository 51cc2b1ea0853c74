package holonomy.dsl

import holonomy.laboratory.ExitCode
import holonomy.laboratory.Home
import holonomy.laboratory.Laboratory
import holonomy.laboratory.RunOptions
import holonomy.laboratory.SilentDisplay
import java.io.PrintWriter
import kotlin.system.exitProcess

/**
 * Runs an experiment outside the launcher (plain `kotlin x.main.kts`, a notebook's cell): quick profile, store and
 * pictures in the working folder, everything said on standard output. Ends the process when something failed.
 */
internal fun runAtOnce(experiment: Experiment) {
    val home = Home.detect()
    val display = SilentDisplay(PrintWriter(System.out, true, Charsets.UTF_8), quiet = false)
    val workers = Runtime.getRuntime().availableProcessors()
    val options = RunOptions(Invocation(), workers, home.runs, home.out, null, false, display) { it }
    val code = Laboratory().execute(listOf(experiment), options)
    if (code != ExitCode.DONE) exitProcess(code)
}
