package holonomy.analysis;

import holonomy.data.Dtype;
import holonomy.data.SafeTensorsFile;
import holonomy.data.UserError;
import holonomy.geometry.Trajectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;

/**
 * The snapshots of a folder as a trajectory, streamed: only what is asked for is read. Safe for several threads; holds one open file per
 * snapshot until closed.
 *
 * <p>F32, F16 and BF16 are given as they are. Of a matrix in F64 the displacements from the first snapshot are given instead (subtracted in float64,
 * then rounded): float32 of the weights would lose the digits of a small step. Spectra, subspaces and cosines see only displacements.
 */
public final class FolderTrajectory implements Trajectory, AutoCloseable {
    private static final Set<Dtype> FLOATING = Set.of(Dtype.F64, Dtype.F32, Dtype.F16, Dtype.BF16);

    private final List<Path> paths;
    private final List<SafeTensorsFile> files;
    private final long[] steps;
    private final List<String> blocks;
    private final LongAdder read = new LongAdder();

    private FolderTrajectory(List<Path> paths, List<SafeTensorsFile> files, long[] steps, List<String> blocks) {
        this.paths = paths;
        this.files = files;
        this.steps = steps;
        this.blocks = blocks;
    }

    /**
     * Opens the snapshots and checks that every file holds every matrix chosen in one shape.
     *
     * @param pattern names of matrices, {@code *} for any text and {@code ?} for one character; empty for all floating-point tensors with at least two axes of
     *     more than one entry
     * @throws UserError if a file is damaged, nothing matches, or a matrix is missing or of another shape somewhere
     */
    public static FolderTrajectory open(SnapshotFiles snapshots, String pattern) {
        List<SafeTensorsFile> files = new ArrayList<>();
        try {
            for (Path path : snapshots.files()) {
                files.add(opened(path));
            }
            Set<String> chosen = new TreeSet<>();
            Predicate<String> matches = matching(pattern);
            for (SafeTensorsFile file : files) {
                file.names().stream()
                        .filter(name -> matches.test(name) && floating(file, name) && (!pattern.isEmpty() || isMatrix(file, name)))
                        .forEach(chosen::add);
            }
            if (chosen.isEmpty()) {
                throw nothing(snapshots, pattern, files.get(0));
            }
            for (int i = 0; i < files.size(); i++) {
                check(files, snapshots.files(), i, chosen);
            }
            return new FolderTrajectory(snapshots.files(), List.copyOf(files), snapshots.steps(), inOrder(chosen));
        } catch (RuntimeException e) {
            closeAll(files);
            throw e;
        }
    }

    /** Shape of a block, outermost axis first. */
    public long[] shape(String block) {
        return files.get(0).shape(block);
    }

    /** The number type of a block in the first snapshot. */
    public Dtype dtype(String block) {
        return files.get(0).dtype(block);
    }

    @Override
    public List<String> blocks() {
        return blocks;
    }

