package holonomy.study.grokking

import holonomy.data.Table
import holonomy.data.Table.quantity
import holonomy.data.Table.text
import holonomy.dsl.CommutatorHandle
import holonomy.dsl.Form
import holonomy.dsl.Measured
import holonomy.dsl.Runs
import holonomy.dsl.SweepAxis
import holonomy.dsl.accuracy
import holonomy.dsl.of
import holonomy.dsl.plain
import holonomy.dsl.spoken
import holonomy.dsl.table
import holonomy.figure.Axis
import holonomy.figure.Facet
import holonomy.figure.Figure
import holonomy.figure.Size
import holonomy.figure.heatMap
import holonomy.figure.scatter
import holonomy.measure.GrokRule
import holonomy.measure.Measure
import holonomy.statistic.Bounded
import holonomy.statistic.Rows
import holonomy.text.counted

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
        number(cell).forEach { (seed, x) -> table.row(seed.toString(), operation, spoken(at), x.bound(), x.value()) }
    }
    val rows = table.build()
    return heatMap(
            name = name,
            title = title,
            table = rows,
            x = Axis("operation", "operation"),
            y = Axis(by.column.name(), by.name),
            value = value.decades(Rows.distinct(rows, Measure.VALUE)),
            format = format,
            caption = caption,
            bound = "bound",
        )
        .with(sources = runs.ids)
}

private fun Measured.known() = values.bySeed().mapValues { Bounded.exactly(it.value) }

/** Figure PD: share of runs that grok by the end, by operation and a sweep's axis. */
fun grokShareMap(runs: Runs, by: SweepAxis<*>, accuracy: PairAccuracyHandle): Figure =
    phaseMap(
        runs,
        by,
        "grok-share",
        "Share of runs that grok",
        Axis("value", "share of runs", from = 0.0, to = 1.0),
        "%.2f",
        "Rule: ${GrokRule.THREE_AT_98.words()}, by the last step.",
    ) {
        it.groks(accuracy).known()
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
        accuracy.grokking.boundsBySeed(it, GrokRule.THREE_AT_98)
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
        "Largest median defect D over training, $form",
        Axis("value", "D", "1/weight norm", log = true),
        "%.2g",
        "Form: $form.",
    ) {
        it.largestDefect(pairs, accuracy, form).known()
    }

/** The runs of each operation and value of an axis. */
private fun Runs.sets(by: SweepAxis<*>) = cells(by).map { (_, _, cell) -> cell }

/** Exponent b of `lead = a T^b` over operations and learning rates, per seed: see [Detector.leadExponent]. */
fun Runs.leadExponent(by: SweepAxis<*>, detector: Detector, accuracy: PairAccuracyHandle): Measured =
    plain(detector.leadExponent(sets(by), accuracy.grokking))

/** Exponent b of `onset = a T^b`, as [leadExponent]: 0 where the onset doesn't know when the network will grok. */
fun Runs.onsetExponent(by: SweepAxis<*>, detector: Detector, accuracy: PairAccuracyHandle): Measured =
    plain(detector.onsetExponent(sets(by), accuracy.grokking))

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
        val onsets = runs.sets(by).flatMap { detector.onsets(it, accuracy.grokking).values }
        for (onset in onsets.groupBy { it.seed() }.values.flatten()) {
            if (onset.isComplete) table.row(onset.seed().toString(), detector.name(), onset.grok(), onset.step())
            else without++
        }
    }
    return scatter(
            name = "onset-against-grokking",
            title = "Onset of each detector against the step of test accuracy .90",
            table = table.build(),
            x = Axis("grok", "first test accuracy of .90", "optimiser steps"),
            y = Axis("onset", "onset", "optimiser steps"),
            facet = Facet("detector", 2),
            caption =
                if (without == 0) ""
                else
                    "Not shown: ${counted(without, "pair")} of run and detector without an onset after step 0, " +
                        "or that never reach .90.",
            size = Size.PANELS,
        )
        .with(sources = runs.ids)
}
