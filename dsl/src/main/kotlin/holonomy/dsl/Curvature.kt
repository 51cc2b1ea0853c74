package holonomy.dsl

import holonomy.measure.Cadence
import holonomy.measure.CurvatureMeasure

/**
 * Curvature of the loss along a run, [count] times: the largest eigenvalues of its Hessian, of the Gauss-Newton matrix
 * and of Adam's P^-1 H, and the share of gradient and step in the Hessian's top space, beside k/d. Weight decay is left
 * out.
 *
 * @param batches how many batches, each with rows of its own, the same ones at every moment
 * @param sequences of a batch; 0 for as many as in training
 * @param products most products with one matrix; each costs about 4 gradients
 * @param probes directions of the traces' estimates; 0 for no traces
 * @param perBlock whether also of every block's own part of the Hessian
 */
fun curvature(
    count: Int,
    eigenvalues: Int = 5,
    batches: Int = 1,
    sequences: Int = 0,
    products: Int = 60,
    probes: Int = 0,
    perBlock: Boolean = false,
): MeasureHandle =
    MeasureHandle(CurvatureMeasure(Cadence.times(count), eigenvalues, batches, sequences, products, probes, perBlock))
