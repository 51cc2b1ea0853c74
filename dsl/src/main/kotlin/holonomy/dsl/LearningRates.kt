package holonomy.dsl

import holonomy.data.Table
import holonomy.data.Table.quantity
import holonomy.data.Table.text
import holonomy.experiment.SeedValues
import holonomy.figure.Axis
import holonomy.figure.Facet
import holonomy.figure.Figure
import holonomy.figure.Size
import holonomy.figure.heatMap
import holonomy.figure.scatter
import holonomy.measure.GrokRule
import java.util.TreeMap
import kotlin.math.ln

/** The runs at each value of an axis that an operation was trained at, one operation at a time. */
private fun Runs.cells(by: SweepAxis<*>): List<Triple<String, Any, Runs>> =
    tasks.map(::of).flatMap { ofTask ->
        ofTask.points
            .mapNotNull { it.values[by] }
            .distinct()
            .map { value ->
                val cell = ofTask.only("${by.name} ${spoken(value)}") { it.values[by] == value }
                Triple(ofTask.tasks.single().operation, value, cell)
            }
    }

private fun phaseMap(
    runs: Runs,
    by: SweepAxis<*>,
    name: String,
    title: String,
    value: Axis,
    format: String,
    caption: String,
    number: (Runs) -> Map<Long, Bounded>,
): Figure {
    val columns = listOf("seed", "operation", by.column.name(), "bound").map(::text)
    val table = Table.builder(columns + quantity("value"))
    for ((operation, at, cell) in runs.cells(by)) {
        number(cell).forEach { (seed, x) -> table.row(seed.toString(), operation, spoken(at), x.bound, x.value) }
    }
    val rows = table.build()
    return heatMap(
            name = name,
            title = title,
            table = rows,
            x = Axis("operation", "operation"),
            y = Axis(by.column.name(), by.name),
            value = value.decades(rows.rows().map { it.number("value") }),
            format = format,
            caption = caption,
            bound = "bound",
        )
        .with(sources = runs.ids)
}

private fun Map<Long, Double>.known() = mapValues { Bounded(it.value) }

/** Figure PD: share of runs that grok by the end, by operation and a sweep's axis. */
fun grokShareMap(runs: Runs, by: SweepAxis<*>, accuracy: PairAccuracyHandle): Figure =
    phaseMap(
        runs,
        by,
        "grok-share",
        "Share of runs that grok",
        Axis("value", "share of runs", from = 0.0, to = 1.0),
        "%.2f",
        "Rule: ${GrokRule.THREE_AT_98.words}, by the last step.",
    ) {
        it.groks(accuracy).values.bySeed().known()
    }

/** Figure PD: step of grokking; of a run that never does only a bound is known, its last step. */
fun grokStepMap(runs: Runs, by: SweepAxis<*>, accuracy: PairAccuracyHandle): Figure =
    phaseMap(
        runs,
        by,
        "grok-step",
        "Step at which runs grok",
        Axis("value", "step", "optimiser steps"),
        "%.0f",
        "A run that never groks bounds the step by its last.",
    ) {
        it.stepOrBound(accuracy, GrokRule.THREE_AT_98)
    }

/** Figure PD: the largest median D of a run, exact or as published. */
fun largestDefectMap(
    runs: Runs,
    by: SweepAxis<*>,
    pairs: CommutatorHandle,
    accuracy: PairAccuracyHandle,
    form: Form,
): Figure =
    phaseMap(
        runs,
        by,
        "largest-defect",
        "Largest median defect D over training",
        Axis("value", "D", "1/weight norm", log = true),
        "%.2g",
        "Form: $form.",
    ) {
        it.largestDefect(pairs, accuracy, form).values.bySeed().known()
    }

/** Where each run has both, per seed: step of a detector and of test accuracy .90. */
private fun Runs.onsets(
    by: SweepAxis<*>,
    detector: Detector,
    accuracy: PairAccuracyHandle,
): Map<Long, List<Pair<Double, Double>>> {
    val all = mutableMapOf<Long, MutableList<Pair<Double, Double>>>()
    for ((_, _, cell) in cells(by)) {
        val fired = detector.steps(cell)
        val groks = cell.grokSteps(accuracy, GrokRule.FIRST_AT_90)
        cell.finished().forEach { (point, _) ->
            all.getOrPut(point.seed) { mutableListOf() } += (fired[point.id] ?: Double.NaN) to groks.getValue(point.id)
        }
    }
    return all
}

/**
 * Exponent b of `lead = a T^b` over operations and learning rates, per seed, by least squares on logarithms: T the step
 * of test accuracy .90, lead = T - onset. Runs without onset or T, or with a lead of at most 0, can't enter; where lead
 * is nearly T, b is near 1 whatever the detector (control D8).
 */
fun Runs.leadExponent(by: SweepAxis<*>, detector: Detector, accuracy: PairAccuracyHandle): Measured =
    exponent("exponent of lead on grok step, $detector", onsets(by, detector, accuracy)) { (onset, step) ->
        if (step > onset) ln(step) to ln(step - onset) else null
    }

/** Exponent b of `onset = a T^b`, as [leadExponent]: 0 where the onset doesn't know when the network will grok. */
fun Runs.onsetExponent(by: SweepAxis<*>, detector: Detector, accuracy: PairAccuracyHandle): Measured =
    exponent("exponent of onset on grok step, $detector", onsets(by, detector, accuracy)) { (onset, step) ->
        if (onset > 0) ln(step) to ln(onset) else null
    }

private fun exponent(
    label: String,
    bySeed: Map<Long, List<Pair<Double, Double>>>,
    logs: (Pair<Double, Double>) -> Pair<Double, Double>?,
): Measured =
    plain(
        SeedValues.of(
            label,
            TreeMap(
                bySeed.mapValues { (_, runs) ->
                    slope(runs.filter { it.first.isFinite() && it.second.isFinite() }.mapNotNull(logs))
                }
            ),
        )
    )

/** Least-squares slope; NaN unless two x differ. */
private fun slope(points: List<Pair<Double, Double>>): Double {
    val x = points.map { it.first }.average()
    val y = points.map { it.second }.average()
    val xx = points.sumOf { (it.first - x) * (it.first - x) }
    return if (xx > 0) points.sumOf { (it.first - x) * (it.second - y) } / xx else Double.NaN
}

/** Onset of each detector against the step of grokking, over rates and operations: on the diagonal, no lead. */
fun onsetAgainstGrokking(
    runs: Runs,
    by: SweepAxis<*>,
    detectors: List<Detector>,
    accuracy: PairAccuracyHandle,
): Figure {
    val table = Table.builder(listOf(text("seed"), text("detector"), quantity("grok"), quantity("onset")))
    var without = 0
    for (detector in detectors) {
        runs.onsets(by, detector, accuracy).forEach { (seed, each) ->
            each.forEach { (onset, step) ->
                if (onset.isFinite() && step.isFinite() && onset > 0)
                    table.row(seed.toString(), detector.name, step, onset)
                else without++
            }
        }
    }
    return scatter(
            name = "onset-against-grokking",
            title = "Onset of each detector against the step of test accuracy .90",
            table = table.build(),
            x = Axis("grok", "first test accuracy of .90", "optimiser steps"),
            y = Axis("onset", "onset", "optimiser steps"),
            facet = Facet("detector", 2),
            caption = "$without pairs of run and detector have no onset after step 0 or never reach .90: not shown.",
            size = Size.PANELS,
        )
        .with(sources = runs.ids)
}
