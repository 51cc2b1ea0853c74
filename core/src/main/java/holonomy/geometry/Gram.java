package holonomy.geometry;

import holonomy.data.UserError;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The Gram matrix of a block's displacements from its first snapshot, {@code g_ij = (w_i - w_0)'(w_j - w_0)}, [n, n], float64, in squared
 * weight norm. Row and column 0 are zero.
 *
 * <p>All of the geometry of a path follows from it: the centred matrix, the one relative to the start, the increments'. Taking the first
 * snapshot away before multiplying keeps the digits that {@code w_i'w_j} would lose: a path is usually short beside the weights it
 * moves. Immutable. The Gram matrix of several blocks taken together is the sum of theirs, see {@link #sum}.
 */
public final class Gram {
    private final String block;
    private final long dimension;
    private final long[] steps;
    private final SymmetricMatrix values;

    private Gram(String block, long dimension, long[] steps, SymmetricMatrix values) {
        this.block = block;
        this.dimension = dimension;
        this.steps = steps;
        this.values = values;
    }

    /** The Gram matrix of one block of a trajectory. Costs n^2 D / 2 multiplications; memory is n x 4096 float64. */
    public static Gram of(Trajectory trajectory, String block) {
        return grown(trajectory, block, new double[0][]);
    }

    /**
     * A Gram matrix made before, for instance a stored one.
     *
     * @param values displacements' products [n, n]
     * @throws IllegalArgumentException if their number is not that of the steps, or row 0 is not zero
     */
    public static Gram of(String block, long dimension, long[] steps, SymmetricMatrix values) {
        if (values.size() != steps.length) {
            throw new IllegalArgumentException("Gram matrix of '" + block + "' has " + values.size() + " rows, but "
                    + steps.length + " steps were given");
        }
        for (int i = 0; i < values.size(); i++) {
            if (values.get(i, 0) != 0) {
                throw new IllegalArgumentException("Gram matrix of '" + block + "': entry (" + i + ", 0) is "
                        + values.get(i, 0) + ", expected 0; give products of displacements from the first snapshot");
            }
        }
        return new Gram(block, dimension, steps.clone(), values);
    }

    /**
     * The Gram matrix of a longer trajectory that begins with this one's snapshots: only new rows are computed, and the result equals
     * {@link #of(Trajectory, String)} bit for bit.
     *
     * @throws IllegalArgumentException if the trajectory does not begin with this one's steps, or the block has another dimension
     */
    public Gram extended(Trajectory trajectory) {
        long[] longer = trajectory.steps();
        int n = steps.length;
        if (longer.length < n || !Arrays.equals(steps, 0, n, longer, 0, n)) {
            throw new IllegalArgumentException("block '" + block + "': the trajectory's steps " + brief(longer)
                    + " do not begin with the Gram matrix's " + brief(steps) + "; compute it anew");
        }
        if (trajectory.dimension(block) != dimension) {
            throw new IllegalArgumentException("block '" + block + "' has " + trajectory.dimension(block)
                    + " weights, the Gram matrix was made of " + dimension);
        }
        return grown(trajectory, block, values.toArray());
    }

    /** The Gram matrix of the first {@code count} snapshots. */
    public Gram prefix(int count) {
        if (count < 0 || count > steps.length) {
            throw new IllegalArgumentException("prefix of " + count + " snapshots; the Gram matrix of '" + block
                    + "' has " + steps.length + ", ask for 0 to that many");
        }
        return new Gram(block, dimension, Arrays.copyOf(steps, count), values.principal(0, count));
    }

    /**
     * The path of snapshots {@code from .. to - 1} told from another one: displacements from snapshot {@code anchor}, which comes first, {@code (w_i - w_a)'(w_j - w_a) = g_ij -
     * g_ia - g_aj + g_aa}.
     *
     * @param anchor not among the snapshots themselves
     */
    public Gram from(int anchor, int from, int to) {
        if (anchor < 0 || from < 0 || to > steps.length || from >= to || (anchor >= from && anchor < to)) {
            throw new IllegalArgumentException("snapshots " + from + ".." + (to - 1) + " of '" + block
                    + "' from number " + anchor + ": expected a range of its " + steps.length
                    + " snapshots, without the one they are told from");
        }
        return picked(IntStream.concat(IntStream.of(anchor), IntStream.range(from, to))
                .toArray());
    }

    /** The path through some of its snapshots alone, told from the first of them. @param kept their numbers, at least one. Not modified. */
    public Gram picked(int... kept) {
        int anchor = kept[0];
        return new Gram(
                block,
                dimension,
                Arrays.stream(kept).mapToLong(i -> steps[i]).toArray(),
                SymmetricMatrix.of(
                        kept.length,
                        (i, j) -> (get(kept[i], kept[j]) - get(kept[i], anchor))
                                - (get(anchor, kept[j]) - get(anchor, anchor))));
    }

    /**
     * The number of the snapshot of a step.
     *
     * @throws UserError if there is none
     */
    public int at(long step) {
        int found = Arrays.binarySearch(steps, step);
        if (found >= 0) {
            return found;
        }
        int after = -found - 1;
        String near = after == 0
                ? "the first is of step " + steps[0]
                : after == steps.length
                        ? "the last is of step " + steps[after - 1]
                        : "the nearest are of steps " + steps[after - 1] + " and " + steps[after];
        throw new UserError("path of '" + block + "': expected a snapshot of step " + step + ", found none; " + near
                + ". Take snapshots at a cadence that hits it, or choose a window that begins and ends at snapshots");
    }

    /** The Gram matrix of all blocks of a trajectory, flattened into one vector of that name. */
    public static Gram whole(String name, Trajectory trajectory) {
        return sum(
                name,
                trajectory.blocks().stream().map(block -> of(trajectory, block)).toList());
    }

    /**
     * The Gram matrix of several blocks flattened into one vector: the sum of theirs.
     *
     * @throws IllegalArgumentException if there is none, or their steps differ
     */
    public static Gram sum(String name, List<Gram> blocks) {
        if (blocks.isEmpty()) {
            throw new IllegalArgumentException("Gram matrix of '" + name + "': no block given, expected at least one");
        }
        long[] steps = blocks.get(0).steps;
        long dimension = 0;
        for (Gram gram : blocks) {
            if (!Arrays.equals(gram.steps, steps)) {
                throw new IllegalArgumentException("Gram matrix of '" + name + "': block '" + gram.block
                        + "' has steps " + brief(gram.steps) + ", the first block " + brief(steps));
            }
            dimension += gram.dimension;
        }
        SymmetricMatrix sum = SymmetricMatrix.of(
                steps.length,
                (i, j) -> blocks.stream().mapToDouble(g -> g.get(i, j)).sum());
        return new Gram(name, dimension, steps, sum);
    }

    /** The same block and steps with other products: how a null takes the place of the measured path. */
    Gram with(SymmetricMatrix displacements) {
        return of(block, dimension, steps, displacements);
    }

    /** (w_i - w_0)'(w_j - w_0). */
    public double get(int i, int j) {
        return values.get(i, j);
    }

    /** Products of the displacements [n, n], row and column 0 zero. */
    public SymmetricMatrix displacements() {
        return values;
    }

    /** Number of snapshots n. */
    public int snapshots() {
        return steps.length;
    }

    public String block() {
        return block;
    }

    /** Number of weights D. */
    public long dimension() {
        return dimension;
    }

    /** Optimiser step of each snapshot [n]. */
    public long[] steps() {
        return steps.clone();
    }

    private static Gram grown(Trajectory trajectory, String block, double[][] known) {
        int n = trajectory.snapshots();
        double[][] rows = new double[n][];
        for (int i = 0; i < n; i++) {
            rows[i] = i < known.length ? Arrays.copyOf(known[i], n) : new double[n];
        }
        GramKernel.addRows(trajectory, block, known.length, rows);
        return new Gram(block, trajectory.dimension(block), trajectory.steps(), SymmetricMatrix.mirrored(rows));
    }

    private static String brief(long[] steps) {
        return steps.length <= 6
                ? Arrays.toString(steps)
                : "[" + steps[0] + ", " + steps[1] + ", .. " + steps[steps.length - 1] + "] (" + steps.length + ")";
    }
}
