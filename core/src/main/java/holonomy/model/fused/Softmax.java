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

    private final int length;
    private final boolean causal;
    /** Heads side by side, over all sequences. */
    final int together;

    private final Matrix derivative;
    private final float[][] rows;
    private final float[] row;
    private final float[] other;

    Softmax(NDManager manager, Architecture model, int sequences) {
        length = model.length();
        causal = model.causal();
        together = Math.max(1, Math.min(ENTRIES / (length * length), sequences * model.heads()));
        derivative = new Matrix(manager, length, together * length);
        rows = new float[length][together * length];
        row = new float[together * length];
        other = new float[together * length];
    }

    /** Memory [T, heads T] for the derivative of the patterns of so many heads. */
    Matrix derivative(int heads) {
        return derivative.as(length, heads * length);
    }

    /** @param scores [T, heads T], of any value where a key isn't seen; become patterns. Modified. */
    void forward(Matrix scores) {
        int n = scores.columns();
        Arrays.fill(row, 0, n, Float.NEGATIVE_INFINITY);
        for (int s = 0; s < length; s++) {
            scores.get(s, 0, rows[s], n);
            unseen(rows[s], s, n, Float.NEGATIVE_INFINITY);
            Rows.max(row, rows[s], n);
        }
        float[] exponents = other;
        for (int s = 0; s < length; s++) {
            Rows.subtract(rows[s], row, n);
            Exp.of(rows[s], rows[s], exponents, n);
            unseen(rows[s], s, n, 0);
        }
        Arrays.fill(row, 0, n, 0f);
        for (int s = 0; s < length; s++) {
            Rows.add(row, rows[s], n);
        }
        Rows.invert(row, n);
        for (int s = 0; s < length; s++) {
            Rows.multiply(rows[s], row, n);
            scores.put(s, 0, rows[s], n);
        }
    }

    private void unseen(float[] values, int key, int n, float value) {
        for (int start = 0; causal && start < n; start += length) {
            Arrays.fill(values, start, start + key, value);
        }
    }

    /**
     * @param patterns [T, heads T]
     * @param derivatives of the patterns, of any value where a key isn't seen; become those of the scores. Modified.
     */
    void backward(Matrix patterns, Matrix derivatives) {
        int n = patterns.columns();
        Arrays.fill(row, 0, n, 0f);
        for (int s = 0; s < length; s++) {
            patterns.get(s, 0, other, n);
            derivatives.get(s, 0, rows[s], n);
            unseen(rows[s], s, n, 0);
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
