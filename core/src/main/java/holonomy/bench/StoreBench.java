package holonomy.bench;

import holonomy.measure.SnapshotPlan;
import holonomy.model.ComputeDevice;
import holonomy.model.WeightGroup;
import holonomy.run.Progress;
import holonomy.run.RunRequest;
import holonomy.run.Runner;
import holonomy.run.Store;
import holonomy.train.RunSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** A run with store, 11 snapshots, checkpoint and manifest against the bare training loop. */
public final class StoreBench {
    private static final int STEPS = 40;
    private static final int SNAPSHOTS = 11;

    private StoreBench() {}

    /** Line (g). */
    public static List<Measured> run(int rounds) {
        RunSpec spec = Subject.publishedSpec(STEPS);
        double[][] times = Turns.wall(1, rounds, List.of(() -> bare(spec), () -> stored(spec)));
        Measured bare = Measured.of("", "ms", times[0]);
        Measured stored = Measured.of("(g) " + STEPS + " steps, " + SNAPSHOTS + " snapshots, stored", "ms", times[1]);
        return List.of(stored.over("not stored", stored.median() / bare.median()));
    }

    private static void bare(RunSpec spec) {
        try (Subject subject = new Subject(spec)) {
            subject.steps(STEPS);
        }
    }

    private static void stored(RunSpec spec) {
        try {
            Path folder = Files.createTempDirectory("holonomy-bench");
            try {
                SnapshotPlan plan = SnapshotPlan.of(WeightGroup.ATTENTION, SNAPSHOTS);
                RunRequest request = new RunRequest(spec, "bench", Set.of(plan), List.of());
                new Runner(Store.open(folder), ComputeDevice.CPU, 1, Progress.NONE).run(List.of(request), () -> false);
            } finally {
                delete(folder);
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
