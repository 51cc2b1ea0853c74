package holonomy.probe;

import holonomy.task.Batch;
import holonomy.task.Marks;

/** Which tokens of a sequence are looked at. */
public enum Places {
    /** The values: one place to the right of each marker. */
    VALUES("value tokens"),
    /** The markers. */
    MARKERS("markers"),
    /** The last token, where the label is read out. */
    LAST("last token"),
    /** Every token. */
    ALL("all tokens");

    private final String label;

    Places(String label) {
        this.label = label;
    }

    /** As it is printed. */
    public String label() {
        return label;
    }

    /** The positions of one sequence, ascending; empty for values and markers of a sequence without any. */
    public int[] of(Batch batch, int sequence) {
        int[] marked = Marks.of(batch).positions()[sequence];
        return switch (this) {
            case MARKERS -> marked.clone();
            case VALUES -> java.util.Arrays.stream(marked).map(p -> p + 1).toArray();
            case LAST -> new int[] {batch.length() - 1};
            case ALL -> java.util.stream.IntStream.range(0, batch.length()).toArray();
        };
    }
}
