package holonomy.stats;

/** Straight lines through points. */
public final class LeastSquares {
    private LeastSquares() {}

    /**
     * The slope {@code sum (x - x_mean)(y - y_mean) / sum (x - x_mean)^2}; NaN unless two x differ.
     *
     * @param x [n]. Not modified.
     * @param y [n]. Not modified.
     */
    public static double slope(double[] x, double[] y) {
        double meanX = mean(x);
        double meanY = mean(y);
        double xx = 0;
        double xy = 0;
        for (int i = 0; i < x.length; i++) {
            xx += (x[i] - meanX) * (x[i] - meanX);
            xy += (x[i] - meanX) * (y[i] - meanY);
        }
        return xx > 0 ? xy / xx : Double.NaN;
    }

    private static double mean(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return sum / values.length;
    }
}
