package holonomy.model;

import holonomy.task.Batch;

/** A network that also computes second derivatives, exactly and in float64: products with a vector, never a matrix. */
public interface TwiceDifferentiable extends Network {
    /**
     * {@code (H v)_i = sum_j d2 loss / (d theta_i d theta_j) v_j}, a new vector [P], in nats / weight^2 times v's unit.
     *
     * @param weights theta [P]; not modified
     * @param v [P]; not modified
     */
    double[] hessianTimes(double[] weights, Batch batch, double[] v);

    /**
     * {@code G v = J' D J v}, a new vector [P]: J [B R C, P] the derivative of the logits, D [B R C, B R C] the second derivative of the loss in
     * the logits. G is H without the curvature of the logits themselves; it is nowhere negative.
     *
     * @param weights theta [P]; not modified
     * @param v [P]; not modified
     */
    double[] gaussNewtonTimes(double[] weights, Batch batch, double[] v);
}
