package holonomy.analysis;

import holonomy.data.Table;
import holonomy.data.UserError;
import holonomy.geometry.Gram;
import holonomy.geometry.InitialDirection;
import holonomy.geometry.NoiseWalk;
import holonomy.geometry.OverlapNull;
import holonomy.geometry.Shrinkage;
import holonomy.geometry.StreamedOverlap;
import holonomy.measure.FinalAlignment;
import holonomy.measure.SnapshotPlan;
import holonomy.measure.TrajectorySpectrum;
import holonomy.model.WeightGroup;
import holonomy.task.Stream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the snapshots of one training say: per matrix the spectra of its path with their nulls (as {@link TrajectorySpectrum}), the cosine to the final displacement
 * with and without the component along the initial weights (as {@link FinalAlignment}), and between matrices of one shape the overlap of their top k subspaces beside
 * chance; and what must be known before any of it is believed: snapshots that are equal, steps below the spacing of the stored numbers, tensors left out. Memory is that of a few chunks of n x 4096 numbers per thread and of n x n per matrix, whatever the matrices' size.
 *
 * @param spectra columns of {@link TrajectorySpectrum}
 * @param alignment columns of {@link FinalAlignment}
 * @param overlap columns shape, first, second, directions_1, directions_2, overlap, chance, low, high: overlap of each pair of one shape, the mean of random
 *     subspaces and their 2.5 and 97.5 % quantiles; dimensionless
 * @param matrices columns matrix, shape, type, left_out, distinct_snapshots, steps_over_spacing: one row per tensor; left_out is the reason, missing for those
 *     analysed, which come first; distinct_snapshots counts those that differ, 1 where the matrix stands still; steps_over_spacing as in {@link Rounding}, dimensionless
 * @param snapshots columns step, snapshot, same_as: its file or folder, and the earliest step whose matrices are all the same bit for bit, missing if none is
 * @param backbone columns block, statistic, series, value ({@link PathBackbone}): of each matrix and of all together, beside a walk that learns nothing; no rows where its schedule is not given
 * @param weights number of weights per snapshot
 */
