package holonomy.dsl

import holonomy.experiment.Claim
import holonomy.experiment.SeedValues
import holonomy.measure.GrokRule
import holonomy.stats.Scale
import holonomy.task.PairTask
import java.util.TreeMap

/** The step of generalisation, per seed; the last step of the training for a run that never gets there (censored). */
internal fun Runs.restrictedStep(accuracy: PairAccuracyHandle, rule: GrokRule): SeedValues {
    val last =
        setRows(accuracy, PairTask.Part.TEST)
            .rows()
            .groupBy { it.text(RUN) }
            .mapValues { (_, rows) -> rows.maxOf { it.number("step") } }
    val steps = grokSteps(accuracy, rule)
    return perSeed("step (never: the last step)") { point ->
        steps.getValue(point.id).let { if (it.isFinite()) it else last.getValue(point.id) }
    }
}

/**
 * Steps by which runs generalise later than the plain runs of the same seeds: `min(T, S) - min(T_plain, S)`, S the
 * number of steps. A run that never generalises counts with S, so where some are censored this is a lower bound.
 */
fun Runs.delay(plain: Runs, accuracy: PairAccuracyHandle, rule: GrokRule = GrokRule.THREE_AT_98): Measured {
    val base = plain.restrictedStep(accuracy, rule).bySeed()
    val values = restrictedStep(accuracy, rule).bySeed().mapValues { (seed, step) -> step - base.getValue(seed) }
    return plainly(SeedValues.of("steps later than the plain run (never: the last step)", TreeMap(values)))
}

/** [delay] as a share of the plain run's own step, dimensionless. */
fun Runs.relativeDelay(plain: Runs, accuracy: PairAccuracyHandle, rule: GrokRule = GrokRule.THREE_AT_98): Measured {
    val base = plain.restrictedStep(accuracy, rule).bySeed()
    val values = restrictedStep(accuracy, rule).bySeed().mapValues { (seed, step) -> step / base.getValue(seed) - 1 }
    return plainly(SeedValues.of("delay over the plain run's step (never: the last step)", TreeMap(values)))
}

/**
 * The condition that two arms can be told apart by when they generalise: in every seed at least one of them does. Where
 * neither does, the difference of their steps is unknown, not 0.
 */
fun decided(one: Runs, other: Runs, accuracy: PairAccuracyHandle): Claim.Condition {
    val groks = listOf(one, other).map { it.groks(accuracy).values.bySeed() }
    val seeds = groks[0].keys intersect groks[1].keys
    val there = seeds.count { seed -> groks.any { it.getValue(seed) == 1.0 } }
    return Claim.Condition("in every seed one of the two arms groks", there == seeds.size, "$there of ${seeds.size}")
}

/** Share of the runs that generalise by the end: 1 or 0 per seed. */
fun Runs.groks(accuracy: PairAccuracyHandle, rule: GrokRule = GrokRule.THREE_AT_98): Measured {
    val steps = grokSteps(accuracy, rule)
    return plainly(
        perSeed("share of runs that grok", Scale.OUTCOME) { if (steps.getValue(it.id).isFinite()) 1.0 else 0.0 }
    )
}

/** Accuracy on all training pairs at the end, per seed. */
fun Runs.finalTrainAccuracy(accuracy: PairAccuracyHandle): Measured =
    plainly(
        perSeed("accuracy on all training pairs at the end", setRows(accuracy, PairTask.Part.TRAIN)) { rows ->
            rows.maxBy { it.number("step") }.number("accuracy")
        }
    )
