package holonomy.inference;

import java.util.Arrays;

/** Correlations of two series, dimensionless, in -1 .. 1. */
public final class Correlation {
    private Correlation() {}

    /**
     * Pearson's {@code sum (x - x_mean)(y - y_mean) / sqrt(sum (x - x_mean)^2 sum (y - y_mean)^2)}. NaN with fewer than two pairs, a NaN among them, or when
     * one side is constant.
     *
     * @param x [n]. Not modified.
     * @param y [n]. Not modified.
     */
    public static double pearson(double[] x, double[] y) {
        if (x.length != y.length) {
            throw new IllegalArgumentException(
                    "correlation of " + x.length + " and " + y.length + " values: expected equally many");
        }
        double meanX = Arrays.stream(x).average().orElse(Double.NaN);
        double meanY = Arrays.stream(y).average().orElse(Double.NaN);
        double xy = 0;
        double xx = 0;
        double yy = 0;
        for (int i = 0; i < x.length; i++) {
            xy += (x[i] - meanX) * (y[i] - meanY);
            xx += (x[i] - meanX) * (x[i] - meanX);
            yy += (y[i] - meanY) * (y[i] - meanY);
        }
        return xx > 0 && yy > 0 ? xy / Math.sqrt(xx * yy) : Double.NaN;
    }

    /**
     * That of the changes from each value to the next: two series that only share a trend have a correlation, their changes have none.
     *
     * @param x [n]. Not modified.
     * @param y [n]. Not modified.
     */
    public static double ofChanges(double[] x, double[] y) {
        return pearson(changes(x), changes(y));
    }

    /**
     * How often a correlation as large in size arises when y is turned against x in a circle, {@code (1 + #{k : |r_k| >= |r|}) / n} over the n - 1 other turns k: what is left
     * for chance when both series keep their own trend and smoothness. NaN where the correlation is.
     *
     * @param x [n]. Not modified.
     * @param y [n]. Not modified.
     */
    public static double turnedAsLarge(double[] x, double[] y) {
        double measured = Math.abs(pearson(x, y));
        if (Double.isNaN(measured)) {
            return Double.NaN;
        }
        int n = x.length;
        int asLarge = 1;
        for (int turn = 1; turn < n; turn++) {
            double[] turned = new double[n];
            for (int i = 0; i < n; i++) {
                turned[i] = y[(i + turn) % n];
            }
            asLarge += Math.abs(pearson(x, turned)) >= measured ? 1 : 0;
        }
        return (double) asLarge / n;
    }

    private static double[] changes(double[] values) {
        double[] changes = new double[Math.max(values.length - 1, 0)];
        Arrays.setAll(changes, i -> values[i + 1] - values[i]);
        return changes;
    }
}
