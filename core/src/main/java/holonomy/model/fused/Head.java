package holonomy.model.fused;

/**
 * One head's attention for one group of sequences. Query t sees the keys 0 .. T - Tq + t, with Tq = T, or 1 for the last token alone;
 * all of them when attention is not causal.
 *
 * <p>Tiles of queries, keys and values are [token][feature], patterns [query][key].
 */
final class Head {
    private final int queries;
    private final int keys;
    private final int features;
    private final boolean causal;
    private final float[] row;

    Head(int queries, int keys, int features, int sequences, boolean causal) {
        this.queries = queries;
        this.keys = keys;
        this.features = features;
        this.causal = causal;
        row = new float[sequences];
    }

    /** Number of keys that query t sees. */
    private int seen(int t) {
        return causal ? keys - queries + t + 1 : keys;
    }

    /** The first query that sees key s. */
    private int firstQuery(int s) {
        return causal ? Math.max(0, s - (keys - queries)) : 0;
    }

    /** Softmax over the keys of the scores q_t k_s. Modified: pattern, exponents. */
    void pattern(Tile q, Tile k, Tile pattern, float[] exponents, int n) {
        scores(q, k, pattern, n);
        for (int t = 0; t < queries; t++) {
            for (int s = 0; s < seen(t); s++) {
                Exp.of(pattern.byFirst[t][s], pattern.byFirst[t][s], exponents, n);
            }
        }
        normalise(pattern, n);
    }

    /** Scores q_t k_s less their largest in each row, so that no exponential overflows. Modified: scores. */
    private void scores(Tile q, Tile k, Tile scores, int n) {
        for (int t = 0; t < queries; t++) {
            float[][] ofQuery = scores.byFirst[t];
            products(q.byFirst[t], k, ofQuery, seen(t), n);
            System.arraycopy(ofQuery[0], 0, row, 0, n);
            for (int s = 1; s < seen(t); s++) {
                Rows.max(row, ofQuery[s], n);
            }
            for (int s = 0; s < seen(t); s++) {
                Rows.subtract(ofQuery[s], row, n);
            }
        }
    }

    private void products(float[][] a, Tile b, float[][] result, int count, int n) {
        for (int s = 0; s < count; s++) {
            Rows.sumOfProducts(result[s], a, b.byFirst[s], 0, features, n);
        }
    }

    /** Divides every row by its sum. Modified: pattern. */
    private void normalise(Tile pattern, int n) {
        for (int t = 0; t < queries; t++) {
            float[][] ofQuery = pattern.byFirst[t];
            System.arraycopy(ofQuery[0], 0, row, 0, n);
            for (int s = 1; s < seen(t); s++) {
                Rows.add(row, ofQuery[s], n);
            }
            Rows.invert(row, n);
            for (int s = 0; s < seen(t); s++) {
                Rows.multiply(ofQuery[s], row, n);
            }
        }
    }

    /** result_t = sum over the keys s of pattern_ts x_s. Modified: result. */
    void overKeys(Tile pattern, Tile x, Tile result, int n) {
        for (int t = 0; t < queries; t++) {
            for (int j = 0; j < features; j++) {
                Rows.sumOfProducts(result.byFirst[t][j], pattern.byFirst[t], x.bySecond[j], 0, seen(t), n);
            }
        }
    }

    /** result_s = sum over the queries t of pattern_ts x_t. Modified: result. */
    void overQueries(Tile pattern, Tile x, Tile result, int n) {
        for (int s = 0; s < keys; s++) {
            for (int j = 0; j < features; j++) {
                Rows.sumOfProducts(result.byFirst[s][j], pattern.bySecond[s], x.bySecond[j], firstQuery(s), queries, n);
            }
        }
    }

    /** The scores' derivative p_ts (e_ts - sum_u p_tu e_tu) with e_ts = dmixed_t v_s. Modified: scores. */
    void scoresBackward(Tile pattern, Tile mixed, Tile v, Tile scores, int n) {
        for (int t = 0; t < queries; t++) {
            float[][] ofQuery = scores.byFirst[t];
            products(mixed.byFirst[t], v, ofQuery, seen(t), n);
            Rows.sumOfProducts(row, pattern.byFirst[t], ofQuery, 0, seen(t), n);
            for (int s = 0; s < seen(t); s++) {
                Rows.subtract(ofQuery[s], row, n);
                Rows.multiply(ofQuery[s], pattern.byFirst[t][s], n);
            }
        }
    }
}
