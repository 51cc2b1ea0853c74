package holonomy.curvature;

import holonomy.geometry.Orthonormal;
import holonomy.inference.Estimate;
import holonomy.inference.Interval;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * The trace by Hutch++: {@code tr A = tr Q'AQ + E[g'(I - QQ') A (I - QQ') g]}, Q [d, q] orthonormal of the range of A on random signs, g random signs.
 *
 * <p>Q takes the large eigenvalues out, so what is left to chance is small. Unbiased for every symmetric A; the interval is Student's over the signs g. Where Q fills R^d the
 * trace is exact and the interval has no width. Source: Meyer, Musco, Musco and Woodruff 2021. Costs 3 q products and 2 q d float64.
 */
public final class TraceEstimate {
    private TraceEstimate() {}

    /** tr A with its 95 % interval. @param q directions taken out, and signs drawn, at least 2 */
    public static Estimate of(SymmetricOperator a, int q, RandomGenerator random) {
        int d = a.dimension();
        double[][] range = new double[Math.min(q, d)][];
        for (int i = 0; i < range.length; i++) {
            range[i] = a.times(signs(d, random));
        }
        List<double[]> basis = Orthonormal.of(range);
        double known = 0;
        for (double[] direction : basis) {
            known += Orthonormal.dot(direction, a.times(direction));
        }
        if (basis.size() == d) {
            return new Estimate(known, known, known, d, Interval.LEVEL, "sum over all directions");
        }
        double[] rest = new double[q];
        for (int i = 0; i < q; i++) {
            double[] g = signs(d, random);
            Orthonormal.without(g, basis);
            rest[i] = Orthonormal.dot(g, a.times(g));
        }
        Estimate left = Interval.studentT(rest);
        return new Estimate(
                known + left.value(), known + left.low(), known + left.high(), q, left.level(), "Hutch++, Student t");
    }

    private static double[] signs(int d, RandomGenerator random) {
        double[] signs = new double[d];
        for (int i = 0; i < d; i++) {
            signs[i] = random.nextInt() < 0 ? -1 : 1;
        }
        return signs;
    }
}
