package holonomy.inference;

/** Straight lines through points. */
public final class LeastSquares {
    private LeastSquares() {}

    /**
     * {@code y = intercept + slope x}.
     *
     * @param slope sum (x - x_mean)(y - y_mean) / sum (x - x_mean)^2; NaN unless two x differ
     * @param intercept y_mean - slope x_mean
     * @param determination R^2, the share of the variance of y that the line accounts for, in 0..1; NaN where y is constant
     */
    public record Line(double slope, double intercept, double determination) {}

    /**
     * The line of least squares.
     *
     * @param x [n]. Not modified.
     * @param y [n]. Not modified.
     */
    public static Line line(double[] x, double[] y) {
        double meanX = mean(x);
        double meanY = mean(y);
        double xx = 0;
        double xy = 0;
        double yy = 0;
        for (int i = 0; i < x.length; i++) {
            xx += (x[i] - meanX) * (x[i] - meanX);
            xy += (x[i] - meanX) * (y[i] - meanY);
            yy += (y[i] - meanY) * (y[i] - meanY);
        }
        double slope = xx > 0 ? xy / xx : Double.NaN;
        return new Line(slope, meanY - slope * meanX, yy > 0 ? slope * xy / yy : Double.NaN);
    }

    /** {@link Line#slope()} alone. */
    public static double slope(double[] x, double[] y) {
        return line(x, y).slope();
    }

    private static double mean(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return sum / values.length;
    }
}
