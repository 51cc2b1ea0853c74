package holonomy.dsl

import holonomy.data.Table
import holonomy.figure.Axis
import holonomy.figure.Figure
import holonomy.figure.Null
import holonomy.figure.pointsBy

/**
 * Accuracy at the end, one colour per m, beside the exact majority class of each m's task (highest over m): the level
 * that needs no values at all.
 */
fun finalAccuracyCompared(runs: Runs, accuracy: AccuracyHandle, by: Side, caption: String = ""): Figure {
    val rows = runs.table(accuracy)
    val ends = rows.rows().groupBy { it.text("arm") to it.text("task") }.mapValues { (_, r) -> r.maxOf { it.number("step") } }
    val last = rows.where { it.number("step") == ends[it.text("arm") to it.text("task")] }
    return pointsBy(
            name = "final-accuracy-compared",
            title = "Held-out accuracy at the end, beside the majority class",
            table = last,
            x = Axis(by.column, by.column, null),
            y = Axis("accuracy", "accuracy", from = 0.0, to = 1.0),
            colour = "m",
            nulls = listOf(Null("majority class, exact (highest over m)", highest(last, by), "majority")),
            legend = "m",
            caption = caption,
        )
        .with(sources = runs.ids)
}

private fun highest(rows: Table, by: Side): Table {
    val table = Table.builder(listOf(Table.text(by.column), Table.text("seed"), Table.quantity("majority")))
    rows
        .rows()
        .groupBy { it.text(by.column) to it.text("seed") }
        .forEach { (key, group) -> table.row(key.first, key.second, group.maxOf { it.number("majority") }) }
    return table.build()
}

/** Steps until an accuracy of .95 on every m; seeds that never reach it are left out of the picture and counted. */
fun stepsToCompared(runs: Runs, accuracy: AccuracyHandle, by: Side, caption: String = ""): Figure {
    val table = Table.builder(listOf(Table.text(by.column), Table.text("seed"), Table.quantity("steps")))
    for (level in runs.points.map { by.of(it) }.distinct()) {
        val own = runs.only("$by '$level'") { by.of(it) == level }
        own.stepsTo(accuracy).values.bySeed().forEach { (seed, steps) -> table.row(level, "$seed", steps) }
    }
    return pointsBy(
            name = "steps-to-compared",
            title = "Training time until the accuracy on every m is at least .95",
            table = table.build(),
            x = Axis(by.column, by.column, null),
            y = Axis("steps", "first evaluation at .95", "optimiser steps"),
            caption = caption,
        )
        .with(sources = runs.ids)
}

private fun Side.of(point: Point) = if (this == Side.ARM) point.arm.name else point.task.label()
