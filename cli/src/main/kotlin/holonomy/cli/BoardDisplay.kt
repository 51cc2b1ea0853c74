package holonomy.cli

import holonomy.laboratory.Display
import holonomy.run.Progress.Outcome
import java.util.concurrent.Executors
import java.util.concurrent.TimeUnit.MILLISECONDS

/**
 * Shows a [Board] through a [Painter], again every [periodMillis]; what workers report never waits for the terminal.
 */
internal class BoardDisplay(
    private val painter: Painter,
    private val quiet: Boolean,
    private val periodMillis: Long,
    private val clock: () -> Long = System::nanoTime,
) : Display {
    private val board = Board(clock())
    private val timer =
        Executors.newSingleThreadScheduledExecutor { task -> Thread(task, "display").apply { isDaemon = true } }
    private val atExit = Thread { synchronized(painter) { painter.leave() } }

    init {
        Runtime.getRuntime().addShutdownHook(atExit)
        timer.scheduleAtFixedRate(::paint, periodMillis, periodMillis, MILLISECONDS)
    }

    override fun expect(runs: Int, present: Int) = board.expect(runs, present, clock())

    override fun started(runId: String, label: String, worker: Int, fromStep: Long, steps: Long) =
        board.start(runId, ActiveRun(label, worker, fromStep, steps, clock()))

    override fun advanced(runId: String, step: Long, loss: Double) = board.advance(runId, step, loss, clock())

    override fun waiting(runId: String, label: String, owner: String) = note("waiting for $label ($owner is making it)")

    override fun ended(runId: String, outcome: Outcome, cause: String) {
        val run = board.end(runId, outcome)
        if (outcome != Outcome.COMPLETE || painter.tellsEnds) say(endLine(run?.label ?: runId, outcome, cause))
    }

    override fun say(line: String) = synchronized(painter) { painter.line(line) }

    override fun note(line: String) {
        if (!quiet) say(line)
    }

    /** Shows the board as it is now. */
    internal fun paint() {
        val state = board.snapshot(clock())
        synchronized(painter) { painter.paint(state) }
    }

    override fun close() {
        timer.shutdownNow()
        atExit.run()
        runCatching { Runtime.getRuntime().removeShutdownHook(atExit) }
    }
}

/** Puts a board where people see it. Calls come one at a time. */
internal interface Painter {
    /** Whether the end of each run gets a line of its own. */
    val tellsEnds: Boolean

    fun paint(state: BoardState)

    /** A line that stays. */
    fun line(text: String)

    /** Takes away what does not stay; nothing is painted after it. */
    fun leave()
}

/** One line for people about how a run ended. */
private fun endLine(label: String, outcome: Outcome, cause: String): String =
    "$label: ${outcome.name.lowercase()}" + if (cause.isEmpty()) "" else ": $cause"
