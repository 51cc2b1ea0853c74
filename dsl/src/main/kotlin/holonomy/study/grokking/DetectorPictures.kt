package holonomy.study.grokking

import holonomy.data.Table
import holonomy.data.Table.quantity
import holonomy.data.Table.text
import holonomy.dsl.CommutatorHandle
import holonomy.dsl.Reduction
import holonomy.dsl.Runs
import holonomy.dsl.accuracy
import holonomy.dsl.of
import holonomy.dsl.table
import holonomy.figure.Axis
import holonomy.figure.Facet
import holonomy.figure.Figure
import holonomy.figure.Reference
import holonomy.figure.Size
import holonomy.figure.lines
import holonomy.figure.pointsBy
import holonomy.measure.CommutatorMeasure
import holonomy.measure.Measure
import holonomy.statistic.Cells
import holonomy.statistic.Cells.Key
import holonomy.statistic.CommutatorNumbers
import holonomy.statistic.RunSet

/** Figure W: median D over steps, ours and the published float32 form, one panel per operation. */
fun defectByOperation(runs: Runs, handle: CommutatorHandle, caption: String = ""): Figure {
    val medians =
        listOf(CommutatorMeasure.OURS to "ours, float64", CommutatorMeasure.PUBLISHED to "published float32").map {
            (variant, name) ->
            val keys = listOf(Key.of(RunSet.SEED), runs.groupKey, Key(text("form")) { name }, Key.of(Measure.STEP))
            Cells.of(handle.numbers.rows(runs, variant), keys).reduced(CommutatorNumbers.DEFECT, Reduction.MEDIAN)
        }
    return lines(
            name = "defect",
            title = "Commutator defect over training, by operation",
            table = Table.concat(medians),
            x = Axis.STEP,
            y = Axis("value", "median defect D", "1/weight norm", log = true),
            colour = "form",
            facet = Facet("runs", 2),
            caption = caption,
            size = Size.PANELS,
        )
        .with(sources = runs.ids)
}

/**
 * Lead of every detector over test accuracy .90, in steps. Where one of the two never happens, the lead is known by a
 * bound only; where neither does, not at all.
 */
fun leadByDetector(runs: Runs, detectors: List<Detector>, accuracy: PairAccuracyHandle, caption: String = ""): Figure {
    val columns = listOf("seed", "runs", "detector", "bound").map(::text)
    val table = Table.builder(columns + quantity("value"))
    val name = runs.tasks.joinToString { it.operation }
    for (detector in detectors) {
        val leads = detector.boundedLeads(runs, accuracy.grokking)
        for (run in runs.members()) {
            val lead = leads.getValue(run.id())
            table.row(run.seed(), name, detector.name(), lead.bound(), lead.value())
        }
    }
    return pointsBy(
            name = "lead",
            title = "Steps from a detector to test accuracy .90, where the network groks",
            table = table.build(),
            x = Axis("detector", "detector"),
            y = Axis("value", "lead", "optimiser steps"),
            colour = "runs",
            references = listOf(Reference(0.0, "no lead")),
            caption = caption,
            bound = "bound",
            size = Size(Size.PANELS.width + 100, Size.COLUMN.height),
        )
        .with(sources = runs.ids)
}

/** Share of runs in which each detector fires, by operation: on one that isn't generalised, false positives. */
fun firedByDetector(operations: List<Runs>, detectors: List<Detector>, caption: String = ""): Figure {
    val table = Table.builder(listOf(text("seed"), text("runs"), text("detector"), quantity("value")))
    for (runs in operations) {
        val name = runs.tasks.single().operation
        for (detector in detectors) {
            runs.fired(detector).values.bySeed().forEach { (seed, value) ->
                table.row(seed.toString(), name, detector.name(), value)
            }
        }
    }
    return pointsBy(
            name = "fired",
            title = "Share of runs in which a detector fires",
            table = table.build(),
            x = Axis("detector", "detector"),
            y = Axis("value", "share of runs", from = 0.0, to = 1.0, outcome = true),
            colour = "runs",
            caption = caption,
            size = Size.PANELS,
        )
        .with(sources = operations.flatMap { it.ids })
}
