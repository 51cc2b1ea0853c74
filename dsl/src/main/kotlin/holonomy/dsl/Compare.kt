package holonomy.dsl

import holonomy.data.UserError
import holonomy.statistic.SignTest
import holonomy.task.StagedTask
import holonomy.task.Task

/**
 * [ExperimentScope.train] for a comparison: all arms take the same steps with the same number of sequences, and a
 * schedule of m lasts exactly as long as the training. Anything else is refused before training.
 *
 * @param differentBudgets whether arms may differ in steps or batch; say it in the figure too
 */
fun ExperimentScope.compare(
    arms: List<Arm>,
    on: List<Task>,
    seeds: List<Long>,
    differentBudgets: Boolean = false,
    record: RecordScope.() -> Unit,
): Runs {
    if (!differentBudgets) requireEqualBudgets(arms)
    arms.forEach { arm -> on.forEach { requireWholeSchedule(it, arm) } }
    return train(arms, on, seeds, record)
}

private fun Arm.budget() = "${training.steps()} steps of ${training.batch()} sequences"

private fun requireEqualBudgets(arms: List<Arm>) {
    val other = arms.firstOrNull { it.budget() != arms.first().budget() } ?: return
    throw UserError(
        "compare: arm '${arms.first().name}' takes ${arms.first().budget()}, arm '${other.name}' ${other.budget()}; " +
            "give them the same budget, or say differentBudgets = true"
    )
}

private fun requireWholeSchedule(task: Task, arm: Arm) {
    if (task is StagedTask && task.batches() != arm.training.steps()) {
        throw UserError(
            "compare: the stages of '${task.schedule()}' add up to ${task.batches()} steps, " +
                "arm '${arm.name}' takes ${arm.training.steps()}; make them equal"
        )
    }
}

/**
 * First evaluation, in optimiser steps, at which a run's accuracy is at least [level] on every m; undefined (NaN) for a
 * seed that never reaches it.
 */
fun Runs.stepsTo(accuracy: AccuracyHandle, level: Double = .95): Measured = measured(accuracy.numbers.stepsTo(level))

/**
 * A sentence on the difference of two numbers, paired by seed: its mean with the 95 % interval, and the exact sign-flip
 * test with the number of seeds and the smallest p that so many allow.
 */
fun contrast(what: String, one: Measured, other: Measured): String =
    SignTest.contrast(what, one.values.minus(other.values))
