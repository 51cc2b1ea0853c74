package holonomy.task;

import java.util.Arrays;

/**
 * Which tokens of a batch's sequences are marked.
 *
 * @param counts [B], number m of marked positions of each sequence
 * @param positions [B][m], the marked positions in increasing order; the value stands one place to the right of each
 */
public record Marks(int[] counts, int[][] positions) implements Batch.Annotation {
    /** Those of a batch; none in any sequence of a task without markers. */
    public static Marks of(Batch batch) {
        return batch.annotation().orElse(null) instanceof Marks marks
                ? marks
                : new Marks(new int[batch.size()], new int[batch.size()][0]);
    }

    @Override
    public Marks part(int from, int to) {
        return new Marks(Arrays.copyOfRange(counts, from, to), Arrays.copyOfRange(positions, from, to));
    }
}
