package holonomy.model.fused;

import holonomy.product.Matrix;
import java.util.Arrays;

/**
 * xhat = (x - mean) / sqrt(var + 1e-5) over the features of every column, and its derivative; LayerNorm's weights are {@link Folded} into the matrices
 * that follow.
 *
 * <p>dx = (g - mean(g) - xhat mean(g xhat)) / sqrt(var + 1e-5). Remembers xhat of the last forward pass, for as many columns as that had.
 */
final class Norm {
    private static final double EPSILON = 1e-5;

    private final int features;
    /** xhat [features][columns] of the last forward pass. */
    final float[][] normed;

    private final float[] inverse;
    private final Scratch scratch;
    private int columns;

    /** For at most {@code columns} columns. */
    Norm(int features, int columns, Scratch scratch) {
        this.features = features;
        this.scratch = scratch;
        normed = new float[features][columns];
        inverse = new float[columns];
    }

    /** xhat and below it a row of ones, for as many columns as the result has. Modified: result, [features + 1, columns]. */
    void forward(float[][] x, Matrix result) {
        normalise(x, result.columns());
        for (int j = 0; j < features; j++) {
            result.put(j, 0, normed[j], columns);
        }
        float[] ones = scratch.row(0);
        Arrays.fill(ones, 0, columns, 1f);
        result.put(features, 0, ones, columns);
    }

    /** xhat of the first {@code count} columns of x. */
    void normalise(float[][] x, int count) {
        columns = count;
        float[] mean = scratch.zeroed(0, columns);
        for (int j = 0; j < features; j++) {
            Rows.add(mean, x[j], columns);
        }
        Rows.scale(mean, 1f / features, columns);
        Arrays.fill(inverse, 0, columns, 0f);
        for (int j = 0; j < features; j++) {
            addSquaredDifference(inverse, x[j], mean, columns);
        }
        for (int i = 0; i < columns; i++) {
            inverse[i] = (float) (1 / Math.sqrt(inverse[i] / features + EPSILON));
        }
        for (int j = 0; j < features; j++) {
            normalise(normed[j], x[j], mean, inverse, columns);
        }
    }

    /**
     * Adds the derivative with respect to x to dx.
     *
     * @param g derivative with respect to xhat [features, columns]. Modified.
     * @param dx [features][columns]. Modified.
     */
    void backward(float[][] g, float[][] dx) {
        float[] mean = scratch.zeroed(0, columns);
        float[] correlation = scratch.zeroed(1, columns);
        for (int j = 0; j < features; j++) {
            addMoments(mean, correlation, g[j], normed[j], columns);
        }
        Rows.scale(mean, 1f / features, columns);
        Rows.scale(correlation, 1f / features, columns);
        for (int j = 0; j < features; j++) {
            project(g[j], mean, normed[j], correlation, columns);
            Rows.multiplyAdd(dx[j], g[j], inverse, columns);
        }
    }

    private static void addMoments(float[] sum, float[] products, float[] g, float[] normed, int n) {
        for (int i = 0; i < n; i++) {
            sum[i] += g[i];
            products[i] += g[i] * normed[i];
        }
    }

    private static void addSquaredDifference(float[] sum, float[] x, float[] mean, int n) {
        for (int i = 0; i < n; i++) {
            sum[i] += (x[i] - mean[i]) * (x[i] - mean[i]);
        }
    }

    private static void normalise(float[] y, float[] x, float[] mean, float[] inverse, int n) {
        for (int i = 0; i < n; i++) {
            y[i] = (x[i] - mean[i]) * inverse[i];
        }
    }

    private static void project(float[] g, float[] mean, float[] normed, float[] correlation, int n) {
        for (int i = 0; i < n; i++) {
            g[i] = g[i] - mean[i] - normed[i] * correlation[i];
        }
    }
}
