package holonomy.geometry;

import java.util.Arrays;
import java.util.List;

/**
 * A path beside its component along the initial weights, {@code a_i = w_0'(w_i - w_0) / |w_0|}, and the path without it, {@code x_i - a_i w_0/|w_0|} with
 * x_i = w_i - w_0, whose Gram matrix is {@code g_ij - a_i a_j}.
 *
 * <p>Decoupled weight decay moves the weights by {@code -lr x decay x w_t} at every step, in the beginning along -w_0: a path that only decays is a
 * straight line, and its cosine to the final displacement is 1 all along, whatever is learned. What points to the end without this component is
 * not decay of the initial weights. (Decay of weights learned since stays in.) Where w_0 = 0 there is nothing to remove, and a_i is NaN.
 *
 * <p>One pass over the trajectory: the origin of weight space is one more row of the Gram matrix, {@code (0 - w_0)'x_i = -|w_0| a_i}. Immutable.
 */
public final class InitialDirection {
    private final Gram path;
    private final double norm;
    private final double[] along;

    private InitialDirection(Gram path, double norm, double[] along) {
        this.path = path;
        this.norm = norm;
        this.along = along;
    }

    /** The path of one block, its Gram matrix equal to {@link Gram#of(Trajectory, String)} bit for bit. */
    public static InitialDirection of(Trajectory trajectory, String block) {
        int n = trajectory.snapshots();
        Gram withOrigin = Gram.of(new ToOrigin(trajectory), block);
        double norm = Math.sqrt(withOrigin.get(n, n));
        double[] along = new double[n];
        for (int i = 0; i < n; i++) {
            along[i] = norm > 0 ? -withOrigin.get(n, i) / norm : Double.NaN;
        }
        return new InitialDirection(withOrigin.prefix(n), norm, along);
    }

    /**
     * A path whose component along the initial weights is known, for instance an expected one ({@link NoiseWalk}).
     *
     * @param norm |w_0|
     * @param along a_i, [n]
     */
    static InitialDirection of(Gram path, double norm, double[] along) {
        if (along.length != path.snapshots()) {
            throw new IllegalArgumentException("path of '" + path.block() + "' has " + path.snapshots() + " snapshots, "
                    + along.length + " components were given");
        }
        return new InitialDirection(path, norm, along.clone());
    }

    /** The path of several blocks flattened into one vector: {@code |w_0|^2} and {@code w_0'x_i} are the sums of theirs. */
    public static InitialDirection sum(String name, List<InitialDirection> blocks) {
        Gram sum = Gram.sum(name, blocks.stream().map(InitialDirection::path).toList());
        double norm =
                Math.sqrt(blocks.stream().mapToDouble(b -> b.norm * b.norm).sum());
        double[] along = new double[sum.snapshots()];
        Arrays.setAll(
                along,
                i -> norm > 0
                        ? blocks.stream()
                                        .mapToDouble(b -> b.norm > 0 ? b.norm * b.along[i] : 0)
                                        .sum()
                                / norm
                        : Double.NaN);
        return new InitialDirection(sum, norm, along);
    }

    /**
     * The path from the snapshot of one step to that of another, told from the first of them; w_0 stays the run's.
     *
     * @throws holonomy.data.UserError if a step has no snapshot
     */
    public InitialDirection within(long first, long last) {
        int from = path.at(first);
        double[] told = Arrays.copyOfRange(along, from, path.at(last) + 1);
        Arrays.setAll(told, i -> told[i] - along[from]);
        return new InitialDirection(path.from(from, from + 1, from + told.length), norm, told);
    }

    /** The whole path. */
    public Gram path() {
        return path;
    }

    /** |w_0|, weight norm. */
    public double norm() {
        return norm;
    }

    /** a_i, [n], weight norm; NaN where w_0 = 0. */
    public double[] along() {
        return along.clone();
    }

    /** The path without its component along w_0. */
    public Gram removed() {
        return norm > 0
                ? path.with(SymmetricMatrix.of(path.snapshots(), (i, j) -> path.get(i, j) - along[i] * along[j]))
                : path;
    }

    /** {@code cos(w_t - w_0, w_0)}, t = 1 .. n - 1, [n - 1]; dimensionless, -1 for pure decay; NaN where either has no length. */
    public double[] toInitial() {
        double[] cosines = new double[Math.max(path.snapshots() - 1, 0)];
        for (int t = 1; t <= cosines.length; t++) {
            double length = Math.sqrt(path.get(t, t));
            cosines[t - 1] = length > 0 ? along[t] / length : Double.NaN;
        }
        return cosines;
    }

    /** The same trajectory followed by a snapshot of zeros. */
    private record ToOrigin(Trajectory path) implements Trajectory {
        @Override
        public List<String> blocks() {
            return path.blocks();
        }

        @Override
        public long dimension(String block) {
            return path.dimension(block);
        }

        @Override
        public long[] steps() {
            long[] own = path.steps();
            long[] steps = Arrays.copyOf(own, own.length + 1);
            steps[own.length] = own.length == 0 ? 0 : own[own.length - 1] + 1;
            return steps;
        }

        @Override
        public void read(int snapshot, String block, long offset, float[] into, int length) {
            if (snapshot < path.snapshots()) {
                path.read(snapshot, block, offset, into, length);
            } else {
                path.readOrigin(block, offset, into, length);
            }
        }
    }
}
