package holonomy.dsl

import holonomy.measure.DecayControls
import holonomy.measure.SnapshotPlan
import holonomy.measure.TrajectorySpectrum
import holonomy.model.WeightGroup
import holonomy.statistic.DecayNumbers

/** A handle on what decay alone does to a path. */
class DecayHandle internal constructor(measure: DecayControls) : MeasureHandle(measure) {
    internal val numbers = DecayNumbers(measure)
}

/** PC1 of the path, of the path without its component along w_0, of its gradient part, and of decay alone. */
fun decayControls(of: WeightGroup = attention, snapshots: Int): DecayHandle =
    DecayHandle(DecayControls(SnapshotPlan.of(of, snapshots)))

/** One of the paths of [decayControls]. */
class DecayPath internal constructor(internal val label: String) {
    override fun toString() = label
}

/** The path as it is. */
val wholePath = DecayPath(DecayControls.MEASURED)

/** The path without its component along the initial weights. */
val startRemoved = DecayPath(DecayControls.START_REMOVED)

/** The path of the steps that decay didn't take. */
val gradientPart = DecayPath(DecayControls.GRADIENT_PART)

/**
 * The null of [gradientPart]: weights that stay where they began, where the gradient does nothing but balance decay,
 * plus noise of the measured lengths. Its path is nearly straight without any learning.
 */
val balanceOfDecay = PathNull(DecayControls.BALANCE)

/** PC1 share of a path, mean over the blocks, per seed; its nulls are walks of the same step lengths. */
fun Runs.pc1(handle: DecayHandle, path: DecayPath = wholePath): Measured =
    ofPath(DecayControls.PATH) { handle.numbers.pc1(path.label, it) }

/** Share of |w_T - w_0|^2 along the initial weights, mean over the blocks, per seed. */
fun Runs.startShare(handle: DecayHandle): Measured = measured(handle.numbers.startShare())

/**
 * PC1 of the path up to a step of each seed less that of its first window, mean over blocks. More snapshots lower a
 * walk's own PC1: compare with what it does over the same windows.
 */
fun Runs.pc1Growth(spectrum: SpectrumHandle, upTo: Measured): Measured {
    val label = "PC1 share less that of the first window, up to: ${upTo.values.label()}"
    return ofPath(TrajectorySpectrum.MEASURED) { spectrum.pc1Share.numbers.growthUpTo(label, it, upTo.values.bySeed()) }
}
