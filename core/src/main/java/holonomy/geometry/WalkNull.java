package holonomy.geometry;

import java.util.Arrays;

/**
 * A null of a path: what a random walk with the measured increments' lengths, at their own times, is expected to look like.
 *
 * <p>Each is a rule {@code D_st} for the increments' Gram matrix; the walk's path is {@code S D S'}. In D dimensions a drawn walk departs from it
 * by O(1/sqrt D) per cosine, which for D much above n is below anything a statistic shows: no draws are needed, and the spread is so
 * small that a distance in standard deviations would call every difference huge. Report the excess, measured minus null.
 */
public sealed interface WalkNull {
    /** Its name in tables and figures. */
    String label();

    /**
     * The expected path with these increments' lengths.
     *
     * @param measured increments of the measured path. Not modified.
     */
    Gram path(Increments measured);

    /** {@code D = diag(l_t^2)}: uncorrelated steps. The spectrum of n equal ones tends to {@code 1/[2(1 - cos(pi k/n))]}. */
    record Uncorrelated() implements WalkNull {
        @Override
        public String label() {
            return "uncorrelated walk";
        }

        @Override
        public Gram path(Increments measured) {
            return measured.path(SymmetricMatrix.of(
                    measured.size(), (s, t) -> s == t ? measured.length(s) * measured.length(s) : 0));
        }
    }

    /** {@code D_st = rho^|s-t| l_s l_t}, rho the mean cosine of successive increments: steps with momentum (or, below 0, recoil). */
    record Autoregressive() implements WalkNull {
        @Override
        public String label() {
            return "AR(1) walk";
        }

        @Override
        public Gram path(Increments measured) {
            double mean = measured.meanCosine(1);
            double rho = Double.isNaN(mean) ? 0 : Math.max(-1, Math.min(1, mean));
            double[] power = new double[measured.size()];
            Arrays.setAll(power, lag -> Math.pow(rho, lag));
            return measured.path(SymmetricMatrix.of(
                    measured.size(), (s, t) -> power[s - t] * measured.length(s) * measured.length(t)));
        }
    }

    /**
     * {@code D_tt = l_t^2, D_st = c l_s l_t} with c the mean off-diagonal cosine of the increments, c >= 0: a constant drift plus uncorrelated
     * noise.
     *
     * <p>For c &lt; 0 no drift explains the path, and the null is a walk that is pulled back to its start as weight decay pulls:
     * {@code x_t = (1 - kappa_t) x_{t-1} + eps_t}, 1 - kappa_t the share that decay leaves of a weight between the snapshots, with independent eps_t of the length that leaves l_t, {@code
     * E|eps_t|^2 = max(0, l_t^2 - kappa_t^2 E|x_{t-1}|^2)}. Without decay that is the uncorrelated walk.
     *
     * @param decay what decay alone does between two snapshots
     */
    record DriftPlusNoise(Shrinkage decay) implements WalkNull {
        /** Under the same decay at every step, learning rate x weight decay, in [0, 1); dimensionless. */
        public DriftPlusNoise(double decay) {
            this(Shrinkage.perStep(decay));
        }

        @Override
        public String label() {
            return "drift plus noise";
        }

        @Override
        public Gram path(Increments measured) {
            double c = measured.meanCosine();
            if (c < 0) {
                return MeanReversion.path(measured, decay);
            }
            double drift = Double.isNaN(c) ? 0 : c;
            return measured.path(SymmetricMatrix.of(
                    measured.size(), (s, t) -> (s == t ? 1 : drift) * measured.length(s) * measured.length(t)));
        }
    }
}
