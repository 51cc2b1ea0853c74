package holonomy.study.grokking

import holonomy.data.Table
import holonomy.data.Table.quantity
import holonomy.data.Table.text
import holonomy.data.Table.whole
import holonomy.dsl.Runs
import holonomy.dsl.accuracy
import holonomy.dsl.table
import holonomy.figure.Axis
import holonomy.figure.Facet
import holonomy.figure.Figure
import holonomy.figure.Size
import holonomy.figure.lines
import holonomy.measure.Accuracy
import holonomy.measure.GrokRule
import holonomy.measure.Measure
import holonomy.statistic.Cells
import holonomy.statistic.RunSet
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

/** [groupOf] as the column `runs` of a figure's rows. */
internal val Runs.groupKey: Cells.Key
    get() = Cells.Key(text("runs"), ::groupOf)

/** Accuracy on all training and all test pairs over steps, one panel per operation. */
fun pairAccuracyOverSteps(runs: Runs, handle: PairAccuracyHandle, caption: String = ""): Figure {
    val table = Table.builder(listOf(text("seed"), text("runs"), text("set"), whole("step"), quantity("accuracy")))
    runs.table(handle).rows().forEach {
        table.row(
            it.text(RunSet.SEED),
            runs.groupOf(it),
            it.text(Measure.SET),
            it.value(Measure.STEP),
            it.value(Accuracy.ACCURACY),
        )
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
    return lines(
            name = "not-yet-grokked",
            title = "Share of runs that have not generalised yet",
            table = handle.grokking.notYet(runs, runs::groupOf, rule),
            x = Axis.STEP,
            y = Axis("value", "share of runs", from = 0.0, to = 1.0),
            colour = "runs",
            caption =
                "Kaplan-Meier over seeds; rule: ${rule.words()}. A run that never gets there is censored at its end.",
        )
        .with(sources = runs.ids)
}
