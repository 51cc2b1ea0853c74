package holonomy.dsl

import holonomy.data.Table
import holonomy.data.Table.quantity
import holonomy.data.Table.text
import holonomy.data.Table.whole
import holonomy.figure.Axis
import holonomy.figure.Facet
import holonomy.figure.Figure
import holonomy.figure.Null
import holonomy.figure.Reference
import holonomy.figure.Size
import holonomy.figure.lines
import holonomy.figure.pointsBy
import holonomy.measure.CommutatorMeasure
import holonomy.measure.DecayControls
import holonomy.measure.GrokRule
import holonomy.stats.KaplanMeier
import holonomy.task.PairTask

/** What tells runs apart in these pictures: the operation, and the arm where there are several. */
private fun Runs.groupOf(row: Table.Row): String {
    val task = row.text("task").substringBefore(" modulo")
    return if (points.map { it.arm.name }.distinct().size > 1) "$task, ${row.text("arm")}" else task
}

/** Accuracy on all training and all test pairs over steps, one panel per operation. */
fun pairAccuracyOverSteps(runs: Runs, handle: PairAccuracyHandle, caption: String = ""): Figure {
    val table = Table.builder(listOf(text("seed"), text("runs"), text("set"), whole("step"), quantity("accuracy")))
    runs.table(handle).rows().forEach {
        table.row(it.text("seed"), runs.groupOf(it), it.text("set"), it.value("step"), it.number("accuracy"))
    }
    return lines(
            name = "accuracy",
            title = "Accuracy on all training and all test pairs",
            table = table.build(),
            x = Axis.STEP,
            y = Axis("accuracy", "accuracy"),
            colour = "set",
            facet = Facet("runs", 2),
            caption = caption,
            size = Size.PANELS,
        )
        .with(sources = runs.ids)
}

/** Share of runs that have not generalised yet (Kaplan and Meier), a run that never does kept as censored. */
fun notYetGrokked(runs: Runs, handle: PairAccuracyHandle, rule: GrokRule = GrokRule.THREE_AT_98): Figure {
    val table = Table.builder(listOf(text("runs"), whole("step"), quantity("value")))
    val rows = runs.setRows(handle, PairTask.Part.TEST).rows()
    for ((group, ofGroup) in rows.groupBy { runs.groupOf(it) }) {
        val bySeed = ofGroup.groupBy { it.text("seed") }.values.map { it.sortedBy { row -> row.number("step") } }
        val steps =
            bySeed.map { run ->
                rule.step(
                    LongArray(run.size) { run[it].number("step").toLong() },
                    DoubleArray(run.size) { run[it].number("accuracy") },
                )
            }
        val last = bySeed.map { it.last().number("step") }
        val times = DoubleArray(steps.size) { if (steps[it].isPresent) steps[it].asLong.toDouble() else last[it] }
        val curve = KaplanMeier.of(times, BooleanArray(steps.size) { steps[it].isPresent })
        ofGroup
            .map { it.number("step") }
            .distinct()
            .sorted()
            .forEach { table.row(group, it.toLong(), curve.survival(it)) }
    }
    return lines(
            name = "not-yet-grokked",
            title = "Share of runs that have not generalised yet",
            table = table.build(),
            x = Axis.STEP,
            y = Axis("value", "share of runs", from = 0.0, to = 1.0),
            colour = "runs",
            caption =
                "Kaplan-Meier over seeds; rule: ${rule.words}. A run that never gets there is censored at its end.",
        )
        .with(sources = runs.ids)
}

/** PC1 share of the path, of what is left without the start or the decay, and of decay alone, beside walks. */
fun pc1ByPath(runs: Runs, handle: DecayHandle, caption: String = ""): Figure {
    fun rows(series: String) = meanOverBlocks(runs, runs.decayRows(handle, null, DecayControls.PC1, series), "path")
    return pointsBy(
            name = "pc1-by-path",
            title = "Variance along the first component, with and without passive decay",
            table = rows(DecayControls.PATH),
            x = Axis("path", "path", null),
            y = Axis("value", "PC1 share, mean over blocks"),
            colour = "runs",
            facet = Facet("runs", 2),
            nulls = listOf(Null(uncorrelatedWalk.label, rows(uncorrelatedWalk.label), "value")),
            caption = caption,
            size = Size.PANELS,
        )
        .with(sources = runs.ids)
}

/** Figure C: shares of the first components, by matrix (mean over layers), beside an uncorrelated walk's. */
fun componentShares(runs: Runs, handle: DecayHandle, caption: String = ""): Figure {
    fun rows(series: String): Table {
        val table = Table.builder(listOf(text("seed"), text("matrix"), whole("component"), quantity("value")))
        for (k in 1..DecayControls.COMPONENTS) {
            runs
                .decayRows(handle, DecayControls.MEASURED, DecayControls.component(k), series)
                .rows()
                .groupBy { it.text("seed") to it.text("block").substringAfterLast('.') }
                .forEach { (key, blocks) ->
                    table.row(key.first, key.second, k.toLong(), blocks.map { it.number("value") }.average())
                }
        }
        return table.build()
    }
    return pointsBy(
            name = "component-shares",
            title = "Share of the variance along the first components of the path",
            table = rows(DecayControls.PATH),
            x = Axis("component", "principal component", null, breaks = List(DecayControls.COMPONENTS) { it + 1.0 }),
            y = Axis("value", "share of the variance", log = true),
            colour = "matrix",
            nulls = listOf(Null(uncorrelatedWalk.label, rows(uncorrelatedWalk.label), "value")),
            caption = caption,
        )
        .with(sources = runs.ids)
}

