package holonomy.bench;

import holonomy.data.Parquet;
import holonomy.geometry.Gram;
import holonomy.measure.Accuracy;
import holonomy.measure.Cadence;
import holonomy.measure.SnapshotPlan;
import holonomy.model.Block;
import holonomy.model.ComputeDevice;
import holonomy.model.WeightGroup;
import holonomy.run.Progress;
import holonomy.run.RunRequest;
import holonomy.run.Runner;
import holonomy.store.Store;
import holonomy.store.StoredRun;
import holonomy.store.StoredTrajectory;
import holonomy.train.RunSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;

/** A run of the quick profile's size with store, 25 snapshots, checkpoint and manifest against the bare training loop; and a run's reading, checked against the manifest or not. */
public final class StoreBench {
    private static final int STEPS = 480;
    private static final double KEEPING = 1.03;
    /** As many as a run of the standard profile keeps. */
    private static final int SNAPSHOTS = 41;

    private static final int TABLES = 5;
    private static final double CHECKED = 1.05;
    private static final SnapshotPlan PLAN = SnapshotPlan.of(WeightGroup.ATTENTION, SNAPSHOTS);
    private static final Accuracy ACCURACY = new Accuracy(Cadence.times(SNAPSHOTS), 64);

    private StoreBench() {}

    /** Lines (g). */
    public static List<Measured> run(int rounds) {
        RunSpec spec = Subject.quickSpec(STEPS);
        SnapshotPlan plan = SnapshotPlan.of(WeightGroup.ATTENTION, 25);
        double[][] times = Turns.wall(1, rounds, List.of(() -> bare(spec), () -> stored(spec, plan)));
        Measured bare = Measured.of("", "ms", times[0]);
        Measured stored = Measured.of("(g) " + STEPS + " quick steps, 25 snapshots, stored", "ms", times[1]);
        List<Measured> lines = new ArrayList<>();
        lines.add(stored.over("not stored", stored.median() / bare.median()).atMost(KEEPING));
        lines.addAll(reading(Subject.publishedSpec(40), 2 * rounds));
        return lines;
    }

    /** What figures read, a table; and what a geometry's first analysis reads, snapshots: of a run that the store has not yet looked at; processor time. */
    private static List<Measured> reading(RunSpec spec, int rounds) {
        return inFolder(folder -> {
            RunRequest request = new RunRequest(spec, "bench", Set.of(PLAN), List.of(ACCURACY));
            new Runner(Store.open(folder), ComputeDevice.CPU, 1, Progress.NONE).run(List.of(request), () -> false);
            return List.of(
                    reading(
                            "(g) reading a stored table, hashed",
                            TABLES * rounds,
                            checked -> table(folder, request, checked)),
                    reading(
                            "(g) Gram matrices of " + SNAPSHOTS + " stored snapshots, hashed",
                            rounds,
                            checked -> gram(folder, request, checked)));
        });
    }

    private static Measured reading(String name, int rounds, Consumer<Boolean> reads) {
        double[][] times =
                Turns.processor(rounds / 2, rounds, List.of(() -> reads.accept(false), () -> reads.accept(true)));
        Measured checking = Measured.of(name, "ms", times[1]);
        return checking.over(
                        "not hashed",
                        checking.median() / Measured.of("", "ms", times[0]).median())
                .atMost(CHECKED);
    }

    private static void table(Path folder, RunRequest request, boolean checked) {
        StoredRun run = Store.open(folder).find(request.id()).orElseThrow();
        try {
            Parquet.read(place(run, ACCURACY.file(), checked));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static void gram(Path folder, RunRequest request, boolean checked) {
        StoredRun run = Store.open(folder).find(request.id()).orElseThrow();
        List<String> blocks = request.spec().model().layout().group(PLAN.group()).stream()
                .map(Block::name)
                .toList();
        List<Path> files = run.files().keySet().stream()
                .filter(file -> file.startsWith("trajectory/"))
                .map(file -> place(run, file, checked))
                .toList();
        try (StoredTrajectory trajectory = StoredTrajectory.open(files, blocks)) {
            blocks.forEach(block -> Gram.of(trajectory, block));
        }
    }

    private static Path place(StoredRun run, String file, boolean checked) {
        return checked ? run.verified(file) : run.folder().resolve(file);
    }

    private static void bare(RunSpec spec) {
        try (Subject subject = new Subject(spec)) {
            subject.steps(STEPS);
        }
    }

    private static void stored(RunSpec spec, SnapshotPlan plan) {
        inFolder(folder -> {
            RunRequest request = new RunRequest(spec, "bench", Set.of(plan), List.of());
            return new Runner(Store.open(folder), ComputeDevice.CPU, 1, Progress.NONE)
                    .run(List.of(request), () -> false);
        });
    }

    /** Does some work in a folder that goes afterwards. */
    private static <T> T inFolder(Function<Path, T> work) {
        try {
            Path folder = Files.createTempDirectory("holonomy-bench");
            try {
                return work.apply(folder);
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
