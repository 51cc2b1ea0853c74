package holonomy.dsl

import holonomy.measure.Cadence
import holonomy.measure.CurvatureMeasure
import holonomy.statistic.CurvatureNumbers

/** A handle on curvature of the loss. */
class CurvatureHandle internal constructor(measure: CurvatureMeasure) : MeasureHandle(measure) {
    internal val numbers = CurvatureNumbers(measure)
}

/** A matrix whose curvature [curvature] looks at. */
enum class CurvatureMatrix(internal val series: String) {
    /** The Hessian; shares, blocks and the gradient's norm come with it. */
    HESSIAN(CurvatureMeasure.HESSIAN),

    /** The Gauss-Newton matrix. */
    GAUSS_NEWTON(CurvatureMeasure.GAUSS_NEWTON),

    /** Adam's P^-1 H, after its first step. */
    PRECONDITIONED(CurvatureMeasure.PRECONDITIONED),
}

/**
 * Curvature of the loss along a run, [count] times and [also]: the largest eigenvalues of its Hessian, of the
 * Gauss-Newton matrix and of Adam's P^-1 H, and the share of gradient and step in the Hessian's top space, beside k/d.
 * Weight decay is left out.
 *
 * @param batches how many batches, each with rows of its own, the same ones at every moment
 * @param sequences of a batch; 0 for as many as in training
 * @param products most products with one matrix; each costs about 4 gradients
 * @param probes directions of the traces' estimates; 0 for no traces
 * @param perBlock whether also of every block's own part of the Hessian
 * @param of the matrices, all of them when not given
 * @param also steps at which it is looked at, too
 */
fun curvature(
    count: Int,
    eigenvalues: Int = 5,
    batches: Int = 1,
    sequences: Int = 0,
    products: Int = 60,
    probes: Int = 0,
    perBlock: Boolean = false,
    of: List<CurvatureMatrix> = CurvatureMatrix.entries,
    also: Cadence.Window? = null,
): CurvatureHandle =
    CurvatureHandle(
        CurvatureMeasure(
            cadence(count, also),
            eigenvalues,
            batches,
            sequences,
            products,
            probes,
            perBlock,
            of.map { it.series },
        )
    )

/** The second half of the steps. */
val lastHalf = Phase(.5, 1.0, "last half")

/**
 * Largest eigenvalue over the edge of stability of the run's own optimiser: lambda_1 of the Hessian over 2/eta for
 * gradient descent, of Adam's P^-1 H over 38/eta at beta1 .9; mean over moments, per seed. 1 at the edge.
 */
fun Runs.overEdge(curvature: CurvatureHandle, over: Phase = lastHalf): Measured =
    measured(curvature.numbers.overEdge(over))

/** Largest eigenvalue of the Hessian, nats per squared weight norm; mean over moments, per seed. */
fun Runs.sharpness(curvature: CurvatureHandle, over: Phase = lastHalf): Measured =
    measured(curvature.numbers.sharpness(over))

/** Share of the squared gradient in the Hessian's top space, mean over moments, per seed; see [topSpaceByChance]. */
fun Runs.gradientInTopSpace(curvature: CurvatureHandle, over: Phase = lastHalf): Measured =
    measured(curvature.numbers.share(CurvatureMeasure.GRADIENT_SHARE, over))

/** The same of the step that the optimiser takes next. */
fun Runs.stepInTopSpace(curvature: CurvatureHandle, over: Phase = lastHalf): Measured =
    measured(curvature.numbers.share(CurvatureMeasure.STEP_SHARE, over))

/** k/d: what a space of k random directions holds of any vector, exactly. */
fun Runs.topSpaceByChance(curvature: CurvatureHandle, over: Phase = lastHalf): Measured =
    measured(curvature.numbers.share(CurvatureMeasure.CHANCE, over))

/** Rank correlation over a run's moments of the commutator defect and lambda_1 / |g|, per seed. */
fun Runs.defectAsCurvature(pairs: CommutatorHandle, curvature: CurvatureHandle): Measured =
    measured(curvature.numbers.defectAgainst(pairs.numbers, ourForm.variant, true))

/** The same with 1 / |g| alone: what shrinking gradients give without any change of curvature. */
fun Runs.defectAsGradient(pairs: CommutatorHandle, curvature: CurvatureHandle): Measured =
    measured(curvature.numbers.defectAgainst(pairs.numbers, ourForm.variant, false))
