package holonomy.geometry;

import java.util.ArrayList;
import java.util.List;

/**
 * How the first principal direction turns from window to window: of successive windows of snapshots the direction v_w, its share of the variance, and {@code cos(v_w, v_w+1)}, signed (arXiv
 * 2602.23696, section 4). Neighbouring windows share all but one snapshot: a walk without learning turns slowly, too.
 *
 * @param windows in the order of training
 */
public record Rotation(List<Window> windows) {
    /**
     * One window.
     *
     * @param first step of its first snapshot, from which its displacements are told where it is rolling
     * @param last step of its last snapshot
     * @param direction v_w
     * @param share lambda_1 / sum lambda, dimensionless
     */
    public record Window(long first, long last, PathDirection direction, double share) {
        /** The step halfway. */
        public double centre() {
            return (first + last) / 2.0;
        }
    }

    /**
     * Windows of {@code size} snapshots from number {@code first} on, each told from its own first snapshot: {@code size - 1} displacements, row-normalised.
     *
     * @throws IllegalArgumentException if there is no such window, or fewer than two displacements in it
     */
    public static Rotation rolling(Gram path, int first, int size) {
        requireWindow(path, first, size, 3);
        List<Window> windows = new ArrayList<>();
        for (int from = first; from + size <= path.snapshots(); from++) {
            windows.add(window(path, from, from, from + 1, from + size, Centring.ROW_NORMALISED));
        }
        return new Rotation(windows);
    }

    /**
     * Windows of {@code size} snapshots from number {@code first} on, all told from snapshot {@code anchor}, which comes before: they share their origin, and turn less for it.
     *
     * @throws IllegalArgumentException if there is no such window, or fewer than two displacements in it
     */
    public static Rotation anchored(Gram path, int anchor, int first, int size, Centring centring) {
        requireWindow(path, first, size, 2);
        List<Window> windows = new ArrayList<>();
        for (int from = first; from + size <= path.snapshots(); from++) {
            windows.add(window(path, anchor, from, from, from + size, centring));
        }
        return new Rotation(windows);
    }

    /** cos(v_w, v_w+1), signed, [windows - 1]. */
    public double[] cosines() {
        double[] cosines = new double[Math.max(0, windows.size() - 1)];
        for (int w = 0; w < cosines.length; w++) {
            cosines[w] = windows.get(w).direction.cosine(windows.get(w + 1).direction);
        }
        return cosines;
    }

    private static Window window(Gram path, int anchor, int first, int from, int to, Centring centring) {
        long[] steps = path.steps();
        return new Window(
                steps[first],
                steps[to - 1],
                PathDirection.principal(path, anchor, from, to, centring),
                Spectrum.of(path.from(anchor, from, to), centring).pc1Share());
    }

    private static void requireWindow(Gram path, int first, int size, int least) {
        if (size < least || first < 0 || first + size > path.snapshots()) {
            throw new IllegalArgumentException("windows of " + size + " snapshots from number " + first + " on of '"
                    + path.block() + "' with " + path.snapshots() + " snapshots: expected at least " + least
                    + ", and one window to fit");
        }
    }
}
