package holonomy.dsl

import holonomy.data.Table
import holonomy.data.Table.quantity
import holonomy.data.Table.text
import holonomy.data.Table.whole
import holonomy.figure.Axis
import holonomy.figure.Facet
import holonomy.figure.Figure
import holonomy.figure.Size
import holonomy.figure.lines
import holonomy.measure.GrokRule
import holonomy.stats.KaplanMeier
import holonomy.task.PairTask
import holonomy.task.Task

private val MODULUS = Regex(" modulo \\d+")

private fun withoutModulus(task: String) = task.replace(MODULUS, "")

/** A task on pairs by its operation and split; all tasks of one picture have the same modulus. */
internal val Task.operation: String
    get() = withoutModulus(label())

/** What tells runs apart in these pictures: the operation, and the arm where there are several. */
internal fun Runs.groupOf(row: Table.Row): String {
    val task = withoutModulus(row.text("task"))
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
            y = Axis.accuracy(),
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
        // A step function: each evaluation's value, and the one that held until the step before.
        ofGroup
            .map { it.number("step").toLong() }
            .flatMap { listOf(it - 1, it) }
            .filter { it >= 0 }
            .distinct()
            .sorted()
            .forEach { table.row(group, it, curve.survival(it.toDouble())) }
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
