package holonomy.dsl

import holonomy.run.RunRequest
import holonomy.task.Task
import holonomy.train.Fork
import holonomy.train.Training

/** What becomes of the optimiser's state and of the schedule where a run is forked: [kept], [fresh] or [rewarmed]. */
typealias Continuation = Fork.State

/** The optimiser goes on with its state, and the schedule where it is. */
val kept = Fork.State.KEPT

/** The optimiser begins without a past, and the schedule at its start. */
val fresh = Fork.State.FRESH

/** The optimiser goes on with its state, the schedule begins at its start. */
val rewarmed = Fork.State.REWARMED

/**
 * Trains every run of [of] on from its state after [at] of its steps, for [steps] steps of its own, which count from 0:
 * `fork(main, at = 400, steps = 200, optimiser = fresh) { measure(accuracy) }`. The batches go on where the run had
 * come to. With the optimiser [kept] and nothing else changed a fork takes the very steps that the run took.
 *
 * @param on another task over the same tokens; by default the run's own
 * @param training another recipe, whose number of steps doesn't count; by default the run's own without interventions
 * @param data whose batches come from there on; by default the run's own
 * @param name what tables and figures call these runs
 */
fun ExperimentScope.fork(
    of: Runs,
    at: Long,
    steps: Long,
    optimiser: Continuation,
    on: Task? = null,
    training: Training? = null,
    data: DataSeed? = null,
    name: String = "from step $at, optimiser ${optimiser.name.lowercase()}",
    record: RecordScope.() -> Unit,
): Runs {
    val recorded = RecordScope().apply(record)
    val seeds = of.points.map { it.seed }.distinct()
    return declare(
        of.points.map { point ->
            keepState(point, at)
            val spec = point.request.spec()
            val task = on?.forSeed(point.seed) ?: spec.task()
            val recipe = (training ?: spec.training().with(listOf())).lasting(steps)
            val forked =
                spec.forked(at, optimiser, task, recipe, data?.of?.invoke(point.seed, seeds) ?: spec.dataSeed())
            val arm = point.arm.copy(name = "${point.arm.name}, $name")
            val label = "${point.request.label()}, $name"
            Point(
                arm,
                on ?: point.task,
                point.seed,
                RunRequest(forked, label, recorded.snapshots, recorded.measures),
                point.values,
            )
        }
    )
}
