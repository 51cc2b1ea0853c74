package holonomy.inference;

import java.util.Arrays;

/** Ranks, and the correlation of ranks. */
public final class Ranks {
    private Ranks() {}

    /**
     * Ranks from 1, ascending; equal values share the mean of their ranks.
     *
     * @param values not NaN. Not modified.
     */
    public static double[] of(double[] values) {
        Integer[] order = new Integer[values.length];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, (a, b) -> Double.compare(values[a], values[b]));
        double[] ranks = new double[values.length];
        for (int from = 0, to; from < order.length; from = to) {
            to = from + 1;
            while (to < order.length && values[order[to]] == values[order[from]]) {
                to++;
            }
            for (int k = from; k < to; k++) {
                ranks[order[k]] = (from + 1 + to) / 2.0;
            }
        }
        return ranks;
    }

    /**
     * Spearman's rank correlation: the Pearson correlation of the ranks, in -1 .. 1, dimensionless. NaN with fewer than two pairs, a NaN
     * among them, or when one side is constant.
     *
     * @param x [n]. Not modified.
     * @param y [n]. Not modified.
     */
    public static double spearman(double[] x, double[] y) {
        if (x.length != y.length) {
            throw new IllegalArgumentException(
                    "rank correlation of " + x.length + " and " + y.length + " values: expected equally many");
        }
        boolean undefined =
                Arrays.stream(x).anyMatch(Double::isNaN) || Arrays.stream(y).anyMatch(Double::isNaN);
        return undefined ? Double.NaN : Correlation.pearson(of(x), of(y));
    }

    /**
     * The partial correlation of the ranks of x and y, those of z taken out: {@code (r_xy - r_xz r_yz) / sqrt((1 - r_xz^2)(1 - r_yz^2))}.
     *
     * @param x [n]. Not modified.
     * @param y [n]. Not modified.
     * @param z [n]. Not modified.
     */
    public static double partial(double[] x, double[] y, double[] z) {
        double xy = spearman(x, y);
        double xz = spearman(x, z);
        double yz = spearman(y, z);
        return (xy - xz * yz) / Math.sqrt((1 - xz * xz) * (1 - yz * yz));
    }
}
