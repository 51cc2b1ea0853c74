package holonomy.geometry;

import java.util.Arrays;
import java.util.List;

/**
 * The snapshots {@code from .. to - 1} of a trajectory, as a trajectory: for instance one stage of a training.
 *
 * @param whole read as it is
 * @param from first snapshot, from 0
 * @param to one past the last
 */
public record TrajectorySection(Trajectory whole, int from, int to) implements Trajectory {
    public TrajectorySection {
        if (from < 0 || to <= from || to > whole.snapshots()) {
            throw new IllegalArgumentException("snapshots " + from + ".." + (to - 1) + " of a trajectory with "
                    + whole.snapshots() + ": expected a range within it");
        }
    }

    /** The snapshots taken in {@code first <= step <= last}. */
    public static TrajectorySection between(Trajectory whole, long first, long last) {
        long[] steps = whole.steps();
        int from = (int) Arrays.stream(steps).filter(step -> step < first).count();
        int to = (int) Arrays.stream(steps).filter(step -> step <= last).count();
        return new TrajectorySection(whole, from, to);
    }

    @Override
    public List<String> blocks() {
        return whole.blocks();
    }

    @Override
    public long dimension(String block) {
        return whole.dimension(block);
    }

    @Override
    public long[] steps() {
        return Arrays.copyOfRange(whole.steps(), from, to);
    }

    @Override
    public void read(int snapshot, String block, long offset, float[] into, int length) {
        whole.read(from + snapshot, block, offset, into, length);
    }
}
