package holonomy.model;

/** What logits [B, C] say about labels [B]. */
public final class Logits {
    private Logits() {}

    /** Share of rows whose largest logit is the label (ties by lower index); dimensionless. */
    public static double accuracy(float[] logits, int[] labels) {
        int classes = logits.length / labels.length;
        int right = 0;
        for (int b = 0; b < labels.length; b++) {
            int best = 0;
            for (int c = 1; c < classes; c++) {
                if (logits[b * classes + c] > logits[b * classes + best]) {
                    best = c;
                }
            }
            if (best == labels[b]) {
                right++;
            }
        }
        return (double) right / labels.length;
    }

    /** Mean over rows of ln sum_c exp(logit_c) - logit_label, in nats. */
    public static double crossEntropy(float[] logits, int[] labels) {
        int classes = logits.length / labels.length;
        double sum = 0;
        for (int b = 0; b < labels.length; b++) {
            double largest = Double.NEGATIVE_INFINITY;
            for (int c = 0; c < classes; c++) {
                largest = Math.max(largest, logits[b * classes + c]);
            }
            double total = 0;
            for (int c = 0; c < classes; c++) {
                total += Math.exp(logits[b * classes + c] - largest);
            }
            sum += largest + Math.log(total) - logits[b * classes + labels[b]];
        }
        return sum / labels.length;
    }
}