public record SnapshotAnalysis(
        Table spectra, Table alignment, Table overlap, Table matrices, Table snapshots, Table backbone, long weights) {
    /** Steps over spacing at and below which rounding is larger than the steps, see {@link Rounding}. */
    public static final double ROUNDING_LARGER_THAN_STEPS = Rounding.LARGER_THAN_STEPS;

    /** Shuffles of the increments, at the last window. */
    private static final int DRAWS = 200;

    /**
     * What is asked.
     *
     * @param directions k of the subspaces that are compared, at least 1
     * @param decay learning rate x weight decay of the training, per step; 0 where unknown. It only enters the null 'drift plus noise' of a path that turns back
     * @param seed of the shuffled increments
     * @param workers threads
     * @param walk what weights do that learn nothing, under the training's schedule; empty where that is not known
     */
    public record Question(int directions, double decay, long seed, int workers, Optional<NoiseWalk> walk) {
        /** Without the walk of a schedule. */
        public Question(int directions, double decay, long seed, int workers) {
            this(directions, decay, seed, workers, Optional.empty());
        }

        public Question {
            if (directions < 1) {
                throw new UserError("top directions: expected at least 1, found " + directions);
            }
            if (!(decay >= 0 && decay < 1)) {
                throw new UserError(
                        "decay (learning rate x weight decay, per step): expected at least 0 and below 1, found "
                                + decay);
            }
        }
    }

    /**
     * Analyses the snapshots.
     *
     * @throws UserError if a value is not finite, nothing moves, or there are too few snapshots for the directions
     */
    public static SnapshotAnalysis of(FolderTrajectory path, Question question) {
        if (question.directions >= path.snapshots()) {
            throw new UserError("top " + question.directions + " directions need at least " + (question.directions + 1)
                    + " snapshots, found " + path.snapshots() + "; ask for fewer with --top");
        }
        ExecutorService threads = Executors.newFixedThreadPool(question.workers, daemon());
        try {
            List<Part> done = new ArrayList<>();
            Table.Builder spectra = Table.builder(spectrum(path).columns());
            Table.Builder alignment = Table.builder(FinalAlignment.COLUMNS);
            List<Future<Part>> parts = new ArrayList<>();
            for (String block : path.blocks()) {
                int number = parts.size();
                parts.add(threads.submit(() -> part(path, block, number, question)));
            }
            for (Future<Part> future : parts) {
                Part part = result(future);
                done.add(part);
                spectra.rows(part.spectra);
                alignment.rows(part.alignment);
            }
            EqualSnapshots equal =
                    EqualSnapshots.inAll(done.stream().map(Part::equal).toList());
            if (equal.distinct() == 1) {
                throw new UserError(
                        "snapshots in " + path.files().folder() + ": all " + path.snapshots()
                                + " hold the same matrices, bit for bit; expected weights that move. Were they saved from the model that is trained?");
            }
            List<Gram> grams = done.stream().map(part -> part.direction.path()).toList();
            Table overlap = overlaps(path, grams, question, threads);
            long weights = grams.stream().mapToLong(Gram::dimension).sum();
            return new SnapshotAnalysis(
                    spectra.build(),
                    alignment.build(),
                    overlap,
                    matrices(path, done),
                    snapshots(path, equal),
                    backbone(done, question),
                    weights);
        } finally {
            threads.shutdownNow();
        }
    }

    private static java.util.concurrent.ThreadFactory daemon() {
        return task -> {
            Thread thread = new Thread(task, "analyse");
            thread.setDaemon(true);
            return thread;
        };
    }

    private static Table backbone(List<Part> parts, Question question) {
        Table.Builder rows = Table.builder(PathBackbone.COLUMNS);
        question.walk.ifPresent(walk -> {
            List<InitialDirection> all = parts.stream().map(Part::direction).toList();
            PathBackbone.write(InitialDirection.sum(PathBackbone.ALL, all), walk, rows);
            all.forEach(one -> PathBackbone.write(one, walk, rows));
        });
        return rows.build();
    }

    private record Part(
            InitialDirection direction,
            Table spectra,
            Table alignment,
            EqualSnapshots equal,
            double stepsOverSpacing) {}

    private static Table matrices(FolderTrajectory path, List<Part> parts) {
        Table.Builder rows = Table.builder(List.of(
                Table.text("matrix"),
                Table.text("shape"),
                Table.text("type"),
                Table.text("left_out"),
                Table.whole("distinct_snapshots"),
                Table.quantity("steps_over_spacing")));
        for (Part part : parts) {
            String block = part.direction.path().block();
            String shape = FolderTrajectory.shapeText(path.shape(block));
            rows.row(block, shape, path.dtype(block).name(), null, part.equal.distinct(), part.stepsOverSpacing);
        }
        path.leftOut().forEach(out -> rows.row(out.name(), out.shape(), out.type(), out.reason(), null, Double.NaN));
        return rows.build();
    }

    private static Table snapshots(FolderTrajectory path, EqualSnapshots equal) {
        Table.Builder rows =
                Table.builder(List.of(Table.whole("step"), Table.text("snapshot"), Table.whole("same_as")));
        long[] steps = path.steps();
        for (int i = 0; i < steps.length; i++) {
            int first = equal.first()[i];
            rows.row(steps[i], path.files().names().get(i), first == i ? null : steps[first]);
        }
        return rows.build();
    }

    private static TrajectorySpectrum spectrum(FolderTrajectory path) {
        return new TrajectorySpectrum(SnapshotPlan.of(WeightGroup.ALL, path.snapshots()), 25, 1, DRAWS);
    }

    /** How many write the layer into a name: {@code layers.3.W_Q}; more digits than a number holds are no layer. */
    private static final Pattern LAYER = Pattern.compile("layers\\.(\\d{1,18})\\.(.+)", Pattern.DOTALL);

    private static Part part(FolderTrajectory path, String block, int number, Question question) {
        InitialDirection direction = InitialDirection.of(path, block);
        Gram gram = direction.path();
        for (int i = 0; i < gram.snapshots(); i++) {
            if (!Double.isFinite(gram.get(i, i))) {
                throw path.notFinite(i, block);
            }
        }
        TrajectorySpectrum measure = spectrum(path);
        Table.Builder spectra = Table.builder(measure.columns());
        Stream shuffles = Stream.of(question.seed, "measure shuffled increments");
        Shrinkage decay = Shrinkage.perStep(question.decay);
        Matcher name = LAYER.matcher(block);
        measure.write(
                gram,
                name.matches()
                        ? new TrajectorySpectrum.Place(Long.parseLong(name.group(1)), name.group(2), decay)
                        : new TrajectorySpectrum.Place(-1, block, decay),
                shuffles,
                number,
                spectra);
        Table.Builder alignment = Table.builder(FinalAlignment.COLUMNS);
        FinalAlignment.write(direction, decay, alignment);
        return new Part(
                direction,
                spectra.build(),
                alignment.build(),
                EqualSnapshots.of(path, gram),
                Rounding.stepsOverSpacing(path, block));
    }

    /** How many numbers an analysis reads, see {@link FolderTrajectory#numbersRead}: every matrix once, those with another of its shape twice. */
    public static long toRead(FolderTrajectory path) {
        long once = path.blocks().stream().mapToLong(path::dimension).sum();
        long twice = byShape(path, path.blocks(), block -> block).values().stream()
                .filter(same -> same.size() > 1)
                .flatMap(List::stream)
                .mapToLong(path::dimension)
                .sum();
        return (once + twice) * path.snapshots();
    }

    private static <T> Map<String, List<T>> byShape(
            FolderTrajectory path, List<T> matrices, java.util.function.Function<T, String> block) {
        Map<String, List<T>> byShape = new LinkedHashMap<>();
        for (T matrix : matrices) {
            String shape = FolderTrajectory.shapeText(path.shape(block.apply(matrix)));
            byShape.computeIfAbsent(shape, s -> new ArrayList<>()).add(matrix);
        }
        return byShape;
    }

    private static Table overlaps(FolderTrajectory path, List<Gram> grams, Question question, ExecutorService threads) {
        Map<String, List<Gram>> byShape = byShape(path, grams, Gram::block);
        Map<String, Future<Table>> parts = new LinkedHashMap<>();
        byShape.forEach((shape, same) -> {
            if (same.size() > 1) {
                parts.put(shape, threads.submit(() -> overlap(path, shape, same, question.directions)));
            }
        });
        Table.Builder rows = Table.builder(OVERLAP);
        parts.values().forEach(part -> rows.rows(result(part)));
        return rows.build();
    }

    private static final List<Table.Column> OVERLAP = List.of(
            Table.text("shape"),
            Table.text("first"),
            Table.text("second"),
            Table.whole("directions_1"),
            Table.whole("directions_2"),
            Table.quantity("overlap"),
            Table.quantity("chance"),
            Table.quantity("low"),
            Table.quantity("high"));

    private static Table overlap(FolderTrajectory path, String shape, List<Gram> same, int directions) {
        StreamedOverlap overlap = StreamedOverlap.of(path, same, directions);
        Table.Builder rows = Table.builder(OVERLAP);
        for (int a = 0; a < same.size(); a++) {
            for (int b = a; b < same.size(); b++) {
                boolean moves = overlap.size(a) > 0 && overlap.size(b) > 0;
                OverlapNull chance = moves
                        ? new OverlapNull(
                                overlap.size(a), overlap.size(b), same.get(a).dimension())
                        : null;
                rows.row(
                        shape,
                        same.get(a).block(),
                        same.get(b).block(),
                        overlap.size(a),
                        overlap.size(b),
                        overlap.get(a, b),
                        chance == null ? Double.NaN : chance.mean(),
                        chance == null ? Double.NaN : chance.quantile(.025),
                        chance == null ? Double.NaN : chance.quantile(.975));
            }
        }
        return rows.build();
    }

    private static <T> T result(Future<T> future) {
        try {
            return future.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while snapshots were analysed", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException("snapshots could not be analysed", e.getCause());
        }
    }
}
