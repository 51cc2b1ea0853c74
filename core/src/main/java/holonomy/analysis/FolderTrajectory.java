package holonomy.analysis;

import holonomy.data.Dtype;
import holonomy.data.UserError;
import holonomy.geometry.Trajectory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/**
 * The snapshots of a folder as a trajectory, streamed: only what is asked for is read. Safe for several threads; holds the files of every
 * snapshot open until closed.
 *
 * <p>F32, F16 and BF16 are given as they are. Of a matrix in F64 the displacements from the first snapshot are given instead (subtracted in float64,
 * then rounded): float32 of the weights would lose the digits of a small step. Spectra, subspaces and cosines see only displacements.
 */
public final class FolderTrajectory implements Trajectory, AutoCloseable {
    private static final int CHUNK = 1 << 14;

    private final SnapshotFiles files;
    private final List<SnapshotTensors> snapshots;
    private final Selection selection;
    private final long[] steps;
    private final LongAdder read = new LongAdder();

    private FolderTrajectory(SnapshotFiles files, List<SnapshotTensors> snapshots, Selection selection) {
        this.files = files;
        this.snapshots = snapshots;
        this.selection = selection;
        this.steps = files.steps();
    }

    /**
     * Opens the snapshots and checks that every one holds every matrix chosen in one shape.
     *
     * @param patterns names of matrices, {@code *} for any text and {@code ?} for one character, {@code !} in front of those to leave out; without a plain one all
     *     floating-point tensors with at least two axes of more than one entry whose shape stays
     * @throws UserError if a file is damaged, nothing matches, or a matrix is missing or of another shape somewhere
     */
    public static FolderTrajectory open(SnapshotFiles files, List<String> patterns) {
        List<SnapshotTensors> snapshots = new ArrayList<>();
        try {
            files.checkpoints().forEach(checkpoint -> snapshots.add(SnapshotTensors.open(checkpoint)));
            Selection selection = Selection.of(files.folder(), snapshots, new NamePatterns(List.copyOf(patterns)));
            return new FolderTrajectory(files, List.copyOf(snapshots), selection);
        } catch (RuntimeException e) {
            snapshots.forEach(SnapshotTensors::close);
            throw e;
        }
    }

    /** The snapshots' files. */
    public SnapshotFiles files() {
        return files;
    }

    /** The tensors that are not analysed, each with the reason. */
    public List<Selection.LeftOut> leftOut() {
        return selection.leftOut();
    }

    /** Shape of a block, outermost axis first. */
    public long[] shape(String block) {
        return snapshots.get(0).shape(block);
    }

    /** The number type of a block in the first snapshot. */
    public Dtype dtype(String block) {
        return snapshots.get(0).dtype(block);
    }

    @Override
    public List<String> blocks() {
        return selection.chosen();
    }

    @Override
    public long dimension(String block) {
        return snapshots.get(0).count(block);
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
        read.add(length);
        if (dtype(block) == Dtype.F64) {
            displacement(snapshot, block, offset, into, length);
        } else {
            snapshots.get(snapshot).read(block, offset, into, length);
        }
    }

    /** How many numbers have been read so far, by all threads: progress. */
    public long numbersRead() {
        return read.sum();
    }

    @Override
    public void readOrigin(String block, long offset, float[] into, int length) {
        if (dtype(block) != Dtype.F64) {
            Arrays.fill(into, 0, length, 0f);
            return;
        }
        double[] start = new double[length];
        readStored(0, block, offset, start, length);
        for (int d = 0; d < length; d++) {
            into[d] = (float) -start[d];
        }
    }

    /** The numbers as they are stored, exactly. {@code into} is modified at 0 .. length - 1. */
    void readStored(int snapshot, String block, long offset, double[] into, int length) {
        snapshots.get(snapshot).read(block, offset, into, length);
    }

    private void displacement(int snapshot, String block, long offset, float[] into, int length) {
        double[] start = new double[length];
        double[] values = new double[length];
        readStored(0, block, offset, start, length);
        readStored(snapshot, block, offset, values, length);
        for (int d = 0; d < length; d++) {
            into[d] = (float) (values[d] - start[d]);
        }
    }

    /** Whether a block is the same in two snapshots, bit for bit. */
    boolean same(String block, int one, int other) {
        double[] a = new double[(int) Math.min(CHUNK, dimension(block))];
        double[] b = new double[a.length];
        for (long offset = 0; offset < dimension(block); offset += a.length) {
            int length = (int) Math.min(a.length, dimension(block) - offset);
            readStored(one, block, offset, a, length);
            readStored(other, block, offset, b, length);
            if (!Arrays.equals(a, 0, length, b, 0, length)) {
                return false;
            }
        }
        return true;
    }

    /** The error that names the first value of a snapshot's block that is not finite. */
    UserError notFinite(int snapshot, String block) {
        float[] chunk = new float[(int) Math.min(CHUNK, dimension(block))];
        for (int i : new int[] {0, snapshot}) {
            for (long offset = 0; offset < dimension(block); offset += chunk.length) {
                int length = (int) Math.min(chunk.length, dimension(block) - offset);
                snapshots.get(i).read(block, offset, chunk, length);
                for (int d = 0; d < length; d++) {
                    if (!Float.isFinite(chunk[d])) {
                        return new UserError("snapshot " + snapshots.get(i).place() + ": matrix '" + block + "' "
                                + place(block, offset + d) + " is " + chunk[d]
                                + ", expected a finite number. Training has diverged there: leave out this snapshot and"
                                + " those after it, or choose other matrices with --matrices");
                    }
                }
            }
        }
        return new UserError(
                "snapshot " + snapshots.get(snapshot).place() + ": matrix '" + block
                        + "' is so far from the first snapshot that the squared distance is not finite; leave this snapshot out");
    }

    /** {@code [3, 5]} of a number of the flat tensor. */
    private String place(String block, long index) {
        long[] shape = shape(block);
        long[] at = new long[shape.length];
        long rest = index;
        for (int axis = shape.length - 1; axis >= 0; axis--) {
            at[axis] = rest % shape[axis];
            rest /= shape[axis];
        }
        return Arrays.toString(at);
    }

    @Override
    public void close() {
        snapshots.forEach(SnapshotTensors::close);
    }

    /** {@code 64 x 32}. */
    static String shapeText(long[] shape) {
        return String.join(" x ", Arrays.stream(shape).mapToObj(Long::toString).toList());
    }
}
