package holonomy.dsl

import holonomy.data.UserError
import holonomy.task.Task
import kotlin.math.abs

/** Number of weights P of an arm's model for a task. */
fun Arm.weights(task: Task): Int = modelFor(task).layout().size()

/**
 * This arm with the width, a multiple of its heads, at which it has as nearly as possible as many weights as [other] on
 * a task. The name says so.
 */
fun Arm.widerLike(other: Arm, task: Task): Arm {
    val aim = other.weights(task)
    val wider = widths().map { copy(width = it) }.takeUntil { it.weights(task) >= aim }
    return wider.nearest(aim, task).let { it.copy(name = "$name, width ${it.width}") }
}

/** This arm with the number of layers at which it has as nearly as possible as many weights as [other] on a task. */
fun Arm.deeperLike(other: Arm, task: Task): Arm {
    val aim = other.weights(task)
    val deeper = generateSequence(layers) { it + 1 }.map { copy(layers = it) }.takeUntil { it.weights(task) >= aim }
    return deeper.nearest(aim, task).let { it.copy(name = "$name, ${it.layers} layers") }
}

private fun Arm.widths() = generateSequence(width) { it + heads }

private fun Sequence<Arm>.takeUntil(reached: (Arm) -> Boolean): List<Arm> {
    val taken = mutableListOf<Arm>()
    for (arm in this) {
        taken += arm
        if (reached(arm)) break
    }
    return taken
}

private fun List<Arm>.nearest(aim: Int, task: Task): Arm {
    if (size == 1 && first().weights(task) > aim) {
        throw UserError(
            "arm '${first().name}' has ${first().weights(task)} weights, more than the $aim to be matched; " +
                "start from the smaller arm"
        )
    }
    return minBy { abs(it.weights(task) - aim) }
}