/** PC1 share less that of a walk of the same step lengths, by matrix (mean over layers), in points of share. */
fun pc1ExcessByMatrix(runs: Runs, spectrum: SpectrumHandle, beside: PathNull, caption: String = ""): Figure {
    fun byKey(series: String) =
        runs.spectrumRows(spectrum.pc1Share, series).atEnd().rows().groupBy {
            Triple(it.text("seed"), runs.groupOf(it), it.text("matrix"))
        }
    val walk = byKey(beside.label)
    val table = Table.builder(listOf(text("seed"), text("runs"), text("matrix"), quantity("value")))
    for ((key, rows) in byKey("measured")) {
        val difference =
            rows.map { it.number("value") }.average() - walk.getValue(key).map { it.number("value") }.average()
        table.row(key.first, key.second, key.third, difference)
    }
    return pointsBy(
            name = "pc1-excess",
            title = "PC1 share less that of a walk: ${beside.label}",
            table = table.build(),
            x = Axis("matrix", "matrix", null),
            y = Axis("value", "difference in PC1 share"),
            colour = "runs",
            references = listOf(Reference(0.0, "as the walk")),
            caption = caption,
        )
        .with(sources = runs.ids)
}

/** Share of the displacement that lies along the initial weights, and what decay alone predicts for it. */
fun startShareByRuns(runs: Runs, handle: DecayHandle, caption: String = ""): Figure {
    val table = Table.builder(listOf(text("seed"), text("runs"), text("share"), quantity("value")))
    for ((statistic, name) in
        listOf(DecayControls.START_SHARE to "measured", DecayControls.DECAY_SHARE to "decay alone predicts")) {
        val rows = runs.decayRows(handle, DecayControls.MEASURED, statistic, DecayControls.PATH)
        meanOverBlocks(runs, rows, "path").rows().forEach {
            table.row(it.text("seed"), it.text("runs"), name, it.number("value"))
        }
    }
    return pointsBy(
            name = "start-share",
            title = "Share of the displacement along the initial weights",
            table = table.build(),
            x = Axis("share", "share along the initial weights", null),
            y = Axis("value", "share of |w_T - w_0|^2"),
            colour = "runs",
            caption = caption,
            size = Size.PANELS,
        )
        .with(sources = runs.ids)
}

private fun meanOverBlocks(runs: Runs, rows: Table, by: String): Table {
    val table = Table.builder(listOf(text("seed"), text("runs"), text(by), quantity("value")))
    for ((key, blocks) in rows.rows().groupBy { Triple(it.text("seed"), runs.groupOf(it), it.text(by)) }) {
        table.row(key.first, key.second, key.third, blocks.map { it.number("value") }.average())
    }
    return table.build()
}

/** Figure W: median D over steps, ours and the published float32 form, one panel per operation. */
fun defectByOperation(runs: Runs, handle: CommutatorHandle, caption: String = ""): Figure {
    val table = Table.builder(listOf(text("seed"), text("runs"), text("form"), whole("step"), quantity("value")))
    for ((variant, name) in
        listOf(CommutatorMeasure.OURS to "gradient difference", CommutatorMeasure.PUBLISHED to "published float32")) {
        val moments =
            runs.commutatorRows(handle, variant).rows().groupBy {
                Triple(it.text("seed"), runs.groupOf(it), it.number("step"))
            }
        for ((key, pairs) in moments) {
            table.row(key.first, key.second, name, key.third.toLong(), median(pairs.map { it.number("defect") }))
        }
    }
    return lines(
            name = "defect",
            title = "Commutator defect over training, by operation",
            table = table.build(),
            x = Axis.STEP,
            y = Axis("value", "median defect D", "1/weight norm", log = true),
            colour = "form",
            facet = Facet("runs", 2),
            caption = caption,
            size = Size.ROW,
        )
        .with(sources = runs.ids)
}

/** Lead of every detector over test accuracy .90, in steps; runs without one of the two are missing. */
fun leadByDetector(runs: Runs, detectors: List<Detector>, accuracy: PairAccuracyHandle, caption: String = ""): Figure {
    val table = Table.builder(listOf(text("seed"), text("runs"), text("detector"), quantity("value")))
    val name = runs.tasks.joinToString { it.label().substringBefore(" modulo") }
    for (detector in detectors) {
        runs.lead(detector, accuracy).values.bySeed().forEach { (seed, value) ->
            table.row(seed.toString(), name, detector.name, value)
        }
    }
    return pointsBy(
            name = "lead",
            title = "Steps from a detector to test accuracy .90, where the network groks",
            table = table.build(),
            x = Axis("detector", "detector", null),
            y = Axis("value", "lead", "optimiser steps"),
            colour = "runs",
            references = listOf(Reference(0.0, "no lead")),
            caption = caption,
            size = Size.PANELS,
        )
        .with(sources = runs.ids)
}

/** Share of runs in which each detector fires, by operation: on one that isn't generalised, false positives. */
fun firedByDetector(operations: List<Runs>, detectors: List<Detector>, caption: String = ""): Figure {
    val table = Table.builder(listOf(text("seed"), text("runs"), text("detector"), quantity("value")))
    for (runs in operations) {
        val name = runs.tasks.single().label().substringBefore(" modulo")
        for (detector in detectors) {
            runs.fired(detector).values.bySeed().forEach { (seed, value) ->
                table.row(seed.toString(), name, detector.name, value)
            }
        }
    }
    return pointsBy(
            name = "fired",
            title = "Share of runs in which a detector fires",
            table = table.build(),
            x = Axis("detector", "detector", null),
            y = Axis("value", "share of runs"),
            colour = "runs",
            caption = caption,
            size = Size.PANELS,
        )
        .with(sources = operations.flatMap { it.ids })
}
