package holonomy.study.grokking

import holonomy.claim.Claim
import holonomy.dsl.Measured
import holonomy.dsl.Runs
import holonomy.dsl.accuracy
import holonomy.dsl.measured
import holonomy.dsl.plain
import holonomy.dsl.plainly
import holonomy.measure.GrokRule

/**
 * Steps by which runs generalise later than the plain runs of the same seeds: `min(T, S) - min(T_plain, S)`, S the
 * number of steps. A run that never generalises counts with S, so where some are censored this is a lower bound.
 */
fun Runs.delay(plain: Runs, accuracy: PairAccuracyHandle, rule: GrokRule = GrokRule.THREE_AT_98): Measured =
    plainly(accuracy.grokking.delay(this, plain, rule))

/** [delay] as a share of the plain run's own step, dimensionless. */
fun Runs.relativeDelay(plain: Runs, accuracy: PairAccuracyHandle, rule: GrokRule = GrokRule.THREE_AT_98): Measured =
    plainly(accuracy.grokking.relativeDelay(this, plain, rule))

/**
 * The condition that two arms can be told apart by when they generalise: in every seed at least one of them does. Where
 * neither does, the difference of their steps is unknown, not 0.
 */
fun decided(one: Runs, other: Runs, accuracy: PairAccuracyHandle): Claim.Condition =
    accuracy.grokking.decided(one, other)

/**
 * The condition that [runs], to which something was done ([what]), generalise later than the [plain] runs by at least
 * [atLeast] of their step, in every seed. An arm that does less of the same can only tell what a network needs where
 * this holds.
 */
fun delays(
    runs: Runs,
    plain: Runs,
    what: String,
    accuracy: PairAccuracyHandle,
    atLeast: Double = .25,
): Claim.Condition = accuracy.grokking.delays(runs, plain, what, atLeast)

/** Share of the runs that generalise by the end: 1 or 0 per seed. */
fun Runs.groks(accuracy: PairAccuracyHandle, rule: GrokRule = GrokRule.THREE_AT_98): Measured =
    measured(accuracy.grokking.groks(rule))

/** Accuracy on all training pairs at the end, per seed. */
fun Runs.finalTrainAccuracy(accuracy: PairAccuracyHandle): Measured = measured(accuracy.grokking.finalTrainAccuracy())
