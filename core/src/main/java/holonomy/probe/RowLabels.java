package holonomy.probe;

/**
 * What each recorded row belongs to: arrays [n].
 *
 * @param sequence number of its sequence, from 0, ascending
 * @param position place in the sequence, 0 .. T-1
 * @param markers m of its sequence
 * @param index index of the marker it belongs to, from 0; -1 for a token that is neither marker nor value
 * @param value the marked value; -1 for a token that is neither marker nor value
 * @param label the label of its sequence, or the target at its place; {@link holonomy.task.Batch#IGNORE} where none is asked
 */
public record RowLabels(int[] sequence, int[] position, int[] markers, int[] index, int[] value, int[] label) {
    /** n. */
    public int count() {
        return sequence.length;
    }

    /** The labels of some rows, in their order. */
    public RowLabels at(int[] rows) {
        return new RowLabels(
                pick(sequence, rows),
                pick(position, rows),
                pick(markers, rows),
                pick(index, rows),
                pick(value, rows),
                pick(label, rows));
    }

    private static int[] pick(int[] values, int[] rows) {
        return java.util.Arrays.stream(rows).map(row -> values[row]).toArray();
    }

    static RowLabels empty(int count) {
        return new RowLabels(
                new int[count], new int[count], new int[count], new int[count], new int[count], new int[count]);
    }
}
