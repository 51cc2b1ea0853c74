package holonomy.geometry;

import holonomy.data.UserError;

/**
 * The path of weights that learn nothing: Adam with decoupled decay under gradients of pure noise, {@code w_t = (1 - decay rate_t) w_{t-1} + kappa rate_t xi_t}, xi_t independent with
 * E|xi_t|^2 = D. Its Gram matrix is known without a draw (null N1 of spec/backbone.md, section 4.N; control of arXiv 2602.23696):
 *
 * <pre>
 *   c_t = (1 - decay rate_1) .. (1 - decay rate_t),   q_t = c_t / c_first
 *   V_t = (1 - decay rate_t)^2 V_t-1 + kappa^2 D rate_t^2,   V = 0 at the first snapshot
 *   (w_s - w_0)'(w_t - w_0) = (q_s - 1)(q_t - 1) |w_0|^2 + (q_t / q_s) V_s    for s &lt;= t
 * </pre>
 *
 * <p>with w_0 the first snapshot. It has no fitted parameter: kappa is 1 (Adam on independent Gaussian gradients diffuses with .98 to 1.01 for beta2 from .8 to .999). With kappa = 0 it
 * is what decay alone does. What it gives goes through the code that a measured path goes through. In D dimensions a drawn walk departs from it by O(1/sqrt D). Immutable.
 */
public final class NoiseWalk {
    private final double[] rates;
    private final double decay;
    private final double kappa;

    private NoiseWalk(double[] rates, double decay, double kappa) {
        this.rates = rates;
        this.decay = decay;
        this.kappa = kappa;
    }

    /**
     * The walk under a schedule.
     *
     * @param rates learning rate of every step of the training, the first first. Not modified.
     * @param decay decoupled weight decay, dimensionless: a step shrinks the weights by {@code 1 - decay rate}
     */
    public static NoiseWalk of(double[] rates, double decay) {
        if (rates.length == 0) {
            throw new UserError("noise walk: expected the learning rate of every step, found no schedule;"
                    + " without one it is not known how far noise goes");
        }
        for (int t = 0; t < rates.length; t++) {
            double shrinks = decay * rates[t];
            if (!(rates[t] >= 0 && Double.isFinite(rates[t]) && shrinks >= 0 && shrinks < 1)) {
                throw new UserError("noise walk: expected a rate of at least 0 and rate x decay in [0, 1), found rate "
                        + rates[t] + " at step " + (t + 1) + " and decay " + decay);
            }
        }
        return new NoiseWalk(rates.clone(), decay, 1);
    }

    /**
     * The walk whose steps are so many times as long.
     *
     * @param factor kappa, at least 0; dimensionless
     */
    public NoiseWalk kappa(double factor) {
        if (!(factor >= 0)) {
            throw new IllegalArgumentException("kappa is " + factor + ", expected at least 0");
        }
        return new NoiseWalk(rates, decay, factor);
    }

    /**
     * The expected path of D weights from a first snapshot on.
     *
     * @param norm |w_0|, weight norm
     * @param steps of the snapshots [n], the last the schedule's last. Not modified.
     * @throws UserError if the schedule is of another length than the run
     */
    public InitialDirection path(String block, long dimension, double norm, long[] steps) {
        requireLength(block, steps);
        double[] q = new double[steps.length];
        double[] v = new double[steps.length];
        double left = 1;
        double variance = 0;
        for (int i = 0; i < steps.length; i++) {
            for (long t = i == 0 ? steps[0] : steps[i - 1]; t < steps[i]; t++) {
                double rate = rates[(int) t];
                double keeps = 1 - decay * rate;
                left *= keeps;
                variance = keeps * keeps * variance + kappa * kappa * dimension * rate * rate;
            }
            q[i] = left;
            v[i] = variance;
        }
        SymmetricMatrix expected =
                SymmetricMatrix.of(steps.length, (t, s) -> (q[s] - 1) * (q[t] - 1) * norm * norm + q[t] / q[s] * v[s]);
        return shrinking(Gram.of(block, dimension, steps, expected), norm, q);
    }

    /** The expected path beside a measured one: same block, weights, first snapshot and steps. */
    public InitialDirection path(InitialDirection measured) {
        Gram path = measured.path();
        return path(path.block(), path.dimension(), measured.norm(), path.steps());
    }

    /**
     * What decay alone does, whatever the optimiser: {@code x_t = (q_t - 1) w_0} with q_t what it leaves of a weight from the run's first step to snapshot t, over that to the first
     * snapshot. A straight line.
     */
    public static InitialDirection decayOnly(InitialDirection measured, Shrinkage decay) {
        Gram path = measured.path();
        long[] steps = path.steps();
        double[] q = new double[steps.length];
        for (int i = 0; i < q.length; i++) {
            q[i] = decay.kept(0, steps[i]) / decay.kept(0, steps[0]);
        }
        double square = measured.norm() * measured.norm();
        return shrinking(
                path.with(SymmetricMatrix.of(q.length, (t, s) -> (q[s] - 1) * (q[t] - 1) * square)),
                measured.norm(),
                q);
    }

    /**
     * The kappa whose walk comes nearest to the measured distances: {@code kappa^2 = sum_t v_t (|x_t|^2 - m_t) / sum_t v_t^2} with m_t of decay alone and v_t the variance at kappa = 1. A diagnostic; the
     * null itself has kappa = 1. NaN where the rest is negative: the path is shorter than decay alone.
     */
    public double fittedKappa(InitialDirection measured) {
        Gram decayed = kappa(0).path(measured).path();
        Gram noisy = kappa(1).path(measured).path();
        double above = 0;
        double below = 0;
        for (int t = 1; t < decayed.snapshots(); t++) {
            double v = noisy.get(t, t) - decayed.get(t, t);
            above += v * (measured.path().get(t, t) - decayed.get(t, t));
            below += v * v;
        }
        return Math.sqrt(above / below);
    }

    private static InitialDirection shrinking(Gram path, double norm, double[] q) {
        double[] along = new double[q.length];
        for (int i = 0; i < q.length; i++) {
            along[i] = norm > 0 ? (q[i] - 1) * norm : Double.NaN;
        }
        return InitialDirection.of(path, norm, along);
    }

    private void requireLength(String block, long[] steps) {
        long last = steps.length == 0 ? 0 : steps[steps.length - 1];
        if (last != rates.length || steps.length == 0 || steps[0] < 0) {
            throw new UserError("noise walk of '" + block + "': expected a learning rate for each of the run's " + last
                    + " steps, found " + rates.length + "; give the schedule that the run was trained by, cut or"
                    + " continued to the step of its last snapshot");
        }
    }
}
