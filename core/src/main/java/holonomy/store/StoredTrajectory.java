package holonomy.store;

import holonomy.data.SafeTensorsFile;
import holonomy.data.UserError;
import holonomy.geometry.Trajectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A trajectory of one safetensors file per snapshot, streamed: only what is asked for is read. In each file a tensor per block, and the optimiser
 * step as the text {@code step} of its header. Holds one open file per snapshot until closed.
 */
public final class StoredTrajectory implements Trajectory, AutoCloseable {
    private static final String STEP = "step";

    private final List<String> blocks;
    private final List<SafeTensorsFile> snapshots;
    private final long[] steps;

    private StoredTrajectory(List<String> blocks, List<SafeTensorsFile> snapshots, long[] steps) {
        this.blocks = blocks;
        this.snapshots = snapshots;
        this.steps = steps;
    }

    /**
     * Opens the snapshots.
     *
     * @param files in the order of training. Not modified.
     * @param blocks the blocks to read, in the order of the flat weight vector. Not modified.
     * @throws UserError if a file is missing or damaged, lacks a block or a step, a block changes its size, or steps do not increase
     */
    public static StoredTrajectory open(List<Path> files, List<String> blocks) {
        List<SafeTensorsFile> snapshots = new ArrayList<>();
        try {
            long[] steps = new long[files.size()];
            for (int i = 0; i < steps.length; i++) {
                snapshots.add(SafeTensorsFile.open(files.get(i)));
                steps[i] = step(snapshots.get(i), files.get(i));
                checkFollows(snapshots, steps, i, files.get(i), blocks);
            }
            return new StoredTrajectory(List.copyOf(blocks), List.copyOf(snapshots), steps);
        } catch (IOException e) {
            closeAll(snapshots);
            String reason = e instanceof NoSuchFileException ? "missing" : String.valueOf(e.getMessage());
            throw new UserError("snapshot " + files.get(snapshots.size()) + " cannot be read: " + reason, e);
        } catch (RuntimeException e) {
            closeAll(snapshots);
            throw e;
        }
    }

    private static long step(SafeTensorsFile snapshot, Path file) {
        String text = snapshot.metadata().getOrDefault(STEP, "");
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new UserError(
                    "snapshot " + file + ": expected a whole number '" + STEP + "' in its header, found '" + text + "'",
                    e);
        }
    }

    private static void checkFollows(
            List<SafeTensorsFile> snapshots, long[] steps, int i, Path file, List<String> blocks) {
        if (i > 0 && steps[i] <= steps[i - 1]) {
            throw new UserError("snapshot " + file + ": expected a step after " + steps[i - 1] + ", found " + steps[i]);
        }
        for (String block : blocks) {
            long expected = snapshots.get(0).count(block);
            if (snapshots.get(i).count(block) != expected) {
                throw new UserError("snapshot " + file + ": expected " + expected + " weights in block '" + block
                        + "', found " + snapshots.get(i).count(block));
            }
        }
    }

    @Override
    public List<String> blocks() {
        return blocks;
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
    public void read(int snapshot, String block, long offset, float[] into, int length) {
        try {
            snapshots.get(snapshot).read(block, offset, into, length);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        closeAll(snapshots);
    }

    private static void closeAll(List<SafeTensorsFile> snapshots) {
        for (SafeTensorsFile snapshot : snapshots) {
            try {
                snapshot.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
