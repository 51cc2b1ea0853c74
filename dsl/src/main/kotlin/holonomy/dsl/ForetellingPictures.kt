package holonomy.dsl

import holonomy.data.Table
import holonomy.data.Table.quantity
import holonomy.data.Table.text
import holonomy.figure.Axis
import holonomy.figure.Facet
import holonomy.figure.Figure
import holonomy.figure.Reference
import holonomy.figure.Size
import holonomy.figure.Spread
import holonomy.figure.pointsBy
import holonomy.figure.with
import holonomy.measure.Measure
import holonomy.statistic.OwnIntervals
import holonomy.statistic.RunSet

private val NUMBER = text("number")

/**
 * Numbers of all [runs] below each other, each with its own 95 % interval, as claims have it: AUROCs beside a control's
 * and beside .5.
 *
 * @param y what all of them are
 * @param of the numbers by the names that stand at the axis; one that is undefined is left out
 * @param references values to compare with, by what they are
 */
fun numbersBeside(
    runs: Runs,
    y: String,
    of: Map<String, Measured>,
    references: Map<String, Double> = emptyMap(),
    title: String,
    caption: String = "",
): Figure {
    val table = Table.builder(listOf(NUMBER, Measure.VALUE, OwnIntervals.LOWER, OwnIntervals.UPPER))
    of.forEach { (name, number) -> number.values.estimate().let { table.row(name, it.value(), it.low(), it.high()) } }
    val scale = of.values.first().values.scale()
    return pointsBy(
            name = "numbers",
            title = title,
            table = table.build(),
            x = Axis(NUMBER.name(), "read early"),
            y = Axis(Measure.VALUE.name(), y, possible = scale.lowest()..scale.highest()),
            spread = Spread.OWN,
            references = references.map { (label, value) -> Reference(value, label) },
            caption = caption,
            size = Size(Size.PANELS.width + 100, Size.COLUMN.height),
            lying = true,
        )
        .with(sources = runs.ids)
}

/**
 * Every run as a point: an early number of it against what it is to foretell, a panel for each number, coloured by
 * task. Runs that [early] leaves out are not shown.
 *
 * @param x the early numbers by the names of their panels
 */
fun earlyAgainst(
    runs: Runs,
    x: Map<String, Runs.() -> Measured>,
    y: Runs.() -> Measured,
    early: Early,
    caption: String = "",
): Figure {
    val columns = listOf(RunSet.SEED, text("task"), NUMBER, quantity("rank"), Measure.VALUE)
    val table = Table.builder(columns)
    x.forEach { (name, number) ->
        runs.ranked(number, y, early).forEach { (point, rank, value) ->
            table.row(point.seed.toString(), point.task.label(), name, rank, value)
        }
    }
    val label = runs.alone.first().y().values.label()
    return pointsBy(
            name = "early-against",
            title = "$label against early numbers".replaceFirstChar(Char::uppercase),
            table = table.build(),
            x = Axis("rank", "rank of the number at step ${early.last} (1: least)"),
            y = Axis(Measure.VALUE.name(), label),
            colour = "task",
            facet = Facet(NUMBER.name(), 3),
            spread = Spread.RANGE,
            caption = caption,
            size = Size.PANELS,
            joined = false,
        )
        .with(sources = runs.ids)
}
