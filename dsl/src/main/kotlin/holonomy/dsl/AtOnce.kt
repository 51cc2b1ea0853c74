package holonomy.dsl

import holonomy.data.UserError
import holonomy.laboratory.ExitCode
import holonomy.laboratory.ExperimentOutcome
import holonomy.laboratory.Home
import holonomy.laboratory.Laboratory
import holonomy.laboratory.LineDisplay
import holonomy.laboratory.RunOptions
import holonomy.laboratory.SilentDisplay
import holonomy.notebook.Cell
import holonomy.notebook.Html
import java.io.PrintWriter
import kotlin.system.exitProcess

/**
 * Runs an experiment outside the launcher (plain `kotlin x.main.kts`, a notebook's cell): quick profile, store and
 * pictures in the working folder, everything said on standard output. A notebook's cell shows its figures and claims,
 * too. Where something failed the process ends, or the cell.
 */
internal fun runAtOnce(experiment: Experiment) {
    val home = Home.detect()
    val cell = Cell.current
    val out = PrintWriter(System.out, true, Charsets.UTF_8)
    val display = if (cell == null) SilentDisplay(out, quiet = false) else LineDisplay(out)
    val workers = Runtime.getRuntime().availableProcessors()
    val show = { outcomes: List<ExperimentOutcome>, _: RunOptions -> outcomes.forEach { cell?.show(Html.of(it)) } }
    val options = RunOptions(Invocation(), workers, home.runs, home.out, null, false, display, show) { it }
    val code = Laboratory().execute(listOf(experiment), options)
    if (code == ExitCode.DONE) return
    if (cell == null) exitProcess(code)
    throw UserError(
        "experiment '${experiment.name}' is not whole; what it lacks is said above, mend that and run the cell again"
    )
}
