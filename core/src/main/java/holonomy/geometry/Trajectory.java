package holonomy.geometry;

import java.util.List;

/**
 * The snapshots {@code w_1 .. w_n} of a group of weight blocks, in the order of training: per block an n x D matrix
 * that need not fit in memory.
 *
 * <p>Everything in this package reads a trajectory through {@link #read} in chunks of D, so memory grows with n x chunk and n x n,
 * never with D x D. Implementations may keep the snapshots in memory or stream them from files; they are immutable for
 * as long as a reader uses them.
 */
public interface Trajectory {
    /** Names of the blocks, in the order of the flat weight vector, for instance {@code layers.0.W_Q}. */
    List<String> blocks();

    /** Number of weights D of a block. */
    long dimension(String block);

    /** Optimiser step of each snapshot, strictly increasing; its length is the number of snapshots n. */
    long[] steps();

    /**
     * Copies entries {@code offset .. offset + length - 1} of one block in one snapshot.
     *
     * @param into receives the values at 0 .. length - 1. Modified.
     */
    void read(int snapshot, String block, long offset, float[] into, int length);

    /**
     * Copies the same entries of the origin of weight space: zeros, unless the trajectory is told relative to another point.
     *
     * @param into receives the values at 0 .. length - 1. Modified.
     */
    default void readOrigin(String block, long offset, float[] into, int length) {
        java.util.Arrays.fill(into, 0, length, 0f);
    }

    /** Number of snapshots n. */
    default int snapshots() {
        return steps().length;
    }
}
