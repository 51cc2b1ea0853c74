package holonomy.laboratory

import holonomy.run.Progress.Outcome
import holonomy.text.counted
import java.io.PrintWriter

/** How far the runs are, in one line that is written over itself; what is said takes its place. */
internal class LineDisplay(private val out: PrintWriter) : Display {
    private class Run(var step: Long, val steps: Long)

    private val running = mutableMapOf<String, Run>()
    private var wanted = 0
    private var ended = 0
    private var shown = ""

    @Synchronized
    override fun expect(runs: Int, present: Int) {
        wanted = runs - present
    }

    @Synchronized
    override fun started(runId: String, label: String, worker: Int, fromStep: Long, steps: Long) {
        running[runId] = Run(fromStep, steps)
        show()
    }

    @Synchronized
    override fun advanced(runId: String, step: Long, loss: Double) {
        running[runId]?.step = step
        show()
    }

    @Synchronized
    override fun ended(runId: String, outcome: Outcome, cause: String) {
        running -= runId
        ended++
        show()
    }

    override fun waiting(runId: String, label: String, owner: String) = note("waiting for $label ($owner is making it)")

    @Synchronized
    override fun say(line: String) {
        wipe()
        out.println(line)
        out.flush()
    }

    override fun note(line: String) = say(line)

    @Synchronized
    override fun close() {
        wipe()
        out.flush()
    }

    /** A step that changes nothing of it prints nothing. */
    private fun show() {
        val done = ended + running.values.sumOf { it.step.toDouble() / it.steps }
        val line = "training: $ended of ${counted(wanted, "run")}, ${(100 * done / wanted).toInt()} %"
        if (line == shown) return
        out.print("\r" + line.padEnd(shown.length))
        out.flush()
        shown = line
    }

    private fun wipe() {
        if (shown.isNotEmpty()) out.print("\r" + " ".repeat(shown.length) + "\r")
        shown = ""
    }
}
