package holonomy.geometry;

import holonomy.data.UserError;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/**
 * Two paths from the same start over the same steps, of runs whose data differ: what they share is what the landscape makes, what they don't is noise (null N3 of spec/backbone.md, section 4.N; control of
 * arXiv 2602.23696). Both share decay, so their component along w_0 is taken out of every number.
 *
 * <p>Two walks without learning share nothing, each number is 0 to about 1/sqrt(D). Both paths are told from one start, so one Gram matrix [2n, 2n] holds them. Immutable.
 */
public final class Twins {
    private final Gram both;
    private final int snapshots;

    private Twins(Gram both) {
        this.both = both;
        this.snapshots = both.snapshots() / 2;
    }

    /**
     * The paths of some blocks, flattened into one vector each.
     *
     * @param blocks at least one
     * @throws UserError if the paths differ in blocks, steps or first snapshot
     */
    public static Twins of(String name, Trajectory one, Trajectory other, List<String> blocks) {
        if (!Arrays.equals(one.steps(), other.steps())) {
            throw new UserError("twins: expected snapshots of the same steps, found " + one.snapshots() + " up to step "
                    + last(one) + " and " + other.snapshots() + " up to step " + last(other)
                    + "; train both by one recipe with one number of snapshots");
        }
        Trajectory joined = new Joined(one, other);
        InitialDirection whole = InitialDirection.sum(
                name,
                blocks.stream().map(block -> InitialDirection.of(joined, block)).toList());
        double apart = whole.path().get(one.snapshots(), one.snapshots());
        if (apart > 0) {
            throw new UserError("twins: expected the same weights in both first snapshots, found them "
                    + Math.sqrt(apart) + " apart; twins have one seed of the initial values and two of the data");
        }
        return new Twins(whole.removed());
    }

    private static long last(Trajectory path) {
        long[] steps = path.steps();
        return steps.length == 0 ? 0 : steps[steps.length - 1];
    }

    /** cos(v_1, v_2) of their row-normalised first principal directions: near 1 where the landscape makes the backbone, 0 of noise. Signed. */
    public double cosineOfBackbones() {
        return direction(0).cosine(direction(1));
    }

    private PathDirection direction(int which) {
        int from = which * snapshots + 1;
        return PathDirection.principal(both, 0, from, from + snapshots - 1, Centring.ROW_NORMALISED);
    }

    /** {@code x_1't x_2t / (|x_1t| |x_2t|)}, the share of their squared distance from the start that is common, [n]; dimensionless, NaN at the start. */
    public double[] shared() {
        double[] shared = new double[snapshots];
        for (int t = 0; t < snapshots; t++) {
            double lengths = Math.sqrt(both.get(t, t)) * Math.sqrt(both.get(snapshots + t, snapshots + t));
            shared[t] = lengths > 0 ? both.get(t, snapshots + t) / lengths : Double.NaN;
        }
        return shared;
    }

    /** Both paths as one, the other one's snapshots after the one's: their steps are only numbers. */
    private record Joined(Trajectory one, Trajectory other) implements Trajectory {
        @Override
        public List<String> blocks() {
            return one.blocks();
        }

        @Override
        public long dimension(String block) {
            return one.dimension(block);
        }

        @Override
        public long[] steps() {
            return LongStream.range(0, one.snapshots() + other.snapshots()).toArray();
        }

        @Override
        public void read(int snapshot, String block, long offset, float[] into, int length) {
            int own = one.snapshots();
            if (snapshot < own) {
                one.read(snapshot, block, offset, into, length);
            } else {
                other.read(snapshot - own, block, offset, into, length);
            }
        }
    }
}
