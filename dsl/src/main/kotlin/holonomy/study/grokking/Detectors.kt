package holonomy.study.grokking

import holonomy.dsl.CommutatorHandle
import holonomy.dsl.Form
import holonomy.dsl.Measured
import holonomy.dsl.Runs
import holonomy.dsl.least
import holonomy.dsl.measured

/** A signal that fires once in a run. */
typealias Detector = holonomy.statistic.Detector

/** The published rule: median D above 10 times its first three records' median (at least .1) and above 20. */
fun defectOnset(handle: CommutatorHandle, form: Form, least: Double = 20.0): Detector =
    Detector.defectOnset(handle.numbers, form.variant, least)

/** Detectors that need no geometry (control D7): train accuracy, train loss, |g| and |theta|. */
fun trivialDetectors(handle: PairAccuracyHandle): List<Detector> = Detector.trivial(handle.grokking)

/** The first of them: train accuracy .99. */
fun trainAccuracyReached(handle: PairAccuracyHandle): Detector = Detector.trainAccuracy(handle.grokking)

/**
 * The step at which a detector fires, per seed; where it doesn't, that of the last evaluation: it is at least as late.
 */
fun Runs.firing(detector: Detector, handle: PairAccuracyHandle): Measured = measured(detector.firing(handle.grokking))

/** How many steps a detector fires before test accuracy .90, per seed; undefined where either never happens. */
fun Runs.lead(detector: Detector, handle: PairAccuracyHandle): Measured = measured(detector.lead(handle.grokking))

/** [lead] as a share of the step of test accuracy .90, per seed, dimensionless. */
fun Runs.leadShare(detector: Detector, handle: PairAccuracyHandle): Measured =
    measured(detector.leadShare(handle.grokking))

/** 1 where a detector fires, 0 where it doesn't, per seed: on a task that is not generalised, its false positives. */
fun Runs.fired(detector: Detector): Measured = measured(detector.fired())
