package holonomy.model.fused;

import holonomy.model.Targets;
import holonomy.task.Batch;
import java.util.Arrays;
import java.util.List;

/**
 * The positions of a part's sequences whose logits are wanted, sequence by sequence in the order of a batch's targets.
 *
 * @param columns of the residual stream: k L + t, k the sequence's place in the part, L its length
 * @param targets index of each in {@link Targets}
 */
record Asked(int[] columns, int[] targets) {
    /** All that are read out, or those alone that have a target. */
    static Asked of(List<Integer> readouts, Targets targets, Part part, boolean all) {
        int count = readouts.size();
        int[] columns = new int[part.sequences().length * count];
        int[] indices = new int[columns.length];
        int n = 0;
        for (int k = 0; k < part.sequences().length; k++) {
            for (int r = 0; r < count; r++) {
                int target = part.sequences()[k] * count + r;
                if (all || targets.classes()[target] != Batch.IGNORE) {
                    columns[n] = k * part.length() + readouts.get(r);
                    indices[n++] = target;
                }
            }
        }
        return new Asked(Arrays.copyOf(columns, n), Arrays.copyOf(indices, n));
    }

    int count() {
        return columns.length;
    }
}
