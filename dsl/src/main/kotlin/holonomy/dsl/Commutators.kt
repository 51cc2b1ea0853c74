package holonomy.dsl

import holonomy.measure.Cadence
import holonomy.measure.CommutatorMeasure
import holonomy.measure.SnapshotPlan
import holonomy.model.WeightGroup
import holonomy.statistic.CommutatorNumbers

/** A handle on commutators of steps. */
class CommutatorHandle internal constructor(measure: CommutatorMeasure) : MeasureHandle(measure) {
    internal val numbers = CommutatorNumbers(measure)
}

/**
 * Commutators of the steps on pairs of batches, [count] times per run, and their projections onto the path so far.
 *
 * @param of the weights whose path makes the execution basis; [snapshots] copies per run, [directions] per matrix
 * @param pairs pairs of batches per measurement; [variantPairs] of them also at four times the batch and with m and
 *   positions per sequence, and [chosenPairs] for every (m_A, m_B)
 * @param displacement eta sqrt(|g_A||g_B|), weight norm: what is kept fixed in place of eta
 * @param publishedEta the fixed eta of the published form
 * @param batch sequences per batch; as many as in training when not given
 * @param stream name of the random stream that pairs are drawn from: another name, other pairs
 */
fun commutators(
    count: Int,
    snapshots: Int,
    of: WeightGroup = attention,
    pairs: Int = 9,
    variantPairs: Int = pairs,
    chosenPairs: Int = 1,
    directions: Int = 3,
    displacement: Double = 3e-3,
    publishedEta: Double = 1e-3,
    batch: Int? = null,
    stream: String = CommutatorMeasure.PAIRS,
): CommutatorHandle =
    CommutatorHandle(
        CommutatorMeasure(
            Cadence.times(count),
            SnapshotPlan.of(of, snapshots),
            pairs,
            variantPairs,
            chosenPairs,
            directions,
            displacement,
            publishedEta,
            batch ?: 0,
            stream,
        )
    )

/** A way of computing a commutator, by the name of its rows. */
class Form internal constructor(internal val variant: String) {
    override fun toString() = variant
}

/** The gradient-difference form at a fixed displacement. */
val ourForm = Form(CommutatorMeasure.OURS)

/** Two float32 weight vectors subtracted, eta fixed. */
val publishedForm = Form(CommutatorMeasure.PUBLISHED)

/** A part of the training, in shares of its steps, ends included. */
typealias Phase = holonomy.statistic.Phase

/** The first fifth of the steps. */
val firstFifth = Phase(0.0, .2, "first fifth")

/** The last fifth of the steps. */
val lastFifth = Phase(.8, 1.0, "last fifth")

/** All of it. */
val wholeTraining: Phase = Phase.WHOLE

/** What a share of a vector in the execution basis is compared with. */
enum class ShareNull(internal val words: String, internal val columns: CommutatorMeasure.NullColumns) {
    /** A random subspace of all weights. */
    ISOTROPIC("isotropic subspace", CommutatorMeasure.ISOTROPIC),

    /** A random subspace inside each matrix. */
    BLOCK_MATCHED("block-matched subspace", CommutatorMeasure.MATCHED),
}

/** A basis that commutators are projected onto. */
enum class BasisKind(internal val words: String, internal val label: String) {
    /** The run's own path so far: its execution basis. */
    OWN_PATH("the own path", CommutatorMeasure.OWN_BASIS),

    /** The singular directions of the weights at the moment. */
    SINGULAR_DIRECTIONS("the weights' singular directions", CommutatorMeasure.WEIGHTS_BASIS),
}

/** Median over pairs and moments of D = |delta| / (|a||b|), 1/weight norm, per seed. */
fun Runs.defect(handle: CommutatorHandle, form: Form = ourForm, over: Phase = wholeTraining): Measured =
    measured(handle.numbers.defect(form.variant, over))

/** Median |B'delta| / |delta| in the run's own path so far, dimensionless, per seed. */
fun Runs.rho(handle: CommutatorHandle, over: Phase = wholeTraining): Measured = measured(handle.numbers.rho(over))

/** Median of the expected rho in a random subspace, per seed. */
fun Runs.randomRho(handle: CommutatorHandle, beside: ShareNull, over: Phase = wholeTraining): Measured =
    measured(handle.numbers.randomRho(beside.words, beside.columns, over))

/** Median 1 - rho, as published; neither a norm nor an energy. */
fun Runs.oneMinusRho(handle: CommutatorHandle, over: Phase = wholeTraining): Measured =
    measured(handle.numbers.oneMinusRho(over))

/** Median of 1 - E[rho] of a random subspace. */
fun Runs.randomOneMinusRho(handle: CommutatorHandle, beside: ShareNull, over: Phase = wholeTraining): Measured =
    measured(handle.numbers.randomOneMinusRho(beside.words, beside.columns, over))

/** Median rho / sqrt(E[rho^2]) of a null, dimensionless, per seed; 1 at chance. */
fun Runs.ratio(
    handle: CommutatorHandle,
    beside: ShareNull,
    over: Phase = wholeTraining,
    of: String = CommutatorNumbers.DELTA,
    inside: BasisKind = BasisKind.OWN_PATH,
): Measured {
    val label = "rho of $of in ${inside.words} over ${beside.words} ($over)"
    return measured(handle.numbers.ratio(label, beside.columns, over, of, inside.label))
}

/** [ratio] as published: the isotropic null with the published model's unused MLP weights counted in P. */
fun Runs.publishedRatio(handle: CommutatorHandle, over: Phase = wholeTraining): Measured =
    measured(handle.numbers.publishedRatio(over, inflation()))

/** sqrt(P with unused MLP weights / P). */
internal fun Runs.inflation(): Double {
    val (arm, task) = points.first().let { it.arm to it.task }
    return CommutatorNumbers.inflation(arm.modelFor(task), arm.copy(hidden = 4 * arm.width).modelFor(task))
}

/** Rank correlation of a moment's median D with the held-out loss of the same moment, its size, per seed. */
fun Runs.defectAgainstLoss(handle: CommutatorHandle, accuracy: AccuracyHandle, form: Form = ourForm): Measured =
    measured(handle.numbers.defectAgainstLoss(accuracy.numbers.measure(), form.variant))

/** Rank correlation of D and training time at matched gradient norm, per seed: see [CommutatorNumbers.defectTrend]. */
fun Runs.defectTrendAtMatchedGradient(handle: CommutatorHandle, form: Form = ourForm): Measured =
    measured(handle.numbers.defectTrend(form.variant))

/** Median over moments and pairs of |D(variant) / D(ours) - 1|, dimensionless, per seed. */
fun Runs.defectDeviation(handle: CommutatorHandle, variant: String): Measured =
    measured(handle.numbers.defectDeviation(variant))
