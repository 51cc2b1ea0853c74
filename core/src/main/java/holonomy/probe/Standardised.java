package holonomy.probe;

/**
 * Features with mean 0 and standard deviation 1 over the training rows; a feature that never varies becomes 0.
 *
 * @param means [d]
 * @param deviations [d]; 1 where a feature never varies
 */
public record Standardised(double[] means, double[] deviations) {
    /** Of rows [n, d]. */
    public static Standardised of(float[] rows, int width) {
        int n = rows.length / width;
        double[] means = new double[width];
        double[] deviations = new double[width];
        for (int i = 0; i < rows.length; i++) {
            means[i % width] += rows[i] / (double) n;
        }
        for (int i = 0; i < rows.length; i++) {
            double away = rows[i] - means[i % width];
            deviations[i % width] += away * away / n;
        }
        for (int j = 0; j < width; j++) {
            double spread = Math.sqrt(deviations[j]);
            deviations[j] = spread > 1e-7 * (1 + Math.abs(means[j])) ? spread : 1;
        }
        return new Standardised(means, deviations);
    }

    /** (x - mean) / deviation of rows [n, d]; a copy. */
    public float[] apply(float[] rows) {
        int d = means.length;
        float[] result = new float[rows.length];
        for (int i = 0; i < rows.length; i++) {
            result[i] = (float) ((rows[i] - means[i % d]) / deviations[i % d]);
        }
        return result;
    }
}
