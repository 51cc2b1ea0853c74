package holonomy.model.fused;

import holonomy.product.Matrix;
import holonomy.task.Batch;
import java.util.Arrays;

/**
 * The distinct pairs of token and position in a batch: until the first attention mixes tokens, equal pairs have equal columns, so what is computed there is
 * computed once per pair.
 */
final class Pairs implements Places {
    /** Sizes of matrices over pairs: so many different ones at most, as views of each are kept. */
    private static final int SIZES = 32;

    private final Columns columns;
    private final int vocabulary;
    /** Per column its pair, and per pair its token and position. */
    private final int[] pairs;

    private final int[] tokens;
    private final int[] positions;
    /** Per position and token 1 + the pair's number; 0 for a pair that doesn't occur. */
    private final int[] numbers;

    private final float[] row;
    private final float[] ofPairs;
    private int count;

    Pairs(Columns columns, int vocabulary) {
        this.columns = columns;
        this.vocabulary = vocabulary;
        pairs = new int[columns.count()];
        tokens = new int[columns.count()];
        positions = new int[columns.count()];
        numbers = new int[vocabulary * columns.tokens()];
        row = new float[columns.count()];
        ofPairs = new float[columns.count()];
    }

    /** Finds the pairs of the sequences from {@code first} on. */
    void find(Batch batch, int first) {
        for (int pair = 0; pair < count; pair++) {
            numbers[positions[pair] * vocabulary + tokens[pair]] = 0;
        }
        count = 0;
        for (int g = 0; g < columns.groups(); g++) {
            for (int t = 0; t < columns.tokens(); t++) {
                for (int b = 0; b < columns.size(g); b++) {
                    int sequence = first + g * Columns.GROUP + b;
                    pairs[columns.start(g, t) + b] = number(batch.tokens()[sequence * batch.length() + t], t);
                }
            }
        }
    }

    private int number(int token, int position) {
        int at = position * vocabulary + token;
        if (numbers[at] == 0) {
            tokens[count] = token;
            positions[count] = position;
            numbers[at] = ++count;
        }
        return numbers[at] - 1;
    }

    @Override
    public int count() {
        return count;
    }

    @Override
    public int token(int pair) {
        return tokens[pair];
    }

    @Override
    public int position(int pair) {
        return positions[pair];
    }

    /** The pairs' count, rounded up. */
    @Override
    public int size() {
        int step = (pairs.length + SIZES - 1) / SIZES;
        return Math.min(pairs.length, (count + step - 1) / step * step);
    }

    /** ofColumns_i = ofPairs at i's pair. Modified: ofColumns. */
    void gather(float[] values, float[] ofColumns) {
        for (int i = 0; i < pairs.length; i++) {
            ofColumns[i] = values[pairs[i]];
        }
    }

    /** Adds to every pair the sum over its columns. Modified: sums. */
    void scatter(float[] ofColumns, float[] sums) {
        for (int i = 0; i < pairs.length; i++) {
            sums[pairs[i]] += ofColumns[i];
        }
    }

    /** The rows over pairs of a narrow matrix become rows over columns, in the same memory. Modified: wide. */
    void gather(Matrix narrow, Matrix wide) {
        for (int j = wide.rows() - 1; j >= 0; j--) {
            narrow.get(j, 0, ofPairs, narrow.columns());
            gather(ofPairs, row);
            wide.put(j, 0, row, row.length);
        }
    }

    /** The rows over columns become sums over pairs, in the same memory. Modified: narrow. */
    void scatter(Matrix wide, Matrix narrow) {
        for (int j = 0; j < wide.rows(); j++) {
            wide.get(j, 0, row, row.length);
            Arrays.fill(ofPairs, 0, narrow.columns(), 0f);
            scatter(row, ofPairs);
            narrow.put(j, 0, ofPairs, narrow.columns());
        }
    }
}
