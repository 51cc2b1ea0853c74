package holonomy.dsl

import holonomy.geometry.Statistic
import holonomy.measure.Accuracy
import holonomy.measure.Cadence
import holonomy.measure.LogitScale
import holonomy.measure.Measure
import holonomy.measure.SnapshotPlan
import holonomy.measure.TrainingCurve
import holonomy.measure.TrajectorySpectrum
import holonomy.model.WeightGroup
import holonomy.statistic.AccuracyNumbers
import holonomy.statistic.SpectrumNumbers

/** A handle on something measured along runs. */
open class MeasureHandle(internal val measure: Measure)

/** A handle on the accuracy and loss per evaluation set. */
open class AccuracyHandle internal constructor(measure: Accuracy) : MeasureHandle(measure) {
    internal val numbers = AccuracyNumbers(measure)
}

/**
 * Accuracy and cross-entropy on [heldOut] sequences of every evaluation set (of a marked task: every m), [count] times
 * per run, and oftener [also]: `accuracy(20, also = every(10, from = 120, to = 400))`.
 */
fun accuracy(count: Int, heldOut: Int = 512, also: Cadence.Window? = null): AccuracyHandle =
    AccuracyHandle(Accuracy(cadence(count, also), heldOut))

/** Training loss of the batch and norm of its gradient, [count] times per run, and oftener [also]. */
fun trainingCurve(count: Int, also: Cadence.Window? = null): MeasureHandle =
    MeasureHandle(TrainingCurve(cadence(count, also)))

/**
 * How large the logits are, root mean square about each sequence's mean, on whole evaluation sets (nats), [count] times
 * per run, and oftener [also].
 */
fun logitScale(count: Int, also: Cadence.Window? = null): MeasureHandle =
    MeasureHandle(LogitScale(cadence(count, also)))

/** The steps [from], [from] + [steps], .. up to [to]: where something is measured oftener than along the whole run. */
fun every(steps: Long, from: Long, to: Long): Cadence.Window = Cadence.Window(steps, from, to)

internal fun cadence(count: Int, also: Cadence.Window?) = Cadence(count, listOfNotNull(also))

/** A handle on the spectra of a trajectory; its properties are the statistics that figures and claims speak of. */
class SpectrumHandle internal constructor(internal val spectrum: TrajectorySpectrum) : MeasureHandle(spectrum) {
    /** Smallest number of principal components that hold 90 % of the variance. */
    val r90 = Quantity(spectrum, Statistic.R90)

    /** r90, interpolated on the cumulative share: a number with a spread. */
    val r90Interpolated = Quantity(spectrum, Statistic.R90_INTERPOLATED)

    /** Smallest number of principal components that hold 95 % of the variance. */
    val r95 = Quantity(spectrum, Statistic.R95)

    /** Share of the variance along the first principal component. */
    val pc1Share = Quantity(spectrum, Statistic.PC1_SHARE)

    /** 1 / sum of squared variance shares. */
    val participationRatio = Quantity(spectrum, Statistic.PARTICIPATION_RATIO)

    /** exp of the entropy of the variance shares. */
    val entropyRank = Quantity(spectrum, Statistic.ENTROPY_RANK)
}

/** One statistic of the spectra; dimensionless. */
class Quantity internal constructor(measure: TrajectorySpectrum, val statistic: Statistic) {
    internal val numbers = SpectrumNumbers(measure, statistic)
}

/**
 * Spectra of every block's path over expanding windows, with their nulls.
 *
 * @param of the weight group; [snapshots] copies of it per run are kept
 * @param windows expanding windows, evenly spaced
 * @param shuffledWindows windows at which shuffled increments are drawn (they cost the most)
 */
fun trajectorySpectrum(
    of: WeightGroup = attention,
    snapshots: Int = 41,
    windows: Int = 25,
    shuffledWindows: Int = 10,
): SpectrumHandle = SpectrumHandle(TrajectorySpectrum(SnapshotPlan.of(of, snapshots), windows, shuffledWindows, 200))

/** A null of a path's spectrum, by the name of its series. */
class PathNull internal constructor(val label: String)

/** Steps of the measured lengths in uncorrelated directions. */
val uncorrelatedWalk = PathNull("uncorrelated walk")

/**
 * A constant drift plus uncorrelated noise, as much as the steps' mean cosine says; a mean-reverting walk when that is
 * negative.
 */
val driftPlusNoise = PathNull("drift plus noise")

/** A set of attention matrices: `V + O`. */
class Matrices internal constructor(internal val names: Set<String>) {
    operator fun plus(other: Matrices) = Matrices(names + other.names)

    override fun toString() = names.joinToString(" and ")
}

/** W_Q of every layer. */
val Q = Matrices(setOf("W_Q"))

/** W_K of every layer. */
val K = Matrices(setOf("W_K"))

/** W_V of every layer. */
val V = Matrices(setOf("W_V"))

/** W_O of every layer. */
val O = Matrices(setOf("W_O"))
