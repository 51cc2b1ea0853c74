package holonomy.analysis;

import holonomy.data.Table;
import holonomy.data.UserError;
import holonomy.geometry.Gram;
import holonomy.geometry.InitialDirection;
import holonomy.geometry.OverlapNull;
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
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * What the snapshots of one training say: per matrix the spectra of its path with their nulls (as {@link TrajectorySpectrum}), the cosine to the final displacement
 * with and without the component along the initial weights (as {@link FinalAlignment}), and between matrices of one shape the overlap of their top k subspaces beside
 * chance. Memory is that of a few chunks of n x 4096 numbers per thread and of n x n per matrix, whatever the matrices' size.
 *
 * @param spectra columns of {@link TrajectorySpectrum}
 * @param alignment columns of {@link FinalAlignment}
 * @param overlap columns shape, first, second, directions_1, directions_2, overlap, chance, low, high: overlap of each pair of one shape, the mean of random
 *     subspaces and their 2.5 and 97.5 % quantiles; dimensionless
 * @param weights number of weights per snapshot
 */
public record SnapshotAnalysis(Table spectra, Table alignment, Table overlap, long weights) {
    /** Shuffles of the increments, at the last window. */
    private static final int DRAWS = 200;

    /**
     * What is asked.
     *
     * @param directions k of the subspaces that are compared, at least 1
     * @param decay learning rate x weight decay of the training, per step; 0 where unknown. It only enters the null 'drift plus noise' of a path that turns back
     * @param seed of the shuffled increments
     * @param workers threads
     */
    public record Question(int directions, double decay, long seed, int workers) {
        public Question {
            if (directions < 1) {
                throw new UserError("top directions: expected at least 1, found " + directions);
            }
            if (!(decay >= 0 && decay < 1)) {
                throw new UserError(
                        "decay (learning rate x weight decay, per step): expected at least 0 and below 1, found " + decay);
            }
        }
    }

    /**
     * Analyses the snapshots.
     *
     * @throws UserError if a value is not finite, or there are too few snapshots for the directions
     */
    public static SnapshotAnalysis of(FolderTrajectory path, Question question) {
        if (question.directions >= path.snapshots()) {
            throw new UserError("top " + question.directions + " directions need at least " + (question.directions + 1)
                    + " snapshots, found " + path.snapshots() + "; ask for fewer with --top");
        }
        ExecutorService threads = Executors.newFixedThreadPool(question.workers, daemon());
        try {
            List<Gram> grams = new ArrayList<>();
            Table.Builder spectra = Table.builder(spectrum(path).columns());
            Table.Builder alignment = Table.builder(FinalAlignment.COLUMNS);
            List<Future<Part>> parts = new ArrayList<>();
            for (String block : path.blocks()) {
                int number = parts.size();
                parts.add(threads.submit(() -> part(path, block, number, question)));
            }
            for (Future<Part> part : parts) {
                Part done = result(part);
                grams.add(done.gram);
                spectra.rows(done.spectra);
                alignment.rows(done.alignment);
            }
            Table overlap = overlaps(path, grams, question, threads);
            long weights = grams.stream().mapToLong(Gram::dimension).sum();
            return new SnapshotAnalysis(spectra.build(), alignment.build(), overlap, weights);
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

    private record Part(Gram gram, Table spectra, Table alignment) {}

    private static TrajectorySpectrum spectrum(FolderTrajectory path) {
        return new TrajectorySpectrum(SnapshotPlan.of(WeightGroup.ALL, path.snapshots()), 25, 1, DRAWS);
    }

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
        measure.write(gram, shuffles, number, question.decay, spectra);
        Table.Builder alignment = Table.builder(FinalAlignment.COLUMNS);
        FinalAlignment.write(direction, question.decay, alignment);
        return new Part(gram, spectra.build(), alignment.build());
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

    private static Table overlaps(
            FolderTrajectory path, List<Gram> grams, Question question, ExecutorService threads) {
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
                OverlapNull chance =
                        moves ? new OverlapNull(overlap.size(a), overlap.size(b), same.get(a).dimension()) : null;
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
