package holonomy.model.fused;

import holonomy.product.Matrix;
import java.util.Arrays;

/**
 * LayerNorm over the features of every column and its derivative: y_j = w_j xhat_j + b_j, xhat = (x - mean) / sqrt(var + 1e-5).
 *
 * <p>dx = (g - mean(g) - xhat mean(g xhat)) / sqrt(var + 1e-5) with g_j = w_j dy_j. Remembers xhat of the last forward pass, for as many columns as
 * that had.
 */
final class Norm {
    private static final double EPSILON = 1e-5;

    private final int features;
    /** Places in theta of w and b. */
    private final int weight;

    private final int bias;
    /** xhat [features][columns] of the last forward pass. */
    final float[][] normed;

    private final float[] inverse;
    private final Scratch scratch;
    private int columns;

    /** For at most {@code columns} columns. */
    Norm(int features, int columns, int weight, int bias, Scratch scratch) {
        this.features = features;
        this.weight = weight;
        this.bias = bias;
        this.scratch = scratch;
        normed = new float[features][columns];
        inverse = new float[columns];
    }

    float weight(float[] theta, int feature) {
        return theta[weight + feature];
    }

    /** The first n entries of a feature's xhat become its y. Modified: row. */
    void affine(int feature, float[] row, float[] theta, int n) {
        affine(row, row, theta[weight + feature], theta[bias + feature], n);
    }

    /** y for as many columns as y has. Modified: y. */
    void forward(float[][] x, float[] theta, Matrix y) {
        normalise(x, y.columns());
        float[] row = scratch.row(1);
        for (int j = 0; j < features; j++) {
            affine(row, normed[j], theta[weight + j], theta[bias + j], columns);
            y.put(j, 0, row, columns);
        }
    }

    /** xhat of the first {@code count} columns of x. */
    void normalise(float[][] x, int count) {
        columns = count;
        float[] mean = scratch.zeroed(0, columns);
        for (int j = 0; j < features; j++) {
            Rows.add(mean, x[j], columns);
        }
        Rows.shiftScale(mean, 0, 1f / features, columns);
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
     * Adds the derivative with respect to x to dx and sets those of w and b.
     *
     * @param dy [features, columns]. Modified.
     * @param dx [features][columns]. Modified.
     * @param gradient [P]. Modified.
     */
    void backward(float[][] dy, float[] theta, float[][] dx, float[] gradient) {
        for (int j = 0; j < features; j++) {
            set(j, Rows.dot(dy[j], normed[j], columns), Rows.sum(dy[j], columns), gradient);
            Rows.shiftScale(dy[j], 0, weight(theta, j), columns);
        }
        backward(dy, dx);
    }

    /** Sets the derivatives of a feature's w and b. Modified: gradient. */
    void set(int feature, float dweight, float dbias, float[] gradient) {
        gradient[weight + feature] = dweight;
        gradient[bias + feature] = dbias;
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
            Rows.add(mean, g[j], columns);
            Rows.multiplyAdd(correlation, g[j], normed[j], columns);
        }
        Rows.shiftScale(mean, 0, 1f / features, columns);
        Rows.shiftScale(correlation, 0, 1f / features, columns);
        for (int j = 0; j < features; j++) {
            project(g[j], mean, normed[j], correlation, columns);
            Rows.multiplyAdd(dx[j], g[j], inverse, columns);
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
