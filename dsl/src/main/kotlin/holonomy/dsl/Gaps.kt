package holonomy.dsl

import holonomy.figure.Axis
import holonomy.figure.Facet
import holonomy.figure.Figure
import holonomy.figure.Null
import holonomy.figure.Size
import holonomy.figure.lines
import holonomy.measure.Measure
import holonomy.measure.SnapshotPlan
import holonomy.measure.SpectralGaps
import holonomy.model.WeightGroup
import holonomy.statistic.GapNumbers

/** A handle on the spectral gap of a path's latest increments. */
class GapHandle internal constructor(measure: SpectralGaps) : MeasureHandle(measure) {
    internal val numbers = GapNumbers(measure)

    /** What the two numbers can be. */
    internal val possible =
        mapOf(
            SpectralGaps.POSITION to 1.0..(measure.window() - 1.0),
            SpectralGaps.RATIO to 1.0..Double.POSITIVE_INFINITY,
        )
}

/**
 * Where the singular values of the latest increments fall most, k* = argmax of s_j/s_(j+1) (arXiv 2603.15678), all
 * blocks of a group as one vector.
 *
 * @param window increments that are looked at together; published: 10
 */
fun spectralGap(of: WeightGroup = everyWeight, snapshots: Int, window: Int = 10): GapHandle =
    GapHandle(SpectralGaps(SnapshotPlan.of(of, snapshots), window))

/**
 * Steps of the measured lengths, each with the measured mean cosine to the one before: momentum alone, which has a
 * spectral gap too (of ten increments k* = 2 at .5, 1 at .9).
 */
val correlatedWalk = PathNull("AR(1) walk")

/** Position k* of the spectral gap, mean over windows, per seed; its null is [correlatedWalk]. */
fun Runs.gapPosition(handle: GapHandle): Measured = ofPath(SpectralGaps.MEASURED) { handle.numbers.position(it) }

/** s_k over s_(k+1) at k = k*, mean over windows, per seed; its null is [correlatedWalk]. */
fun Runs.gapRatio(handle: GapHandle): Measured = ofPath(SpectralGaps.MEASURED) { handle.numbers.ratio(it) }

/** Position and ratio of the spectral gap over steps, a panel each, beside steps with momentum alone. */
fun gapOverSteps(runs: Runs, handle: GapHandle, caption: String = ""): Figure =
    lines(
            name = "spectral-gap",
            title = "Spectral gap of the latest increments",
            table = handle.numbers.rows(runs, SpectralGaps.MEASURED),
            x = Axis.STEP,
            y = Axis.ofPanels(Measure.VALUE.name(), possible = handle.possible),
            facet = Facet(Measure.STATISTIC.name(), 2, freeY = true),
            nulls = listOf(Null(correlatedWalk.label, handle.numbers.rows(runs, correlatedWalk.label), "value")),
            caption = caption,
            size = Size.ROW,
        )
        .with(sources = runs.ids)
