package holonomy.dsl

import holonomy.data.Table.text
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

/** What is known of a step that a run never came to: it is at least the run's last. */
internal fun Runs.never(accuracy: PairAccuracyHandle, seed: Long): Bounded {
    val rows = setRows(accuracy, PairTask.Part.TEST).rows().filter { it.text("seed").toLong() == seed }
    return Bounded(rows.maxOf { it.number("step") }, Bound.AT_LEAST)
}

/** The step of generalisation, per seed; at least the last one for a run that never gets there (censored). */
internal fun Runs.stepOrBound(accuracy: PairAccuracyHandle, rule: GrokRule): Map<Long, Bounded> =
    grokStep(accuracy, rule).values.bySeed().mapValues { (seed, step) ->
        if (step.isFinite()) Bounded(step) else never(accuracy, seed)
    }

/** [stepOrBound] as numbers, a bound counting as a value. */
internal fun Runs.restrictedStep(accuracy: PairAccuracyHandle, rule: GrokRule): Map<Long, Double> =
    stepOrBound(accuracy, rule).mapValues { it.value.value }

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
    val steps = grokStep(accuracy, rule).values.bySeed()
    return plainly(
        SeedValues(
            "share of runs that grok",
            Scale.OUTCOME,
            TreeMap(steps.mapValues { if (it.value.isFinite()) 1.0 else 0.0 }),
        )
    )
}

/** Accuracy on all training pairs at the end, per seed. */
fun Runs.finalTrainAccuracy(accuracy: PairAccuracyHandle): Measured =
    plainly(
        perSeed("accuracy on all training pairs at the end", setRows(accuracy, PairTask.Part.TRAIN)) { rows ->
            rows.rows().maxBy { it.number("step") }.number("accuracy")
        }
    )
