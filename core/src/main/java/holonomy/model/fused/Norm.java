package holonomy.model.fused;

import holonomy.product.Matrix;
import java.util.Arrays;

/**
 * LayerNorm over the features of every column and its derivative: y_j = w_j xhat_j + b_j, xhat = (x - mean) / sqrt(var + 1e-5).
 *
 * <p>dx = (g - mean(g) - xhat mean(g xhat)) / sqrt(var + 1e-5) with g_j = w_j dy_j. Remembers xhat of the last forward pass.
 */
final class Norm {
    private static final double EPSILON = 1e-5;

    private final int features;
    private final int columns;
    /** Places in theta of w and b. */
    private final int weight;

    private final int bias;
    private final float[][] normed;
    private final float[] inverse;
    private final Scratch scratch;

    Norm(int features, int columns, int weight, int bias, Scratch scratch) {
        this.features = features;
        this.columns = columns;
        this.weight = weight;
        this.bias = bias;
        this.scratch = scratch;
        normed = new float[features][columns];
        inverse = new float[columns];
    }

    /** Modified: y. */
    void forward(float[][] x, float[] theta, Matrix y) {
        float[] mean = scratch.zeroed(0, columns);
        float[] row = scratch.row(1);
        for (int j = 0; j < features; j++) {
            Rows.add(mean, x[j], columns);
        }
        Rows.shiftScale(mean, 0, 1f / features, columns);
        Arrays.fill(inverse, 0);
        for (int j = 0; j < features; j++) {
            addSquaredDifference(inverse, x[j], mean, columns);
        }
        for (int i = 0; i < columns; i++) {
            inverse[i] = (float) (1 / Math.sqrt(inverse[i] / features + EPSILON));
        }
        for (int j = 0; j < features; j++) {
            normalise(normed[j], x[j], mean, inverse, columns);
            affine(row, normed[j], theta[weight + j], theta[bias + j], columns);
            y.put(j, 0, row, columns);
        }
    }

    /**
     * Adds the derivative with respect to x to dx and sets those of w and b.
     *
     * @param dy [features, columns]. Modified.
     * @param dx [features][columns]. Modified.
     * @param gradient [P]. Modified.
     */
    void backward(float[][] dy, float[] theta, float[][] dx, float[] gradient) {
        float[] mean = scratch.zeroed(0, columns);
        float[] correlation = scratch.zeroed(1, columns);
        for (int j = 0; j < features; j++) {
            gradient[weight + j] = Rows.dot(dy[j], normed[j], columns);
            gradient[bias + j] = Rows.sum(dy[j], columns);
            Rows.shiftScale(dy[j], 0, theta[weight + j], columns);
            Rows.add(mean, dy[j], columns);
            Rows.multiplyAdd(correlation, dy[j], normed[j], columns);
        }
        Rows.shiftScale(mean, 0, 1f / features, columns);
        Rows.shiftScale(correlation, 0, 1f / features, columns);
        for (int j = 0; j < features; j++) {
            project(dy[j], mean, normed[j], correlation, columns);
            Rows.multiplyAdd(dx[j], dy[j], inverse, columns);
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

    private static void affine(float[] y, float[] x, float weight, float bias, int n) {
        for (int i = 0; i < n; i++) {
            y[i] = weight * x[i] + bias;
        }
    }

    private static void project(float[] g, float[] mean, float[] normed, float[] correlation, int n) {
        for (int i = 0; i < n; i++) {
            g[i] = g[i] - mean[i] - normed[i] * correlation[i];
        }
    }
}
