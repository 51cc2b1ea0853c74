package holonomy.model;

import holonomy.task.Batch;

/** What logits [n, C] say about targets [n]; rows whose target is {@link Batch#IGNORE} count nowhere. Grows by {@link #add}. */
public final class Answers {
    /** Logits that are held at a time: 16 MB. */
    private static final int LOGITS = 1 << 22;

    private long asked;
    private long right;
    private double costs;

    /** Those to these targets. */
    public static Answers of(float[] logits, int[] targets) {
        Answers answers = new Answers();
        answers.add(logits, targets);
        return answers;
    }

    /** Those of a network to a batch. */
    public static Answers of(Network network, float[] theta, Batch batch) {
        return network.answers(theta, batch);
    }

    /** The same from its logits, so many sequences at a time that they take little memory. */
    static Answers byLogits(Network network, float[] theta, Batch batch) {
        Model model = network.model();
        int most = Math.max(1, LOGITS / (model.readouts().size() * model.classes()));
        Answers answers = new Answers();
        for (int from = 0; from < batch.size(); from += most) {
            Batch part = batch.part(from, Math.min(batch.size(), from + most));
            answers.add(network.logits(theta, part), part.targetsAt(model.readouts()));
        }
        return answers;
    }

    /** Counts one more. @param cost its cross-entropy in nats */
    public void add(boolean isRight, double cost) {
        asked++;
        right += isRight ? 1 : 0;
        costs += cost;
    }

    /** Counts more of them. */
    public void add(float[] logits, int[] targets) {
        int classes = targets.length == 0 ? 0 : logits.length / targets.length;
        for (int i = 0; i < targets.length; i++) {
            if (targets[i] == Batch.IGNORE) {
                continue;
            }
            int best = 0;
            for (int c = 1; c < classes; c++) {
                if (logits[i * classes + c] > logits[i * classes + best]) {
                    best = c;
                }
            }
            double total = 0;
            for (int c = 0; c < classes; c++) {
                total += Math.exp(logits[i * classes + c] - (double) logits[i * classes + best]);
            }
            double cost = logits[i * classes + best] + Math.log(total) - logits[i * classes + targets[i]];
            add(best == targets[i], cost);
        }
    }

    /** Share of rows whose largest logit is the target (ties by lower index); dimensionless, NaN where no row counts. */
    public double accuracy() {
        return (double) right / asked;
    }

    /** Mean over rows of ln sum_c exp(logit_c) - logit_target, in nats; NaN where no row counts. */
    public double crossEntropy() {
        return costs / asked;
    }
}
