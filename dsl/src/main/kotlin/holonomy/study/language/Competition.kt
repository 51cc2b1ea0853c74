package holonomy.study.language

import holonomy.dsl.Archive
import holonomy.dsl.DerivedRequest
import holonomy.dsl.ExperimentScope
import holonomy.dsl.MeasureHandle
import holonomy.dsl.Measured
import holonomy.dsl.Runs
import holonomy.dsl.measured
import holonomy.dsl.plainly
import holonomy.dsl.table
import holonomy.figure.Axis
import holonomy.figure.Facet
import holonomy.figure.Figure
import holonomy.figure.Size
import holonomy.figure.cloud
import holonomy.figure.lines
import holonomy.figure.with
import holonomy.measure.Cadence
import holonomy.measure.LogitLens
import holonomy.measure.Measure
import holonomy.measure.SnapshotPlan
import holonomy.model.WeightGroup
import holonomy.statistic.InterferenceStudy
import holonomy.statistic.LensNumbers
import holonomy.text.counted

private const val PROBE = "probe"
private const val TEXT = "text"

/** A handle on how the probe's gradient lies to the text's, batch by batch. */
class Competition internal constructor(internal val runs: Runs, request: DerivedRequest, archive: Archive) {
    private val rows by
        archive.once {
            runs.finished() // whoever reads the result reads all of the runs
            archive.table(listOf(request), InterferenceStudy.INTERFERENCE)
        }

    /**
     * Signed cosine of the probe's gradient and the text's on one batch, mean over batches and the states from a share
     * of the steps on, per seed: below 0 they pull apart.
     */
    fun cosine(from: Double = .0): Measured = mean(InterferenceStudy.both(PROBE, TEXT), from)

    /** The same of the probe's gradients on two batches: what a batch's noise leaves of a cosine of 1. */
    fun probeWithItself(from: Double = .0): Measured = mean(InterferenceStudy.alike(PROBE), from)

    private fun mean(between: String, from: Double) = runs.plainly(InterferenceStudy.mean(rows, runs, between, from))

    internal fun table() = rows
}

/**
 * The gradients of the probe's loss and of the text's at the weights of [states] snapshots (`snapshot(everyWeight,
 * states)`), on [batches] new batches each. Computed after the runs, kept in the store.
 */
fun ExperimentScope.competition(runs: Runs, states: Int, batches: Int): Competition {
    val whole = SnapshotPlan.of(WeightGroup.ALL, states)
    runs.requireSnapshots(whole)
    val label = "competition in ${counted(runs.points.size, "run")}"
    val request =
        DerivedRequest(runs.points, label) { stored, words ->
            InterferenceStudy(stored, whole, PROBE, TEXT, batches, words)
        }
    return Competition(runs, request, derive(listOf(request)))
}

/** Cosines of gradients over the steps, a point for each batch. */
fun competitionOverSteps(competition: Competition, title: String, caption: String = ""): Figure =
    cloud(
            name = "competition",
            title = title,
            table = competition.table(),
            x = Axis.STEP,
            y = Axis(Measure.VALUE.name(), "cosine of two gradients", possible = -1.0..1.0),
            colour = InterferenceStudy.BETWEEN.name(),
            caption = caption,
            size = Size.PANELS,
        )
        .with(sources = competition.runs.ids)

/** A handle on what a model would say after each layer. */
class LensHandle internal constructor(internal val lens: LogitLens) : MeasureHandle(lens) {
    internal val numbers = LensNumbers(lens)
}

/** What a model would say after each layer, [count] times, on so many sequences of an evaluation set. */
fun logitLens(count: Int, set: String, sequences: Int): LensHandle =
    LensHandle(LogitLens(Cadence.times(count), set, sequences))

/** Accuracy of what the model would say after a layer (-1: the embeddings), at the end, per seed. */
fun Runs.accuracyAfter(layer: Int, lens: LensHandle): Measured = measured(lens.numbers.accuracyAfter(layer))

/** Share of a layer in the target's logit above the mean over all tokens, at the end, per seed. */
fun Runs.shareOfLogit(layer: Int, lens: LensHandle): Measured = measured(lens.numbers.shareOfLogit(layer))

/** Accuracy after each layer and its part of the target's logit over the steps, a panel each. */
fun lensOverSteps(runs: Runs, lens: LensHandle, title: String, caption: String = ""): Figure =
    lines(
            name = "lens",
            title = title,
            table =
                runs.table(lens).with(AFTER) { row ->
                    row.text(Measure.LAYER).let { if (it == "-1") "embeddings" else "layer $it" }
                },
            x = Axis.STEP,
            y = Axis.ofPanels(Measure.VALUE.name(), possible = mapOf(LogitLens.ACCURACY to 0.0..1.0)),
            colour = AFTER,
            facet = Facet(Measure.STATISTIC.name(), 2, freeY = true),
            caption = caption,
            size = Size.PANELS,
        )
        .with(sources = runs.ids)

/** What a stream has passed. */
private const val AFTER = "after"

/** Correlation of the losses on two sets over a run's evaluations after the first, per seed. */
fun Runs.lossCorrelation(one: EvaluatedOn, other: EvaluatedOn): Measured =
    measured(one.numbers.lossCorrelation(other.numbers, false))

/** The same of their changes from evaluation to evaluation: two trends alone have none. */
fun Runs.lossCorrelationOfChanges(one: EvaluatedOn, other: EvaluatedOn): Measured =
    measured(one.numbers.lossCorrelation(other.numbers, true))
