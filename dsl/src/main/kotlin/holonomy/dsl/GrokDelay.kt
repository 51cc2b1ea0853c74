package holonomy.dsl

import holonomy.experiment.Claim
import holonomy.experiment.SeedValues
import holonomy.figure.Bound
import holonomy.measure.GrokRule
import holonomy.stats.Scale
import holonomy.task.PairTask
import java.util.TreeMap

/**
 * A number of a run, or a bound on it: a run that never gets somewhere needs longer than it had.
 *
 * @property value the number; NaN where not even a bound is known
 * @property bound one of [Bound]
 */
internal class Bounded(val value: Double, val bound: String = Bound.NONE) {
    /** The difference: with one bound a bound itself, with two nothing is known. */
    operator fun minus(other: Bounded): Bounded =
        when {
            other.bound == Bound.NONE -> Bounded(value - other.value, bound)
            bound == Bound.NONE -> Bounded(value - other.value, opposite(other.bound))
            else -> Bounded(Double.NaN, Bound.UNKNOWN)
        }

    private fun opposite(bound: String) = if (bound == Bound.AT_LEAST) Bound.AT_MOST else Bound.AT_LEAST
}

/** What is known of a step that a run never came to, by run: it is at least the run's last. */
internal fun Runs.never(accuracy: PairAccuracyHandle): Map<String, Bounded> =
    setRows(accuracy, PairTask.Part.TEST)
        .rows()
        .groupBy { it.text(RUN) }
        .mapValues { (_, rows) -> Bounded(rows.maxOf { it.number("step") }, Bound.AT_LEAST) }

/** The step of generalisation, by run; at least the last one for a run that never gets there (censored). */
internal fun Runs.stepsOrBounds(accuracy: PairAccuracyHandle, rule: GrokRule): Map<String, Bounded> {
    val never = never(accuracy)
    return grokSteps(accuracy, rule).mapValues { (run, step) ->
        if (step.isFinite()) Bounded(step) else never.getValue(run)
    }
}

/** [stepsOrBounds] by seed, each of which has one run. */
internal fun Runs.stepOrBound(accuracy: PairAccuracyHandle, rule: GrokRule): Map<Long, Bounded> {
    val bounds = stepsOrBounds(accuracy, rule).mapKeys { (run, _) -> points.first { it.id == run }.seed }
    return restrictedStep(accuracy, rule).mapValues { (seed, step) -> Bounded(step, bounds.getValue(seed).bound) }
}

/** [stepsOrBounds] as numbers, a bound counting as a value, per seed. */
internal fun Runs.restrictedStep(accuracy: PairAccuracyHandle, rule: GrokRule): Map<Long, Double> {
    val steps = stepsOrBounds(accuracy, rule)
    return perSeed("step (never: the last step)") { steps.getValue(it.id).value }.bySeed()
}

/**
 * Steps by which runs generalise later than the plain runs of the same seeds: `min(T, S) - min(T_plain, S)`, S the
 * number of steps. A run that never generalises counts with S, so where some are censored this is a lower bound.
 */
fun Runs.delay(plain: Runs, accuracy: PairAccuracyHandle, rule: GrokRule = GrokRule.THREE_AT_98): Measured {
    val base = plain.restrictedStep(accuracy, rule)
    val values = restrictedStep(accuracy, rule).mapValues { (seed, step) -> step - base.getValue(seed) }
    return plainly(SeedValues.of("steps later than the plain run (never: the last step)", TreeMap(values)))
}

/** [delay] as a share of the plain run's own step, dimensionless. */
fun Runs.relativeDelay(plain: Runs, accuracy: PairAccuracyHandle, rule: GrokRule = GrokRule.THREE_AT_98): Measured {
    val base = plain.restrictedStep(accuracy, rule)
    val values = restrictedStep(accuracy, rule).mapValues { (seed, step) -> step / base.getValue(seed) - 1 }
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
