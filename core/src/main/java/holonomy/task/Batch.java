package holonomy.task;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Sequences with what is asked about them. The loss of a batch is
 *
 * <pre>
 *   loss = sum over groups g of w_g / n_g  sum over the n_g targets of g of -ln p(target)
 * </pre>
 *
 * over the positions that a model reads out; a target of {@link #IGNORE} counts nowhere, a group without targets is left out.
 *
 * @param size B, number of sequences
 * @param length T, tokens per sequence
 * @param tokens [B, T], entry {@code b * T + t}
 * @param targets classes to predict: [B, T], or [B] for one label of each sequence, which is asked wherever the model is read out
 * @param groups the group of each target, 0 .. G-1, in the targets' shape
 * @param weights w [G], dimensionless
 * @param annotation what is known of the sequences besides, for those who ask; empty if nothing
 */
public record Batch(
        int size,
        int length,
        int[] tokens,
        int[] targets,
        int[] groups,
        double[] weights,
        Optional<Annotation> annotation) {
    /** The target of a position where nothing is asked. */
    public static final int IGNORE = -1;

    /** What is known of a batch's sequences besides tokens and targets, for instance {@link Marks}. */
    public interface Annotation {
        /** That of sequences {@code from .. to - 1}. */
        Annotation part(int from, int to);
    }

    public Batch {
        boolean fits = targets.length == size || targets.length == size * length;
        if (tokens.length != size * length || !fits || groups.length != targets.length) {
            throw new IllegalArgumentException("batch of " + size + " x " + length + " tokens expects " + size * length
                    + " tokens and " + size + " or " + size * length + " targets with a group each, found "
                    + tokens.length + ", " + targets.length + " and " + groups.length);
        }
    }

    /** Targets of one group and weight 1: [B], or [B, T]. */
    public static Batch of(int length, int[] tokens, int[] targets) {
        return new Batch(
                tokens.length / length,
                length,
                tokens,
                targets,
                new int[targets.length],
                new double[] {1},
                Optional.empty());
    }

    /** Targets of several groups, each of weight 1. */
    public static Batch of(int length, int[] tokens, int[] targets, int[] groups) {
        double[] weights = new double[1 + IntStream.of(groups).max().orElse(0)];
        Arrays.fill(weights, 1);
        return new Batch(tokens.length / length, length, tokens, targets, groups, weights, Optional.empty());
    }

    /** The same sequences, annotated. */
    public Batch with(Annotation what) {
        return new Batch(size, length, tokens, targets, groups, weights, Optional.of(what));
    }

    /** The same sequences under other weights of their groups [G]. */
    public Batch weighted(double[] others) {
        return new Batch(size, length, tokens, targets, groups, others, annotation);
    }

    /** The targets at some positions [B, R]; a label of the sequence is that of each. */
    public int[] targetsAt(List<Integer> positions) {
        return at(targets, positions);
    }

    /** The groups at some positions [B, R]. */
    public int[] groupsAt(List<Integer> positions) {
        return at(groups, positions);
    }

    private int[] at(int[] values, List<Integer> positions) {
        if (values.length == size && positions.size() == 1) {
            return values;
        }
        int[] result = new int[size * positions.size()];
        for (int b = 0, i = 0; b < size; b++) {
            for (int t : positions) {
                result[i++] = values[values.length == size ? b : b * length + t];
            }
        }
        return result;
    }

    /**
     * Sequences {@code from .. to - 1}. Their groups' weights are such that the whole's loss is the mean of its parts' losses, each counted by its
     * number of sequences, however many targets of a group a part has.
     */
    public Batch part(int from, int to) {
        if (from == 0 && to == size) {
            return this;
        }
        int perSequence = targets.length / size;
        Batch part = new Batch(
                to - from,
                length,
                Arrays.copyOfRange(tokens, from * length, to * length),
                Arrays.copyOfRange(targets, from * perSequence, to * perSequence),
                Arrays.copyOfRange(groups, from * perSequence, to * perSequence),
                weights.clone(),
                annotation.map(what -> what.part(from, to)));
        long[] all = counts();
        long[] own = part.counts();
        for (int g = 0; g < weights.length; g++) {
            // Exactly 1 where targets are spread as sequences are.
            part.weights[g] *= all[g] == 0 ? 1 : (double) (own[g] * size) / (all[g] * part.size);
        }
        return part;
    }

    private long[] counts() {
        long[] counts = new long[weights.length];
        for (int i = 0; i < targets.length; i++) {
            if (targets[i] != IGNORE) {
                counts[groups[i]]++;
            }
        }
        return counts;
    }
}
