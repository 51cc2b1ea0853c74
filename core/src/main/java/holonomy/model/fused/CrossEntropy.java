package holonomy.model.fused;

import holonomy.model.Targets;
import holonomy.product.Matrix;
import java.util.Arrays;

/** ln sum_c exp(logit_c) - logit_target of logits [C, columns], and its derivative; columns beyond those that are asked fill up. */
final class CrossEntropy {
    /** Exponentials that are added in float before their sum is added in double. */
    private static final int SUMMED = 256;

    private final int classes;
    private final float[] largest;
    private final float[] sum;
    private final double[] total;
    private final int[] best;
    private final double[] costs;
    private final float[] row;
    private final float[] powers;
    private final float[] one = new float[1];

    /** For at most so many columns. */
    CrossEntropy(int classes, int columns) {
        this.classes = classes;
        largest = new float[columns];
        sum = new float[columns];
        total = new double[columns];
        best = new int[columns];
        costs = new double[columns];
        row = new float[columns];
        powers = new float[columns];
    }

    /** The class of the largest logit of each column, ties by lower index; valid until the next call. */
    int[] best(Matrix logits) {
        Arrays.fill(largest, Float.NEGATIVE_INFINITY);
        Arrays.fill(best, 0);
        for (int c = 0; c < classes; c++) {
            logits.get(c, 0, row, logits.columns());
            for (int i = 0; i < logits.columns(); i++) {
                if (row[i] > largest[i]) {
                    largest[i] = row[i];
                    best[i] = c;
                }
            }
        }
        return best;
    }

    /**
     * The cross-entropies of the positions from {@code first} on, a column each, in nats; valid until the next call. Modified: logits, which become
     * exp(logit - largest).
     */
    double[] of(Matrix logits, Asked asked, Targets targets, int first, int count) {
        int n = logits.columns();
        Arrays.fill(largest, Float.NEGATIVE_INFINITY);
        for (int c = 0; c < classes; c++) {
            logits.get(c, 0, row, n);
            Rows.max(largest, row, n);
        }
        for (int i = 0; i < count; i++) {
            logits.get(targets.classes()[asked.targets()[first + i]], i, one, 1);
            costs[i] = (double) largest[i] - one[0];
        }
        exponentials(logits, n);
        for (int i = 0; i < count; i++) {
            costs[i] += Math.log(total[i]);
        }
        return costs;
    }

    private void exponentials(Matrix logits, int n) {
        float[] exponents = powers;
        Arrays.fill(total, 0);
        for (int from = 0; from < classes; from += SUMMED) {
            Arrays.fill(sum, 0f);
            for (int c = from; c < Math.min(classes, from + SUMMED); c++) {
                logits.get(c, 0, row, n);
                Rows.subtract(row, largest, n);
                Exp.of(row, row, exponents, n);
                logits.put(c, 0, row, n);
                Rows.add(sum, row, n);
            }
            for (int i = 0; i < n; i++) {
                total[i] += sum[i];
            }
        }
    }

    /** After {@link #of} the exponentials become (softmax - one-hot) w / n, 0 where nothing is asked. Modified: logits. */
    void derivative(Matrix logits, Asked asked, Targets targets, int first, int count) {
        int n = logits.columns();
        float[] factor = largest;
        Arrays.fill(factor, 0f);
        for (int i = 0; i < count; i++) {
            factor[i] = (float) (1 / (targets.divisor(asked.targets()[first + i]) * total[i]));
        }
        for (int c = 0; c < classes; c++) {
            logits.get(c, 0, row, n);
            Rows.multiply(row, factor, n);
            logits.put(c, 0, row, n);
        }
        for (int i = 0; i < count; i++) {
            int target = asked.targets()[first + i];
            int label = targets.classes()[target];
            logits.get(label, i, one, 1);
            one[0] -= (float) (1 / targets.divisor(target));
            logits.put(label, i, one, 1);
        }
    }
}
