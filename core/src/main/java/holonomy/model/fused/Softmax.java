package holonomy.model.fused;

import ai.djl.ndarray.NDManager;
import holonomy.model.Architecture;
import holonomy.product.Matrix;
import java.util.Arrays;

/**
 * Softmax over the keys of scores and its derivative, for several heads side by side: a row per key, and in it, head by head, the T queries. Causal, key s is
 * seen by the queries s .. T-1; the pattern is exactly 0 elsewhere.
 *
 * <pre>
 *   p_st = exp(e_st - max_s e_st) / sum,     de_st = p_st (dp_st - sum_u p_ut dp_ut)
 * </pre>
 */
final class Softmax implements AutoCloseable {
    /** About so many entries stay in the cache: 256 KB. */
    private static final int ENTRIES = 1 << 16;

    private final boolean causal;
    private final Matrix derivative;
    private final float[][] rows;
    private final float[] row;
    private final float[] other;

    Softmax(NDManager manager, Architecture model) {
        causal = model.causal();
        int length = model.length();
        int columns = Math.max(length, ENTRIES / length);
        derivative = new Matrix(manager, 1, Math.multiplyExact(length, columns));
        rows = new float[length][columns];
        row = new float[columns];
        other = new float[columns];
    }

    /** Which queries don't see a key. */
    interface Mask {
        /** Fills in the row of a key, of n entries, what they don't see. Modified: values. */
        void fill(float[] values, int key, int n, float value);
    }

    /** Heads side by side at most, of so many queries each. */
    int together(int queries) {
        return Math.max(1, row.length / queries);
    }

    /** Memory for the derivative of patterns [keys, heads queries]. */
    Matrix derivative(int keys, int queries) {
        return derivative.as(keys, queries);
    }

    /** @param scores [T, heads T], of any value where a key isn't seen; become patterns. Modified. */
    void forward(Matrix scores) {
        forward(scores, (values, key, n, value) -> unseen(values, scores.rows(), key, n, value));
    }

    /** @param scores [keys, heads queries], of any value where a key isn't seen; become patterns. Modified. */
    void forward(Matrix scores, Mask mask) {
        int keys = scores.rows();
        int n = scores.columns();
        Arrays.fill(row, 0, n, Float.NEGATIVE_INFINITY);
        for (int s = 0; s < keys; s++) {
            scores.get(s, 0, rows[s], n);
            mask.fill(rows[s], s, n, Float.NEGATIVE_INFINITY);
            Rows.max(row, rows[s], n);
        }
        float[] exponents = other;
        for (int s = 0; s < keys; s++) {
            Rows.subtract(rows[s], row, n);
            Exp.of(rows[s], rows[s], exponents, n);
            mask.fill(rows[s], s, n, 0);
        }
        Arrays.fill(row, 0, n, 0f);
        for (int s = 0; s < keys; s++) {
            Rows.add(row, rows[s], n);
        }
        Rows.invert(row, n);
        for (int s = 0; s < keys; s++) {
            Rows.multiply(rows[s], row, n);
            scores.put(s, 0, rows[s], n);
        }
    }

    private void unseen(float[] values, int length, int key, int n, float value) {
        for (int start = 0; causal && start < n; start += length) {
            Arrays.fill(values, start, start + key, value);
        }
    }

    /**
     * @param patterns [T, heads T]
     * @param derivatives of the patterns, of any value where a key isn't seen; become those of the scores. Modified.
     */
    void backward(Matrix patterns, Matrix derivatives) {
        int length = patterns.rows();
        int n = patterns.columns();
        Arrays.fill(row, 0, n, 0f);
        for (int s = 0; s < length; s++) {
            patterns.get(s, 0, other, n);
            derivatives.get(s, 0, rows[s], n);
            unseen(rows[s], length, s, n, 0);
            Rows.multiplyAdd(row, rows[s], other, n);
        }
        for (int s = 0; s < length; s++) {
            patterns.get(s, 0, other, n);
            Rows.subtract(rows[s], row, n);
            Rows.multiply(rows[s], other, n);
            derivatives.put(s, 0, rows[s], n);
        }
    }

    @Override
    public void close() {
        derivative.close();
    }
}
