package holonomy.run;

import holonomy.data.SafeTensorsFile;
import holonomy.geometry.Trajectory;
import holonomy.measure.SnapshotPlan;
import holonomy.model.Block;
import holonomy.model.Layout;
import holonomy.train.RunSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.LongStream;

/** The stored snapshots of a plan as a trajectory, streamed from their files. The caller closes it. */
public final class Snapshots implements Trajectory, AutoCloseable {
    private final Map<String, Long> dimensions = new LinkedHashMap<>();
    private final long[] steps;
    private final List<Path> paths = new ArrayList<>();
    private final Map<Integer, SafeTensorsFile> open = new LinkedHashMap<>();

    /**
     * The snapshots of {@code plan} up to {@code lastStep}.
     *
     * @param file finds a file of the run by its name
     * @param steps number of steps of the whole training
     */
    Snapshots(SnapshotPlan plan, Layout layout, long steps, long lastStep, Function<String, Path> file) {
        for (Block block : layout.group(plan.group())) {
            dimensions.put(block.name(), (long) block.size());
        }
        this.steps = stepsOf(plan, steps, lastStep);
        for (long step : this.steps) {
            paths.add(file.apply(name(plan, step)));
        }
    }

    /** The snapshots of a plan in a finished run. */
    public static Snapshots of(StoredRun run, RunSpec spec, SnapshotPlan plan) {
        long last = run.summary().path("step").longValue();
        return new Snapshots(plan, spec.model().layout(), spec.training().steps(), last, run::file);
    }

    /** The steps at which a plan takes snapshots, up to {@code lastStep}. */
    static long[] stepsOf(SnapshotPlan plan, long steps, long lastStep) {
        return LongStream.rangeClosed(0, Math.min(steps, lastStep))
                .filter(step -> plan.cadence().due(step, steps))
                .toArray();
    }

    /** The name of the file that holds one snapshot. */
    static String name(SnapshotPlan plan, long step) {
        return plan.folder() + String.format(Locale.ROOT, "/step-%09d.safetensors", step);
    }

    @Override
    public List<String> blocks() {
        return List.copyOf(dimensions.keySet());
    }

    @Override
    public long dimension(String block) {
        Long dimension = dimensions.get(block);
        if (dimension == null) {
            throw new IllegalArgumentException("no block '" + block + "' in the snapshots; they hold " + blocks());
        }
        return dimension;
    }

    @Override
    public long[] steps() {
        return steps.clone();
    }

    @Override
    public void read(int snapshot, String block, long offset, float[] into, int length) {
        try {
            SafeTensorsFile file = open.get(snapshot);
            if (file == null) {
                file = SafeTensorsFile.open(paths.get(snapshot));
                open.put(snapshot, file);
            }
            file.read(block, offset, into, length);
        } catch (IOException failure) {
            throw new UncheckedIOException("snapshot " + paths.get(snapshot), failure);
        }
    }

    @Override
    public void close() {
        for (SafeTensorsFile file : open.values()) {
            try {
                file.close();
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        }
        open.clear();
    }
}
