package holonomy.study.grokking

import holonomy.data.Table
import holonomy.data.Table.quantity
import holonomy.data.Table.text
import holonomy.dsl.Arm
import holonomy.dsl.MeasureHandle
import holonomy.dsl.Measured
import holonomy.dsl.Runs
import holonomy.dsl.SweepAxis
import holonomy.dsl.called
import holonomy.dsl.measured
import holonomy.dsl.of
import holonomy.dsl.over
import holonomy.figure.Axis
import holonomy.figure.Facet
import holonomy.figure.Figure
import holonomy.figure.Size
import holonomy.figure.lines
import holonomy.figure.pointsBy
import holonomy.inference.Scale
import holonomy.measure.Accuracy
import holonomy.measure.GrokRule
import holonomy.measure.LogitScale
import holonomy.measure.Measure
import holonomy.model.Design
import holonomy.statistic.Reduction
import holonomy.statistic.RowNumber
import holonomy.statistic.RowsNumber
import holonomy.statistic.RunNumber
import holonomy.task.PairTask.Part.TEST
import holonomy.task.PairTask.Part.TRAIN

/** This model without layer norms: what its weights' norm is, its logits feel. */
val Arm.withoutNorms: Arm
    get() = copy(name = "without layer norms", design = design.with(Design.Norm.NONE))

/** Norm of all weights where a run groks, per seed; undefined in a run that never does. */
fun Runs.normWhereGrokked(accuracy: PairAccuracyHandle, rule: GrokRule = GrokRule.THREE_AT_98): Measured =
    measured(accuracy.grokking.normWhere(rule))

/**
 * rho, the norm that a run's weights are held at over the norm where the [free] run of its seed groks; dimensionless
 * (arXiv 2606.13753).
 */
fun Runs.heldNorm(free: Runs, accuracy: PairAccuracyHandle): Measured =
    (measured(accuracy.grokking.lastNorm()) over free.normWhereGrokked(accuracy)) called
        "norm held over that where the free run groks"

/** Logit scale on training pairs, median over the run's moments (nats), per seed. */
fun Runs.medianLogitScale(handle: MeasureHandle): Measured =
    measured(
        RunNumber.of(
            "logit scale on training pairs, median over the run",
            Scale.LOG,
            handle.measure,
            { it.text(Measure.SET) == TRAIN.label() },
            RowsNumber.of(RowNumber.of(LogitScale.SCALE), Reduction.MEDIAN),
        )
    )

/** Step at which runs grok, on a log axis, against the values of an axis; of a run that never does a bound is known. */
fun grokStepAgainst(
    runs: Runs,
    axis: SweepAxis<Double>,
    colour: SweepAxis<String>,
    accuracy: PairAccuracyHandle,
    caption: String = "",
): Figure {
    val table = Table.builder(listOf(text("seed"), quantity("across"), text("runs"), text("bound"), quantity("step")))
    for (way in colour.list) for (value in axis.list) {
        accuracy.grokking.boundsBySeed(runs.of(axis, value).of(colour, way), GrokRule.THREE_AT_98).forEach { (seed, at)
            ->
            table.row(seed.toString(), value, way, at.bound(), at.value())
        }
    }
    return pointsBy(
            name = "grok-step",
            title = "Step at which runs grok",
            table = table.build(),
            x = Axis("across", axis.name),
            y = Axis("step", "step", "optimiser steps", log = true),
            colour = "runs",
            legend = colour.name,
            caption = "$caption A run that never groks bounds the step by its last.".trim(),
            bound = "bound",
        )
        .with(sources = runs.ids)
}

private fun overSteps(
    runs: Runs,
    rows: Table,
    name: String,
    title: String,
    y: Axis,
    dose: SweepAxis<Double>,
    panels: SweepAxis<String>,
    caption: String,
): Figure =
    lines(
            name = name,
            title = title,
            table = rows,
            x = Axis.STEP,
            y = y,
            colour = dose.column.name(),
            facet = Facet(panels.column.name(), 2),
            legend = dose.name,
            caption = "$caption A run ends once it has grokked.".trim(),
            size = Size.PANELS,
        )
        .with(sources = runs.ids)

/** Accuracy on all test pairs over steps, a colour per value of an axis, a panel per value of another. */
fun testAccuracyOverSteps(
    runs: Runs,
    dose: SweepAxis<Double>,
    panels: SweepAxis<String>,
    accuracy: PairAccuracyHandle,
    caption: String = "",
): Figure {
    val rows = accuracy.grokking.rows(runs, TEST)
    return overSteps(runs, rows, "test-accuracy", "Accuracy on all test pairs", Axis.accuracy(), dose, panels, caption)
}

/** Norm of all weights over steps, as [testAccuracyOverSteps]. */
fun normOverSteps(
    runs: Runs,
    dose: SweepAxis<Double>,
    panels: SweepAxis<String>,
    accuracy: PairAccuracyHandle,
    caption: String = "",
): Figure {
    val norm = Axis(Accuracy.WEIGHT_NORM.name(), "norm of all weights", "weight units", from = 0.0)
    val rows = accuracy.grokking.rows(runs, TEST)
    return overSteps(runs, rows, "weight-norm", "Norm of all weights", norm, dose, panels, caption)
}

/** Logit scale on training pairs over steps, as [testAccuracyOverSteps]. */
fun logitScaleOverSteps(
    runs: Runs,
    dose: SweepAxis<Double>,
    panels: SweepAxis<String>,
    scale: MeasureHandle,
    caption: String = "",
): Figure {
    val rows = runs.table(scale).where { it.text(Measure.SET) == TRAIN.label() }
    val axis = Axis(LogitScale.SCALE.name(), "logit scale", "nats", log = true)
    return overSteps(runs, rows, "logit-scale", "Logit scale on training pairs", axis, dose, panels, caption)
}
