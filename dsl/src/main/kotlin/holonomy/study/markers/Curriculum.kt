package holonomy.study.markers

import holonomy.claim.Claim
import holonomy.data.UserError
import holonomy.dsl.AccuracyHandle
import holonomy.dsl.Measured
import holonomy.dsl.Runs
import holonomy.dsl.accuracy
import holonomy.dsl.measured
import holonomy.dsl.of
import holonomy.task.EvaluationSet
import holonomy.task.MarkedTask
import holonomy.task.StagedTask
import holonomy.task.StagedTask.Stage

/**
 * The main task with one m per stage, small m first.
 *
 * @param lengths steps of each stage; equal ones when not given
 * @param rehearsal share of a later stage's batches that take an earlier m
 */
fun MarkedProfile.curriculum(lengths: List<Long>? = null, rehearsal: Double = 0.0): StagedTask =
    staged(mainTask, mainTask.markerCounts(), lengths, rehearsal)

/** The main task with one m per stage, large m first. */
fun MarkedProfile.antiCurriculum(lengths: List<Long>? = null): StagedTask =
    staged(mainTask, mainTask.markerCounts().reversed(), lengths, 0.0)

private fun MarkedProfile.staged(
    task: MarkedTask,
    order: List<Int>,
    lengths: List<Long>?,
    rehearsal: Double,
): StagedTask {
    val steps = lengths ?: equalLengths(steps, order.size)
    if (steps.size != order.size || steps.sum() != this.steps) {
        throw UserError(
            "stages of m: expected ${order.size} lengths that add up to ${this.steps} steps, " +
                "found ${steps.size}, $steps, that add up to ${steps.sum()}"
        )
    }
    return StagedTask(task, order.zip(steps) { m, length -> Stage(length, listOf(m)) }, rehearsal)
}

/** Differences of rounded ends: they always add up. */
private fun equalLengths(steps: Long, count: Int): List<Long> =
    (1..count).map { steps * it / count - steps * (it - 1) / count }

/**
 * Forgetting of an m per seed: highest accuracy at any evaluation minus the one at the end; dimensionless, 0 .. 1.
 *
 * Never below 0, and above 0 by noise alone: test it against the mixed run of the same seed, not against 0.
 */
fun Runs.forgetting(accuracy: AccuracyHandle, of: Int): Measured {
    requireMarkers("forgetting", of)
    return measured(accuracy.numbers.forgetting(of))
}

/**
 * The condition that every seed had learned an m by the end of the stage that teaches it: accuracy at that stage's last
 * evaluation.
 */
fun learned(runs: Runs, accuracy: AccuracyHandle, m: Int, atLeast: Double = .95): Claim.Condition {
    runs.requireMarkers("learned", m)
    return accuracy.numbers.learned(runs, m, atLeast)
}

private fun Runs.requireMarkers(word: String, m: Int) {
    val other = tasks.firstOrNull { m !in EvaluationSet.markers(it) } ?: return
    throw UserError("$word: '${other.label()}' has no m = $m; it has ${EvaluationSet.markers(other).joinToString()}")
}
