package holonomy.dsl

import holonomy.data.Table
import holonomy.data.Table.quantity
import holonomy.data.Table.text
import holonomy.experiment.Numbers
import holonomy.experiment.SeedValues
import holonomy.figure.Axis
import holonomy.figure.Facet
import holonomy.figure.Figure
import holonomy.figure.Reference
import holonomy.figure.Size
import holonomy.figure.pointsBy
import holonomy.measure.GrokRule

/** Figures I6, I10: delay against strength, one colour per kind of intervention, one panel per operation. */
fun delayByStrength(plain: Runs, changed: Runs, acts: List<Act>, accuracy: PairAccuracyHandle): Figure {
    val spread =
        plain.tasks
            .map { deviation(plain.of(it).restrictedStep(accuracy, GrokRule.THREE_AT_98).bySeed().values) }
            .average()
    return byStrength(
            "delay-by-strength",
            "How much later runs generalise under an intervention",
            Axis("value", "delay", "optimiser steps"),
            plain,
            changed,
            acts,
        ) { runs, base ->
            runs.delay(base, accuracy).values
        }
        .with(
            caption =
                "Paired by seed with the plain run; a run that never generalises counts with its last step. " +
                    "Standard deviation of the plain runs over seeds: ${Numbers.brief(spread)} steps."
        )
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
    ) { runs, _ ->
        runs.finalTrainAccuracy(accuracy).values
    }

private fun deviation(values: Collection<Double>): Double {
    val mean = values.average()
    return kotlin.math.sqrt(values.sumOf { (it - mean) * (it - mean) } / maxOf(1, values.size - 1))
}

private fun byStrength(
    name: String,
    title: String,
    y: Axis,
    plain: Runs,
    changed: Runs,
    acts: List<Act>,
    value: (Runs, Runs) -> SeedValues,
): Figure {
    val table =
        Table.builder(
            listOf(text("seed"), text("operation"), text("intervention"), text("strength"), quantity("value"))
        )
    for (task in plain.tasks) {
        val base = plain.of(task)
        for (act in acts) {
            val runs = if (act.strength == 0.0) base else changed.of(task).of(act)
            value(runs, base).bySeed().forEach { (seed, number) ->
                table.row(seed.toString(), task.operation, act.kind, act.dose, number)
            }
        }
    }
    return pointsBy(
            name = name,
            title = title,
            table = table.build(),
            x = Axis("strength", "strength", null),
            y = y,
            colour = "intervention",
            facet = if (plain.tasks.size > 1) Facet("operation", 2) else null,
            references = if (y.from == null) listOf(Reference(0.0, "as the plain run")) else emptyList(),
            size = Size.PANELS,
        )
        .with(sources = (plain + changed).ids)
}

/** Delay of single interventions, one place each: what kicks and removals do. */
fun delayByAct(plain: Runs, changed: Runs, acts: List<Act>, accuracy: PairAccuracyHandle): Figure {
    val table = Table.builder(listOf(text("seed"), text("operation"), text("intervention"), quantity("value")))
    for (task in plain.tasks) {
        for (act in acts) {
            changed.of(task).of(act).delay(plain.of(task), accuracy).values.bySeed().forEach { (seed, number) ->
                table.row(seed.toString(), task.operation, act.name, number)
            }
        }
    }
    return pointsBy(
            name = "delay-by-intervention",
            title = "How much later runs generalise, by intervention",
            table = table.build(),
            x = Axis("operation", "operation", null),
            y = Axis("value", "delay", "optimiser steps"),
            colour = "intervention",
            references = listOf(Reference(0.0, "as the plain run")),
            caption = "Paired by seed with the plain run; a run that never generalises counts with its last step.",
            size = Size.PANELS,
        )
        .with(sources = (plain + changed).ids)
}
