package holonomy.model;

import holonomy.task.Batch;

/** What logits [n, C] say about targets [n]; rows whose target is {@link Batch#IGNORE} count nowhere. NaN where no row counts. */
public final class Logits {
    private Logits() {}

    /** Share of rows whose largest logit is the target (ties by lower index); dimensionless. */
    public static double accuracy(float[] logits, int[] targets) {
        int classes = logits.length / targets.length;
        int right = 0;
        int asked = 0;
        for (int b = 0; b < targets.length; b++) {
            if (targets[b] == Batch.IGNORE) {
                continue;
            }
            int best = 0;
            for (int c = 1; c < classes; c++) {
                if (logits[b * classes + c] > logits[b * classes + best]) {
                    best = c;
                }
            }
            asked++;
            if (best == targets[b]) {
                right++;
            }
        }
        return (double) right / asked;
    }

    /** Mean over rows of ln sum_c exp(logit_c) - logit_target, in nats. */
    public static double crossEntropy(float[] logits, int[] targets) {
        int classes = logits.length / targets.length;
        double sum = 0;
        int asked = 0;
        for (int b = 0; b < targets.length; b++) {
            if (targets[b] == Batch.IGNORE) {
                continue;
            }
            double largest = Double.NEGATIVE_INFINITY;
            for (int c = 0; c < classes; c++) {
                largest = Math.max(largest, logits[b * classes + c]);
            }
            double total = 0;
            for (int c = 0; c < classes; c++) {
                total += Math.exp(logits[b * classes + c] - largest);
            }
            sum += largest + Math.log(total) - logits[b * classes + targets[b]];
            asked++;
        }
        return sum / asked;
    }
}
