package holonomy.curvature;

import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * The losses on the straight line between two weight vectors a and b, and how far they rise above the straight line between the ends' losses:
 *
 * <pre>
 *   height(alpha) = L(b + alpha (a - b)) - [L(b) + alpha (L(a) - L(b))],   barrier = max over alpha of height
 * </pre>
 *
 * <p>0 at both ends, so the barrier is at least 0: 0 for a convex loss and between equal ends. Two networks that compute the same function in permuted hidden units have a barrier all the same:
 * it says nothing about the functions. Source: Frankle and others, arXiv 1912.05671 (there: of the error). Costs a forward pass per alpha.
 *
 * @param alphas ascending from 0 (b) to 1 (a)
 * @param losses at each, in nats
 */
public record Barrier(double[] alphas, double[] losses) {
    /**
     * @param loss of theta [P]
     * @param points number of alphas, the ends included; at least 3
     */
    public static Barrier between(ToDoubleFunction<double[]> loss, double[] a, double[] b, int points) {
        if (points < 3) {
            throw new IllegalArgumentException("barrier: expected at least 3 points, found " + points);
        }
        double[] alphas = IntStream.range(0, points)
                .mapToDouble(i -> (double) i / (points - 1))
                .toArray();
        double[] losses = new double[points];
        double[] way = LossCurvature.moved(a, b, -1);
        for (int i = 0; i < points; i++) {
            // The end itself: b + (a - b) is rounded.
            losses[i] = loss.applyAsDouble(i == points - 1 ? a : LossCurvature.moved(b, way, alphas[i]));
        }
        return new Barrier(alphas, losses);
    }

    /** The height at alpha i, nats. */
    public double height(int i) {
        double first = losses[0];
        double last = losses[losses.length - 1];
        return i == losses.length - 1 ? 0 : losses[i] - (first + alphas[i] * (last - first));
    }

    /** The largest height, nats; NaN where a loss is not finite. */
    public double largest() {
        double largest = 0;
        for (int i = 0; i < losses.length; i++) {
            largest = Math.max(largest, Double.isFinite(losses[i]) ? height(i) : Double.NaN);
        }
        return largest;
    }
}
