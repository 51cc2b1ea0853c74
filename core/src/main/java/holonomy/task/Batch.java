package holonomy.task;

import java.util.Arrays;

/**
 * Sequences with their labels: tokens [B, T] row by row, and per sequence the R labels, the number of markers m and their positions.
 *
 * @param size B, number of sequences
 * @param length T, tokens per sequence
 * @param tokens [B, T], entry {@code b * T + t}
 * @param labels [B, R], classes to predict at the positions that are read out; R is mostly 1
 * @param markers [B], number m of marked positions of each sequence
 * @param positions [B][m], the marked positions in increasing order; the value stands one place to the right of each
 */
public record Batch(int size, int length, int[] tokens, int[] labels, int[] markers, int[][] positions) {
    public Batch {
        if (tokens.length != size * length || labels.length % Math.max(1, size) != 0) {
            throw new IllegalArgumentException("batch of " + size + " x " + length + " tokens expects "
                    + size * length + " tokens and a multiple of " + size + " labels, found " + tokens.length + " and "
                    + labels.length);
        }
    }

    /** A batch without markers, for models driven by hand. */
    public static Batch of(int length, int[] tokens, int[] labels) {
        int size = tokens.length / length;
        return new Batch(size, length, tokens, labels, new int[size], new int[size][0]);
    }

    /** Sequences {@code from .. to - 1}. */
    public Batch part(int from, int to) {
        if (from == 0 && to == size) {
            return this;
        }
        int perSequence = labels.length / size;
        return new Batch(
                to - from,
                length,
                Arrays.copyOfRange(tokens, from * length, to * length),
                Arrays.copyOfRange(labels, from * perSequence, to * perSequence),
                Arrays.copyOfRange(markers, from, to),
                Arrays.copyOfRange(positions, from, to));
    }
}
