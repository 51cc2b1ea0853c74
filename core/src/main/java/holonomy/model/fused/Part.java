package holonomy.model.fused;

import holonomy.model.Architecture;
import holonomy.model.Targets;
import holonomy.task.Batch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Sequences of a batch that are computed together, about {@link #COLUMNS} tokens, and how much of them. Where no token sees a later one, what comes after the
 * last position that is asked changes nothing: the longest are taken first, so that those of a part need about as many tokens. A sequence in which nothing is
 * asked is in no part.
 *
 * @param sequences their numbers in the batch, in the order of the columns
 * @param length tokens that are computed of each
 */
record Part(int[] sequences, int length) {
    private static final int COLUMNS = 1024;
    /** Lengths are rounded up to a multiple of it, so that there are few shapes. */
    private static final int STEP = 8;

    /** What memory for parts must hold of them: columns at most. */
    static int mostColumns(Architecture model) {
        return Math.max(COLUMNS, model.length());
    }

    /** The parts of so many sequences, of all their tokens and in their order where {@code all} logits are wanted. */
    static List<Part> of(Architecture model, Targets targets, int size, boolean all) {
        int[] needed = new int[size];
        Arrays.setAll(needed, b -> all ? model.length() : needed(model, targets, b));
        int[] order = IntStream.range(0, size)
                .filter(b -> needed[b] > 0)
                .boxed()
                .sorted(Comparator.comparing(b -> -needed[b]))
                .mapToInt(b -> b)
                .toArray();
        List<Part> parts = new ArrayList<>();
        for (int from = 0; from < order.length; ) {
            int length = needed[order[from]];
            int to = Math.min(order.length, from + Math.max(1, COLUMNS / length));
            parts.add(new Part(Arrays.copyOfRange(order, from, to), length));
            from = to;
        }
        return parts;
    }

    private static int needed(Architecture model, Targets targets, int sequence) {
        List<Integer> readouts = model.readouts();
        int last = -1;
        for (int r = 0; r < readouts.size(); r++) {
            if (targets.classes()[sequence * readouts.size() + r] != Batch.IGNORE) {
                last = Math.max(last, model.causal() ? readouts.get(r) : model.length() - 1);
            }
        }
        return Math.min(model.length(), (last + STEP) / STEP * STEP);
    }

    int columns() {
        return sequences.length * length;
    }

    Shape shape() {
        return new Shape(sequences.length, length);
    }

    /** So many sequences of so many tokens. */
    record Shape(int count, int length) {
        int columns() {
            return count * length;
        }
    }
}
