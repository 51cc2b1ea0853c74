package holonomy.model.fused;

import holonomy.model.Targets;
import holonomy.task.Batch;
import java.util.Arrays;
import java.util.List;

/**
 * The positions of some sequences whose logits are wanted, in the order of a batch's targets.
 *
 * @param columns of the residual stream: b T + t, b counted from the first of the sequences
 * @param targets index of each in {@link Targets}
 */
record Asked(int[] columns, int[] targets) {
    /** Of sequences {@code from .. to - 1} all that are read out, or those alone that have a target. */
    static Asked of(List<Integer> readouts, int length, Targets targets, int from, int to, boolean all) {
        int count = readouts.size();
        int[] columns = new int[(to - from) * count];
        int[] indices = new int[columns.length];
        int n = 0;
        for (int i = from * count; i < to * count; i++) {
            if (all || targets.classes()[i] != Batch.IGNORE) {
                columns[n] = (i / count - from) * length + readouts.get(i % count);
                indices[n++] = i;
            }
        }
        return new Asked(Arrays.copyOf(columns, n), Arrays.copyOf(indices, n));
    }

    int count() {
        return columns.length;
    }
}
