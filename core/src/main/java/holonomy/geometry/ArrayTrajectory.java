package holonomy.geometry;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A trajectory held in memory: {@code values.get(block)[i][d] = w_i[d]}, float32.
 *
 * <p>For short trajectories, for tests, and for paths that are computed (products of matrices, simulated walks). Immutable: the
 * factory copies what it is given.
 */
public final class ArrayTrajectory implements Trajectory {
    private final Map<String, float[][]> values;
    private final long[] steps;

    private ArrayTrajectory(Map<String, float[][]> values, long[] steps) {
        this.values = values;
        this.steps = steps;
    }

    /**
     * A trajectory of these values.
     *
     * @param values per block the snapshots [n, D], in the blocks' order. Copied.
     * @param steps optimiser step of each snapshot [n], strictly increasing. Copied.
     * @throws IllegalArgumentException if a block has another number of snapshots than there are steps, rows of unequal length, or
     *     if the steps do not increase
     */
    public static ArrayTrajectory of(Map<String, float[][]> values, long[] steps) {
        requireIncreasing(steps);
        Map<String, float[][]> copies = new LinkedHashMap<>();
        values.forEach((block, rows) -> copies.put(block, copy(block, rows, steps.length)));
        return new ArrayTrajectory(copies, steps.clone());
    }

    /** A trajectory of one block with snapshots [n, D] at steps 0, 1, .. n - 1. */
    public static ArrayTrajectory of(String block, float[][] snapshots) {
        long[] steps = new long[snapshots.length];
        Arrays.setAll(steps, i -> i);
        return of(Map.of(block, snapshots), steps);
    }

    /** The first {@code count} snapshots of every block. */
    public ArrayTrajectory prefix(int count) {
        if (count < 0 || count > steps.length) {
            throw new IllegalArgumentException("prefix of " + count + " snapshots; the trajectory has " + steps.length
                    + ", ask for 0 to that many");
        }
        Map<String, float[][]> head = new LinkedHashMap<>();
        values.forEach((block, rows) -> head.put(block, Arrays.copyOf(rows, count)));
        return new ArrayTrajectory(head, Arrays.copyOf(steps, count));
    }

    @Override
    public List<String> blocks() {
        return List.copyOf(values.keySet());
    }

    @Override
    public long dimension(String block) {
        float[][] rows = rows(block);
        return rows.length == 0 ? 0 : rows[0].length;
    }

    @Override
    public long[] steps() {
        return steps.clone();
    }

    @Override
    public int snapshots() {
        return steps.length;
    }

    @Override
    public void read(int snapshot, String block, long offset, float[] into, int length) {
        System.arraycopy(rows(block)[snapshot], Math.toIntExact(offset), into, 0, length);
    }

    private float[][] rows(String block) {
        float[][] rows = values.get(block);
        if (rows == null) {
            throw new IllegalArgumentException("trajectory has no block '" + block + "'; it has " + values.keySet());
        }
        return rows;
    }

    private static float[][] copy(String block, float[][] rows, int count) {
        if (rows.length != count) {
            throw new IllegalArgumentException(
                    "block '" + block + "' has " + rows.length + " snapshots, but " + count + " steps were given");
        }
        float[][] copy = new float[count][];
        for (int i = 0; i < count; i++) {
            if (rows[i].length != rows[0].length) {
                throw new IllegalArgumentException("block '" + block + "': snapshot " + i + " has " + rows[i].length
                        + " weights, snapshot 0 has " + rows[0].length);
            }
            copy[i] = rows[i].clone();
        }
        return copy;
    }

    private static void requireIncreasing(long[] steps) {
        for (int i = 1; i < steps.length; i++) {
            if (steps[i] <= steps[i - 1]) {
                throw new IllegalArgumentException("steps must increase: snapshot " + i + " is of step " + steps[i]
                        + ", the one before of step " + steps[i - 1]);
            }
        }
    }
}
