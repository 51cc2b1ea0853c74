package holonomy.model.fused;

import java.util.Arrays;

/**
 * Attention for one group of sequences, of one head or of several side by side in each row. Query t sees the keys 0 .. T - Tq + t, with Tq = T, or
 * 1 for the last token alone; all of them when attention is not causal.
 *
 * <p>Tiles of queries, keys and values are [token][feature], patterns [query][key].
 */
final class Head {
    /** Rows of the result that use one row of a factor in turns; products added to each before the next row; results before the next products. */
    private static final int ROWS = 2;

    private static final int PRODUCTS = 4;
    private static final int RESULTS = 8;

    private final int queries;
    private final int keys;
    /** Per query the number of keys that it sees. */
    private final int[] seen;
    /** Per key the first query that sees it. */
    private final int[] firstQuery;

    private final int[] zeros;
    private final int[] allFeatures;
    private final int[] allQueries;
    private final float[] row;

    Head(int queries, int keys, int features, int sequences, boolean causal) {
        this.queries = queries;
        this.keys = keys;
        seen = new int[queries];
        Arrays.setAll(seen, t -> causal ? keys - queries + t + 1 : keys);
        firstQuery = new int[keys];
        Arrays.setAll(firstQuery, s -> causal ? Math.max(0, s - (keys - queries)) : 0);
        zeros = new int[keys];
        allFeatures = filled(keys, features);
        allQueries = filled(keys, queries);
        row = new float[sequences];
    }

    private static int[] filled(int count, int value) {
        int[] values = new int[count];
        Arrays.fill(values, value);
        return values;
    }

    /** Softmax over the keys of the scores q_t k_s. Modified: pattern, exponents. */
    void pattern(Tile q, Tile k, Tile pattern, float[] exponents, int n) {
        scores(q, k, pattern, n);
        for (int t = 0; t < queries; t++) {
            for (int s = 0; s < seen[t]; s++) {
                Exp.of(pattern.byFirst[t][s], pattern.byFirst[t][s], exponents, n);
            }
        }
        normalise(pattern, n);
    }

    /** Scores q_t k_s less their largest in each row, so that no exponential overflows. Modified: scores. */
    private void scores(Tile q, Tile k, Tile scores, int n) {
        contract(q.byFirst, k.byFirst, scores.byFirst, queries, seen, zeros, allFeatures, n);
        for (int t = 0; t < queries; t++) {
            float[][] ofQuery = scores.byFirst[t];
            System.arraycopy(ofQuery[0], 0, row, 0, n);
            for (int s = 1; s < seen[t]; s++) {
                Rows.max(row, ofQuery[s], n);
            }
            for (int s = 0; s < seen[t]; s++) {
                Rows.subtract(ofQuery[s], row, n);
            }
        }
    }

    /**
     * result_xy = sum over l from..to - 1 of a_xl b_yl, for y below a limit; from, to and limit depend on x. In blocks: a row of b is used for several x,
     * the rows of one block stay in the first cache, and those of some y and l for all x in the second.
     */
    private static void contract(
            float[][][] a, float[][][] b, float[][][] result, int count, int[] limit, int[] from, int[] to, int n) {
        int most = b.length;
        int products = b[0].length;
        for (int firstY = 0; firstY < most; firstY += RESULTS) {
            for (int l = 0; l < products; l += PRODUCTS) {
                for (int firstX = 0; firstX < count; firstX += ROWS) {
                    int endX = Math.min(count, firstX + ROWS);
                    int endY = Math.min(firstY + RESULTS, Math.max(limit[firstX], limit[endX - 1]));
                    for (int y = firstY; y < endY; y++) {
                        for (int x = firstX; x < endX; x++) {
                            int first = from[x];
                            int lower = Math.max(l, first);
                            int upper = Math.min(l + PRODUCTS, to[x]);
                            if (y < limit[x] && lower < upper) {
                                Rows.sumOfProducts(result[x][y], a[x], b[y], lower, upper, lower > first, n);
                            }
                        }
                    }
                }
            }
        }
    }

    /** Divides every row by its sum. Modified: pattern. */
    private void normalise(Tile pattern, int n) {
        for (int t = 0; t < queries; t++) {
            float[][] ofQuery = pattern.byFirst[t];
            System.arraycopy(ofQuery[0], 0, row, 0, n);
            for (int s = 1; s < seen[t]; s++) {
                Rows.add(row, ofQuery[s], n);
            }
            Rows.invert(row, n);
            for (int s = 0; s < seen[t]; s++) {
                Rows.multiply(ofQuery[s], row, n);
            }
        }
    }

    /** result_t = sum over the keys s of pattern_ts x_s. Modified: result. */
    void overKeys(Tile pattern, Tile x, Tile result, int n) {
        contract(pattern.byFirst, x.bySecond, result.byFirst, queries, allFeatures, zeros, seen, n);
    }

    /** result_s = sum over the queries t of pattern_ts x_t. Modified: result. */
    void overQueries(Tile pattern, Tile x, Tile result, int n) {
        contract(pattern.bySecond, x.bySecond, result.byFirst, keys, allFeatures, firstQuery, allQueries, n);
    }

    /** The scores' derivative p_ts (e_ts - sum_u p_tu e_tu) with e_ts = dmixed_t v_s. Modified: scores. */
    void scoresBackward(Tile pattern, Tile mixed, Tile v, Tile scores, int n) {
        contract(mixed.byFirst, v.byFirst, scores.byFirst, queries, seen, zeros, allFeatures, n);
        for (int t = 0; t < queries; t++) {
            float[][] ofQuery = scores.byFirst[t];
            Rows.sumOfProducts(row, pattern.byFirst[t], ofQuery, 0, seen[t], false, n);
            for (int s = 0; s < seen[t]; s++) {
                Rows.subtract(ofQuery[s], row, n);
                Rows.multiply(ofQuery[s], pattern.byFirst[t][s], n);
            }
        }
    }
}