    @Override
    public long dimension(String block) {
        return files.get(0).count(block);
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
        try {
            if (dtype(block) == Dtype.F64) {
                displacement(files.get(snapshot), block, offset, into, length);
            } else {
                files.get(snapshot).read(block, offset, into, length);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
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
        try {
            double[] start = new double[length];
            files.get(0).read(block, offset, start, length);
            for (int d = 0; d < length; d++) {
                into[d] = (float) -start[d];
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void displacement(SafeTensorsFile file, String block, long offset, float[] into, int length)
            throws IOException {
        double[] start = new double[length];
        double[] values = new double[length];
        files.get(0).read(block, offset, start, length);
        file.read(block, offset, values, length);
        for (int d = 0; d < length; d++) {
            into[d] = (float) (values[d] - start[d]);
        }
    }

    /** The error that names the first value of a snapshot's block that is not finite. */
    UserError notFinite(int snapshot, String block) {
        float[] chunk = new float[(int) Math.min(1 << 14, dimension(block))];
        for (int i : new int[] {0, snapshot}) {
            for (long offset = 0; offset < dimension(block); offset += chunk.length) {
                int length = (int) Math.min(chunk.length, dimension(block) - offset);
                try {
                    files.get(i).read(block, offset, chunk, length);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                for (int d = 0; d < length; d++) {
                    if (!Float.isFinite(chunk[d])) {
                        return new UserError("snapshot " + paths.get(i) + ": matrix '" + block + "' " + place(block, offset + d)
                                + " is " + chunk[d] + ", expected a finite number. Training has diverged there: leave out this snapshot and"
                                + " those after it, or choose other matrices with --matrices");
                    }
                }
            }
        }
        return new UserError("snapshot " + paths.get(snapshot) + ": matrix '" + block
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
        closeAll(files);
    }

    private static SafeTensorsFile opened(Path path) {
        try {
            return SafeTensorsFile.open(path);
        } catch (IOException e) {
            throw new UserError("snapshot " + path + " cannot be read: " + e.getMessage(), e);
        } catch (UserError e) {
            throw new UserError(e.getMessage() + ". Save that step again, or take the file out of the folder", e);
        }
    }

    private static boolean floating(SafeTensorsFile file, String name) {
        return FLOATING.contains(file.dtype(name));
    }

    private static boolean isMatrix(SafeTensorsFile file, String name) {
        return Arrays.stream(file.shape(name)).filter(length -> length > 1).count() >= 2;
    }

    private static void check(List<SafeTensorsFile> files, List<Path> paths, int i, Set<String> chosen) {
        SafeTensorsFile file = files.get(i);
        for (String name : chosen) {
            if (!file.names().contains(name)) {
                throw new UserError("snapshot " + paths.get(i) + " has no matrix '" + name + "', which other snapshots have; expected the same"
                        + " matrices in every file. Save it again, or choose others with --matrices");
            }
            if (!floating(file, name)) {
                throw new UserError("snapshot " + paths.get(i) + ": matrix '" + name + "' holds " + file.dtype(name)
                        + ", expected floating-point numbers (F64, F32, F16 or BF16). Save it as such, or choose others with --matrices");
            }
            if (file.dtype(name) != files.get(0).dtype(name)) {
                throw new UserError("snapshot " + paths.get(i) + ": matrix '" + name + "' holds " + file.dtype(name)
                        + ", expected " + files.get(0).dtype(name) + " as in " + paths.get(0).getFileName()
                        + ". Save all snapshots in one number type: rounding would look like a step");
            }
            if (!Arrays.equals(file.shape(name), files.get(0).shape(name))) {
                throw new UserError("snapshot " + paths.get(i) + ": matrix '" + name + "' is "
                        + shapeText(file.shape(name)) + ", expected " + shapeText(files.get(0).shape(name)) + " as in "
                        + paths.get(0).getFileName() + ". Snapshots of one training have one shape: take the odd ones out of the folder");
            }
        }
    }

    /** {@code 64 x 32}. */
    static String shapeText(long[] shape) {
        return String.join(" x ", Arrays.stream(shape).mapToObj(Long::toString).toList());
    }

    private static UserError nothing(SnapshotFiles snapshots, String pattern, SafeTensorsFile first) {
        List<String> names = first.names().stream().limit(12).toList();
        String rest = first.names().size() > names.size() ? ", .. (" + first.names().size() + ")" : "";
        String what = pattern.isEmpty()
                ? "no floating-point matrix (two axes of more than one entry)"
                : "no floating-point tensor whose name matches '" + pattern + "'";
        return new UserError("snapshots in " + snapshots.folder() + ": " + what + "; found "
                + (names.isEmpty() ? "nothing" : String.join(", ", names) + rest)
                + ". Choose with --matrices, * stands for any text");
    }

    private static Predicate<String> matching(String pattern) {
        if (pattern.isEmpty()) {
            return name -> true;
        }
        StringBuilder regex = new StringBuilder();
        for (char c : pattern.toCharArray()) {
            regex.append(c == '*' ? ".*" : c == '?' ? "." : java.util.regex.Pattern.quote(String.valueOf(c)));
        }
        return java.util.regex.Pattern.compile(regex.toString()).asMatchPredicate();
    }

    /** By layer number where names have one, so that layer 10 comes after layer 9. */
    private static List<String> inOrder(Set<String> names) {
        return names.stream()
                .sorted(java.util.Comparator.comparingLong((String name) -> MatrixName.of(name).layer())
                        .thenComparing(name -> name))
                .toList();
    }

    private static void closeAll(List<SafeTensorsFile> files) {
        for (SafeTensorsFile file : files) {
            try {
                file.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
