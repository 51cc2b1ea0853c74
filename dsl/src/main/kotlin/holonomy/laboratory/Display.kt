package holonomy.laboratory

import holonomy.run.Progress
import java.io.PrintWriter

/** Where a command speaks to its user while runs are training; thread-safe. */
interface Display : Progress, AutoCloseable {
    /** Announces how many runs this command needs; [present] of them are in the store already. */
    fun expect(runs: Int, present: Int)

    /** Prints a line that stays: a result, a path, a verdict. */
    fun say(line: String)

    /** Prints a line that `--quiet` leaves out. */
    fun note(line: String)

    /** Ends the display and leaves the terminal as it was. */
    override fun close()
}

/** Speaks only when something is said; progress is not shown. */
class SilentDisplay(private val out: PrintWriter, private val quiet: Boolean) : Display, Progress by Progress.NONE {
    override fun expect(runs: Int, present: Int) = Unit

    @Synchronized
    override fun say(line: String) {
        out.println(line)
        out.flush()
    }

    override fun note(line: String) {
        if (!quiet) say(line)
    }

    override fun waiting(runId: String, label: String, owner: String) = note("waiting for $label ($owner is making it)")

    override fun close() = out.flush()
}
