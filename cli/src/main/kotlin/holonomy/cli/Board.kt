package holonomy.cli

import holonomy.run.Progress.Outcome

/**
 * What is known of the runs of one command: those in progress, and how many have ended. Times are nanoseconds of one
 * monotonic clock. Thread-safe.
 */
internal class Board(private val startedAt: Long) {
    private val active = linkedMapOf<String, ActiveRun>()
    private var expected = 0
    private var present = 0
    private var ended = 0
    private var failed = 0
    private var expectedAt = startedAt

    /** A new list of [runs], [present] of which are in the store already, begins at [now]. */
    @Synchronized
    fun expect(runs: Int, present: Int, now: Long) {
        expected = runs
        this.present = present
        ended = present
        failed = 0
        expectedAt = now
    }

    @Synchronized
    fun start(runId: String, run: ActiveRun) {
        active[runId] = run
    }

    @Synchronized
    fun advance(runId: String, step: Long, loss: Double, now: Long) {
        active[runId]?.advance(step, loss, now)
    }

    /** Takes the run off the board; null for a run that was not on it. */
    @Synchronized
    fun end(runId: String, outcome: Outcome): ActiveRun? {
        ended++
        if (outcome == Outcome.FAILED || outcome == Outcome.DIVERGED) failed++
        return active.remove(runId)
    }

    /** A consistent copy of the state at [now]; runs in the order of their workers. */
    @Synchronized
    fun snapshot(now: Long): BoardState {
        val lines = active.values.sortedBy { it.worker }.map { it.state(now) }
        val all = maxOf(expected, ended + active.size)
        return BoardState(lines, ended, failed, all, present, (now - startedAt) / 1e9, (now - expectedAt) / 1e9)
    }
}

/** A run in progress. */
internal class ActiveRun(
    val label: String,
    val worker: Int,
    fromStep: Long,
    private val steps: Long,
    private val startedAt: Long,
) {
    private val firstStep = fromStep
    private var step = fromStep
    private var loss = Double.NaN
    private var latest = startedAt

    fun advance(step: Long, loss: Double, now: Long) {
        this.step = step
        this.loss = loss
        latest = now
    }

    fun state(now: Long): RunState {
        val seconds = ((if (latest > startedAt) latest else now) - startedAt) / 1e9
        val speed = if (step > firstStep && seconds > 0) (step - firstStep) / seconds else 0.0
        return RunState(label, step, steps, loss, speed, firstStep)
    }
}

/**
 * One run at one moment.
 *
 * @property loss training loss of the latest batch in nats; NaN before the first
 * @property stepsPerSecond mean speed since the run started here; 0 when not known
 * @property firstStep the step from which it is trained here
 */
internal data class RunState(
    val label: String,
    val step: Long,
    val steps: Long,
    val loss: Double,
    val stepsPerSecond: Double,
    val firstStep: Long = 0,
) {
    /** Share of the steps to be taken here that have been taken, 0 to 1. */
    val shareHere: Double
        get() =
            if (steps <= firstStep) 0.0 else ((step - firstStep).toDouble() / (steps - firstStep)).coerceIn(0.0, 1.0)

    /** Share of the steps taken, 0 to 1. */
    val share: Double
        get() = if (steps <= 0) 0.0 else (step.toDouble() / steps).coerceIn(0.0, 1.0)

    /** Seconds left at this speed, or null when the speed is not known. */
    val secondsLeft: Double?
        get() = if (stepsPerSecond > 0) (steps - step) / stepsPerSecond else null
}

/**
 * All runs of a command at one moment.
 *
 * @property ended runs that have ended, those that were [present] in the store from the start among them
 * @property elapsed seconds since the command started
 * @property working seconds since these runs were begun
 */
internal data class BoardState(
    val active: List<RunState>,
    val ended: Int,
    val failed: Int,
    val expected: Int,
    val present: Int,
    val elapsed: Double,
    val working: Double = elapsed,
) {
    /** Share done of the work that is done here, 0 to 1: runs that were not there, counted alike. */
    val share: Double
        get() =
            if (expected == present) 0.0
            else ((ended - present + active.sumOf { it.shareHere }) / (expected - present)).coerceIn(0.0, 1.0)

    /** Seconds left at the pace so far, or null when the pace can't be known yet. */
    val secondsLeft: Double?
        get() = if (share in 0.02..0.999) working * (1 - share) / share else null
}
