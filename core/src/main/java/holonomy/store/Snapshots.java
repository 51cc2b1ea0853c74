package holonomy.store;

import holonomy.measure.Cadence;
import holonomy.measure.SnapshotPlan;
import holonomy.model.Block;
import holonomy.model.WeightGroup;
import holonomy.train.RunSpec;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;

/** Where a run keeps the snapshots of a plan, and how they are read again. */
public final class Snapshots {
    private static final Pattern SNAPSHOT = Pattern.compile("trajectory/[^/]+/step-(\\d+)\\.safetensors");

    private Snapshots() {}

    /** The snapshots of a plan in a finished run, streamed from their files. The caller closes them. */
    public static StoredTrajectory of(StoredRun run, RunSpec spec, SnapshotPlan plan) {
        return upTo(run.summary().path("step").longValue(), spec, plan, run::verified);
    }

    /**
     * The snapshots taken up to {@code lastStep}.
     *
     * @param file finds a file of the run by its name, and makes sure that it is as it was stored
     */
    public static StoredTrajectory upTo(long lastStep, RunSpec spec, SnapshotPlan plan, Function<String, Path> file) {
        List<Path> files = Arrays.stream(steps(plan, spec.training().steps(), lastStep))
                .mapToObj(step -> file.apply(name(plan, step)))
                .toList();
        List<String> blocks = spec.model().layout().group(plan.group()).stream()
                .map(Block::name)
                .toList();
        return StoredTrajectory.open(files, blocks);
    }

    /** The steps at which a plan takes snapshots, up to {@code lastStep}. */
    public static long[] steps(SnapshotPlan plan, long steps, long lastStep) {
        return due(plan.cadence(), steps, lastStep);
    }

    /** The steps at which a cadence of a run of {@code steps} steps is due, up to {@code lastStep}. */
    public static long[] due(Cadence cadence, long steps, long lastStep) {
        return LongStream.of(cadence.steps(steps))
                .filter(step -> step <= lastStep)
                .toArray();
    }

    /** Whether a file is a snapshot of a group at a step, under whatever plan. */
    public static boolean isSnapshot(String path, WeightGroup group, long step) {
        String folder = "trajectory/" + group.name().toLowerCase(Locale.ROOT) + "-";
        return path.startsWith(folder) && path.endsWith(file(step));
    }

    /** The step of a snapshot file of a run; -1 for any other file. */
    public static long stepOf(String path) {
        Matcher matcher = SNAPSHOT.matcher(path);
        return matcher.matches() ? Long.parseLong(matcher.group(1)) : -1;
    }

    private static String file(long step) {
        return String.format(Locale.ROOT, "/step-%09d.safetensors", step);
    }

    /** The name of the file that holds one snapshot. */
    public static String name(SnapshotPlan plan, long step) {
        return plan.folder() + file(step);
    }
}
