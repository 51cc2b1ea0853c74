package holonomy.probe;

import holonomy.data.UserError;

/**
 * Mean, total variance and mean norm of activations.
 *
 * @param mean [d]
 * @param variance sum over d of the variances
 * @param meanNorm mean over rows of |x|
 */
record Moments(double[] mean, double variance, double meanNorm) {
    /** Of the first {@code count} rows; two passes, one row in memory. */
    static Moments of(Activations activations, int count) {
        int d = activations.width();
        float[] row = new float[d];
        double[] mean = new double[d];
        double norms = 0;
        for (int i = 0; i < count; i++) {
            activations.read(i, row, 0);
            double squares = 0;
            for (int j = 0; j < d; j++) {
                mean[j] += row[j];
                squares += (double) row[j] * row[j];
            }
            norms += Math.sqrt(squares);
        }
        for (int j = 0; j < d; j++) {
            mean[j] /= count;
        }
        double variance = 0;
        for (int i = 0; i < count; i++) {
            activations.read(i, row, 0);
            for (int j = 0; j < d; j++) {
                variance += (row[j] - mean[j]) * (row[j] - mean[j]);
            }
        }
        return new Moments(mean, variance / count, norms / count);
    }

    /** Fails where there is nothing to encode: rounding noise of a constant is not variance. */
    void check(int count) {
        double power = variance;
        for (double component : mean) {
            power += component * component;
        }
        if (!Double.isFinite(power)) {
            throw new UserError("sparse probe: the activations are not finite; the run has diverged");
        }
        if (variance <= 1e-10 * power) {
            throw new UserError("sparse probe: all " + count
                    + " activations are the same; expected some variance. Record another layer or other tokens");
        }
    }
}
