package holonomy.study.grokking

import holonomy.data.Numbers
import holonomy.data.Table
import holonomy.data.Table.quantity
import holonomy.data.Table.text
import holonomy.dsl.Act
import holonomy.dsl.Runs
import holonomy.dsl.accuracy
import holonomy.dsl.of
import holonomy.dsl.plain
import holonomy.dsl.possible
import holonomy.dsl.table
import holonomy.figure.Axis
import holonomy.figure.Facet
import holonomy.figure.Figure
import holonomy.figure.Reference
import holonomy.figure.Size
import holonomy.figure.pointsBy
import holonomy.measure.GrokRule
import holonomy.statistic.Bounded

/** Figures I6, I10: delay against strength, one colour per kind of intervention, one panel per operation. */
fun delayByStrength(
    plain: Runs,
    changed: Runs,
    acts: List<Act>,
    accuracy: PairAccuracyHandle,
    title: String = "How much later runs generalise under an intervention",
): Figure {
    val spread = accuracy.grokking.spread(plain.tasks.map(plain::of), GrokRule.THREE_AT_98)
    val deviation = "Standard deviation of the plain runs over seeds: ${Numbers.brief(spread)} steps."
    return byStrength(
        "delay-by-strength",
        title,
        Axis("value", "delay", "optimiser steps"),
        plain,
        changed,
        acts,
        if (spread.isFinite()) "$PAIRED $deviation" else PAIRED,
    ) { runs, base ->
        accuracy.grokking.boundedDelay(runs, base, GrokRule.THREE_AT_98)
    }
}

/** Figure I7: training accuracy at the end against strength: where it is lost, the network was erased, not held. */
fun trainAccuracyByStrength(plain: Runs, changed: Runs, acts: List<Act>, accuracy: PairAccuracyHandle): Figure =
    byStrength(
        "train-accuracy-by-strength",
        "Accuracy on all training pairs at the end, under an intervention",
        Axis("value", "accuracy", from = 0.0, to = 1.0, possible = 0.0..1.0),
        plain,
        changed,
        acts,
        "",
    ) { runs, _ ->
        runs.finalTrainAccuracy(accuracy).values.bySeed().mapValues { Bounded.exactly(it.value) }
    }

private const val PAIRED =
    "Paired by seed with the plain run. A run that never generalises bounds the delay by its last step; where neither does, nothing is known and drawn."

private fun byStrength(
    name: String,
    title: String,
    y: Axis,
    plain: Runs,
    changed: Runs,
    acts: List<Act>,
    caption: String,
    value: (Runs, Runs) -> Map<Long, Bounded>,
): Figure {
    val table =
        Table.builder(listOf("seed", "operation", "intervention", "strength", "bound").map(::text) + quantity("value"))
    for (task in plain.tasks) {
        val base = plain.of(task)
        for (act in acts) {
            val runs = if (act.strength == 0.0) base else changed.of(task).of(act)
            value(runs, base).forEach { (seed, number) ->
                table.row(seed.toString(), task.operation, act.kind, act.dose, number.bound(), number.value())
            }
        }
    }
    return pointsBy(
            name = name,
            title = title,
            table = table.build(),
            x = Axis("strength", "strength"),
            y = y,
            colour = "intervention",
            facet = if (plain.tasks.size > 1) Facet("operation", 2) else null,
            references = if (y.from == null) listOf(Reference(0.0, "as the plain run")) else emptyList(),
            caption = caption,
            size = Size.PANELS,
            bound = "bound",
        )
        .with(sources = (plain + changed).ids)
}

/** Delay of single interventions, one place each: what kicks and removals do. */
fun delayByAct(plain: Runs, changed: Runs, acts: List<Act>, accuracy: PairAccuracyHandle): Figure {
    val table = Table.builder(listOf("seed", "operation", "intervention", "bound").map(::text) + quantity("value"))
    for (task in plain.tasks) {
        for (act in acts) {
            val runs = changed.of(task).of(act)
            accuracy.grokking.boundedDelay(runs, plain.of(task), GrokRule.THREE_AT_98).forEach { (seed, number) ->
                table.row(seed.toString(), task.operation, act.name, number.bound(), number.value())
            }
        }
    }
    return pointsBy(
            name = "delay-by-intervention",
            title = "How much later runs generalise, by intervention",
            table = table.build(),
            x = Axis("operation", "operation"),
            y = Axis("value", "delay", "optimiser steps"),
            colour = "intervention",
            references = listOf(Reference(0.0, "as the plain run")),
            caption = PAIRED,
            size = Size.PANELS,
            bound = "bound",
        )
        .with(sources = (plain + changed).ids)
}
