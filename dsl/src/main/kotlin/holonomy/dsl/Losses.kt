package holonomy.dsl

import holonomy.claim.Claim
import holonomy.data.Table
import holonomy.figure.Axis
import holonomy.figure.Figure
import holonomy.figure.lines
import holonomy.figure.with

private val ARM = Table.text("arm")

/**
 * Loss at the first evaluation less that at the last, mean over the evaluation sets, nats, per seed: how much was
 * learned between them.
 */
fun Runs.lossFall(accuracy: AccuracyHandle): Measured = measured(accuracy.numbers.lossFall())

/** The condition that the loss of every run of these falls by at least so much, nats: there is something to learn. */
fun learning(runs: Runs, accuracy: AccuracyHandle, atLeast: Double): Claim.Condition =
    accuracy.numbers.lossFallen(runs, atLeast)

/** Loss over the steps, mean over the evaluation sets, a colour for each arm. */
fun lossOverSteps(runs: Runs, accuracy: AccuracyHandle, title: String, caption: String = ""): Figure =
    lossCurves("loss-over-steps", title, accuracy.numbers.losses(runs, ARM), caption).with(sources = runs.ids)

/** Losses, nats, over the steps, a colour for each arm. */
internal fun lossCurves(name: String, title: String, table: Table, caption: String = ""): Figure =
    lines(
        name = name,
        title = title,
        table = table,
        x = Axis.STEP,
        y = Axis("value", "cross-entropy", "nats", log = true),
        colour = ARM.name(),
        caption = caption,
    )
