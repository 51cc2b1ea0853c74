package holonomy.model;

import holonomy.task.Batch;
import java.util.List;

/**
 * What a batch asks at the positions that a model reads out, and what each target counts in the loss (see {@link Batch}).
 *
 * @param classes the targets [B R]
 * @param groups the group of each [B R]
 * @param weights w [G]
 * @param counts n [G], targets of each group
 */
public record Targets(int[] classes, int[] groups, double[] weights, int[] counts) {
    public static Targets of(Batch batch, List<Integer> readouts) {
        int[] classes = batch.targetsAt(readouts);
        int[] groups = batch.groupsAt(readouts);
        int[] counts = new int[batch.weights().length];
        for (int i = 0; i < classes.length; i++) {
            if (classes[i] != Batch.IGNORE) {
                counts[groups[i]]++;
            }
        }
        return new Targets(classes, groups, batch.weights(), counts);
    }

    /** Whether the loss is the plain mean over all of them. */
    public boolean plain() {
        return weights.length == 1 && weights[0] == 1 && counts[0] == classes.length;
    }

    /** n / w of a target's group: by what its cross-entropy is divided in the loss. */
    public double divisor(int target) {
        return counts[groups[target]] / weights[groups[target]];
    }

    /** The factor of each target's cross-entropy in the loss, w / n; 0 where nothing is asked. */
    public double[] factors() {
        double[] factors = new double[classes.length];
        for (int i = 0; i < factors.length; i++) {
            factors[i] = classes[i] == Batch.IGNORE ? 0 : weights[groups[i]] / counts[groups[i]];
        }
        return factors;
    }

    /** The loss in nats. @param sums of the cross-entropies by group [G] */
    public double loss(double[] sums) {
        double loss = 0;
        for (int g = 0; g < sums.length; g++) {
            loss += counts[g] == 0 ? 0 : weights[g] * (sums[g] / counts[g]);
        }
        return loss;
    }
}
