package holonomy.geometry;

import java.util.stream.IntStream;

/** Expanding windows: the numbers t of first snapshots {@code w_0 .. w_{t-1}} whose spectra are followed as a path grows. */
public final class Windows {
    /** Fewest snapshots that have a shape. */
    public static final int FIRST = 3;

    /** Windows of a path where nothing else is said. */
    private static final int USUAL = 25;

    /** Most windows of a path. */
    public static final int MOST = 200;

    private Windows() {}

    /** Up to 25 values of t from 3 to {@code snapshots}, evenly spaced, both ends included; none below 3 snapshots. */
    public static int[] expanding(int snapshots) {
        return expanding(snapshots, USUAL);
    }

    /**
     * t_k = round(3 + k (n - 3)/(count - 1)), k = 0 .. count - 1, without repetition; the last is n.
     *
     * @param snapshots n
     * @param count at most so many windows, at least 1 (then n alone)
     */
    public static int[] expanding(int snapshots, int count) {
        if (count < 1) {
            throw new IllegalArgumentException("number of windows is " + count + ", expected at least 1");
        }
        if (snapshots < FIRST) {
            return new int[0];
        }
        if (count == 1) {
            return new int[] {snapshots};
        }
        return IntStream.range(0, count)
                .map(k -> (int) Math.round(FIRST + k * (double) (snapshots - FIRST) / (count - 1)))
                .distinct()
                .toArray();
    }
}
