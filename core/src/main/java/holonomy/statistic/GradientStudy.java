package holonomy.statistic;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.claim.SeedValues;
import holonomy.data.Table;
import holonomy.data.UserError;
import holonomy.geometry.Centring;
import holonomy.geometry.Gram;
import holonomy.geometry.Orthonormal;
import holonomy.geometry.PathDirection;
import holonomy.inference.Scale;
import holonomy.measure.Measure;
import holonomy.measure.SnapshotPlan;
import holonomy.model.Block;
import holonomy.model.ComputeDevice;
import holonomy.model.Network;
import holonomy.run.Derived;
import holonomy.run.Stage;
import holonomy.store.RunWriter;
import holonomy.store.Snapshots;
import holonomy.store.StoredTrajectory;
import holonomy.task.Batch;
import holonomy.task.Stream;
import holonomy.train.RunSpec;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongConsumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * Whether gradients lie along the backbone as updates do (arXiv 2602.23696; spec/backbone.md, 4.12): signed cosines with v, the row-normalised first direction of the trunk's whole path, of
 *
 * <pre>
 *   update           u = w_t' - w_t, t' the next snapshot of the path
 *   micro-batch      -g_i, mean over i
 *   sum              -sum_i g_i, of as many micro-batches K as the steps of u saw: averaging alone raises a cosine c by up to sqrt(K)
 *   preconditioned   -sum_i g_i / sqrt(mean_i g_i^2), weight by weight
 * </pre>
 *
 * <p>all at w_t, of new batches, in the trunk's coordinates alone. v is the run's own, which has seen u, and its twin's, which has not. Table {@link #GRADIENTS}: seed, step, direction, statistic, value;
 * {@code floor} is E|cos| of a random vector, {@code sqrt(2 / (pi D))}. Dimensionless.
 *
 * @param runs one per seed
 * @param twins one per seed, of the same initial values on other data; a seed without has no twin's direction
 * @param path the trunk's snapshots
 * @param states snapshots of every weight, at steps of the path's
 * @param label for progress and lists
 */
public record GradientStudy(RunSet runs, RunSet twins, SnapshotPlan path, SnapshotPlan states, String label)
        implements Derived {
    /** The table's file. */
    public static final String GRADIENTS = "metrics/gradients.parquet";

    public static final Table.Column DIRECTION = Table.text("direction");

    public static final String OWN = "own backbone";
    public static final String TWIN = "twin's backbone, start removed";

    public static final String UPDATE = "update";
    public static final String BATCH = "gradient of a micro-batch";
    public static final String SUM = "sum of as many gradients";
    public static final String PRECONDITIONED = "sum of as many gradients, preconditioned";
    public static final String FLOOR = "floor";

    /**
     * Makes sure that the path has a snapshot wherever every weight is kept.
     *
     * @throws UserError otherwise
     */
    public static void require(RunSpec spec, SnapshotPlan path, SnapshotPlan states) {
        long last = spec.training().steps();
        for (long step : Snapshots.steps(states, last, last)) {
            if (!path.cadence().due(step, last)) {
                throw new UserError(
                        "gradients: expected the path's snapshots at each step of those of every weight, found"
                                + " none at step " + step + " among "
                                + path.cadence().count() + " of "
                                + path.group().name().toLowerCase(java.util.Locale.ROOT)
                                + "; take one more than a multiple of "
                                + (states.cadence().count() - 1));
            }
        }
    }

    @Override
    public String kind() {
        return "gradients";
    }

    @Override
    public int semantics() {
        return 2;
    }

    @Override
    public void describe(ObjectNode spec) {
        spec.set("path", path.spec());
        spec.set("states", states.spec());
        StudiedRuns.put(runs.members(), spec.putObject("ones"));
        StudiedRuns.put(twins.members(), spec.putObject("others"));
    }

    @Override
    public long steps() {
        return runs.members().size() * (states.cadence().count() - 1L);
    }

    @Override
    public ObjectNode compute(RunWriter writer, LongConsumer advanced) {
        Map<Long, RunSet.Member> others = new HashMap<>();
        twins.members().forEach(twin -> others.put(twin.seed(), twin));
        Table.Builder rows =
                Table.builder(List.of(RunSet.SEED, Measure.STEP, DIRECTION, Measure.STATISTIC, Measure.VALUE));
        long done = 0;
        for (RunSet.Member run : runs.members()) {
            require(run.spec(), path, states);
            Map<String, double[]> directions = new LinkedHashMap<>();
            directions.put(OWN, backbone(run, path, false));
            if (others.containsKey(run.seed())) {
                directions.put(TWIN, backbone(others.get(run.seed()), path, true));
            }
            long last = run.spec().training().steps();
            for (long step : Snapshots.steps(states, last, last)) {
                if (step < last) {
                    write(run, step, directions, rows);
                    advanced.accept(++done);
                }
            }
        }
        writer.putTable(GRADIENTS, rows.build());
        return JsonNodeFactory.instance.objectNode().put("runs", runs.members().size());
    }

    /**
     * v in the place of each weight, [P], of length 1; 0 outside of the trunk.
     *
     * @param startRemoved without its component along w_0, which twins share: decay draws both towards it, whatever they learn
     */
    static double[] backbone(RunSet.Member run, SnapshotPlan path, boolean startRemoved) {
        try (StoredTrajectory trajectory = Snapshots.of(run.stored(), run.spec(), path)) {
            PathDirection v = PathDirection.principal(Gram.whole("trunk", trajectory), Centring.ROW_NORMALISED);
            double[] weights = new double[run.spec().model().layout().size()];
            double[] start = new double[weights.length];
            for (String name : trajectory.blocks()) {
                double[] part = v.weights(trajectory, name);
                float[] first = new float[part.length];
                trajectory.read(0, name, 0, first, first.length);
                int offset = run.spec().model().layout().block(name).offset();
                for (int i = 0; i < part.length; i++) {
                    weights[offset + i] = part[i];
                    start[offset + i] = first[i];
                }
            }
            if (startRemoved) {
                remove(start, weights);
            }
            return weights;
        }
    }

    /** What of v is orthogonal to another vector, at length 1. @param v modified */
    private static void remove(double[] other, double[] v) {
        double share = Orthonormal.dot(v, other) / Orthonormal.dot(other, other);
        for (int i = 0; i < v.length; i++) {
            v[i] -= share * other[i];
        }
        double length = Math.sqrt(Orthonormal.dot(v, v));
        for (int i = 0; i < v.length; i++) {
            v[i] /= length;
        }
    }

    private void write(RunSet.Member run, long step, Map<String, double[]> directions, Table.Builder rows) {
        RunSpec spec = run.spec();
        List<Block> trunk = spec.model().layout().group(path.group());
        long next = next(run, path, step);
        double[] update = displacement(run, path, step, next);
        long taken = next - step;
        double[] sum = new double[update.length];
        double[] squares = new double[update.length];
        Map<String, Double> single = new LinkedHashMap<>();
        long count = 0;
        float[] theta = Stage.weights(run.stored(), spec, states, step);
        float[] gradient = new float[update.length];
        try (Network network = spec.model().open(ComputeDevice.CPU)) {
            for (Batch part : batches(spec, step, taken)) {
                network.gradient(theta, part, gradient);
                double[] own = new double[update.length];
                for (Block block : trunk) {
                    for (int i = block.offset(); i < block.offset() + block.size(); i++) {
                        own[i] = -gradient[i];
                        sum[i] -= gradient[i];
                        squares[i] += (double) gradient[i] * gradient[i];
                    }
                }
                directions.forEach((name, v) -> single.merge(name, cosine(own, v), Double::sum));
                count++;
            }
        }
        double[] preconditioned = new double[update.length];
        for (int i = 0; i < sum.length; i++) {
            preconditioned[i] = squares[i] > 0 ? sum[i] / Math.sqrt(squares[i] / count) : 0;
        }
        int weights = trunk.stream().mapToInt(Block::size).sum();
        for (Map.Entry<String, double[]> direction : directions.entrySet()) {
            String name = direction.getKey();
            double[] v = direction.getValue();
            String seed = Long.toString(run.seed());
            rows.row(seed, step, name, UPDATE, cosine(update, v));
            rows.row(seed, step, name, BATCH, single.get(name) / count);
            rows.row(seed, step, name, SUM, cosine(sum, v));
            rows.row(seed, step, name, PRECONDITIONED, cosine(preconditioned, v));
            rows.row(seed, step, name, FLOOR, Math.sqrt(2 / (Math.PI * weights)));
        }
    }

    /** The step of the path's snapshot after the one at a step. */
    static long next(RunSet.Member run, SnapshotPlan path, long step) {
        try (StoredTrajectory trajectory = Snapshots.of(run.stored(), run.spec(), path)) {
            return trajectory.steps()[Arrays.binarySearch(trajectory.steps(), step) + 1];
        }
    }

    /** w_to - w_from of two of the path's snapshots, by their steps, 0 outside of the trunk; [P]. */
    static double[] displacement(RunSet.Member run, SnapshotPlan path, long from, long to) {
        double[] moved = new double[run.spec().model().layout().size()];
        try (StoredTrajectory trajectory = Snapshots.of(run.stored(), run.spec(), path)) {
            int first = Arrays.binarySearch(trajectory.steps(), from);
            int last = Arrays.binarySearch(trajectory.steps(), to);
            for (String name : trajectory.blocks()) {
                int offset = run.spec().model().layout().block(name).offset();
                float[] before = new float[Math.toIntExact(trajectory.dimension(name))];
                float[] after = new float[before.length];
                trajectory.read(first, name, 0, before, before.length);
                trajectory.read(last, name, 0, after, after.length);
                for (int i = 0; i < before.length; i++) {
                    moved[offset + i] = (double) after[i] - before[i];
                }
            }
        }
        return moved;
    }

    /** The micro-batches of so many steps, drawn anew and weighted as at a step. */
    static List<Batch> batches(RunSpec spec, long step, long count) {
        Stream drawn = Stream.of(spec.dataSeed(), "gradients");
        int size = spec.training().batch();
        return LongStream.range(0, count)
                .mapToObj(i -> spec.weighted(spec.task().batch(drawn, step + i, size), step))
                .flatMap(batch -> spec.training().microBatches().of(batch).stream())
                .toList();
    }

    private static double cosine(double[] a, double[] v) {
        double along = 0;
        double square = 0;
        for (int i = 0; i < a.length; i++) {
            along += a[i] * v[i];
            square += a[i] * a[i];
        }
        return square > 0 ? along / Math.sqrt(square) : Double.NaN;
    }

    /**
     * Where the updates of {@link #mean} end: a path's row about an update stands at its end, so what these are compared with is to be read there.
     *
     * @param path the trunk's snapshots
     * @param upTo as in {@link #mean}
     */
    public static Set<Long> updateEnds(Table rows, SnapshotPlan path, RunSpec run, double upTo) {
        long last = run.training().steps();
        long[] steps = Snapshots.steps(path, last, last);
        return rows.where(isUpTo(rows, upTo)).rows().stream()
                .map(row -> steps[Arrays.binarySearch(steps, (long) row.number(Measure.STEP)) + 1])
                .collect(Collectors.toSet());
    }

    private static Predicate<Table.Row> isUpTo(Table rows, double upTo) {
        double last = Rows.largest(rows, Measure.STEP);
        return row -> row.number(Measure.STEP) <= upTo * last;
    }

    /** Mean of a statistic over the moments up to a share of the last one's step, per seed; with the twin's backbone it has a part of the seed whose data the twin saw. */
    public static SeedValues mean(
            Table rows, RunSet runs, RunSet twins, String direction, String statistic, double upTo) {
        Predicate<Table.Row> isOf = row -> row.text(DIRECTION).equals(direction)
                && row.text(Measure.STATISTIC).equals(statistic);
        Map<String, List<Table.Row>> bySeed =
                Rows.by(rows.where(isOf.and(isUpTo(rows, upTo))).rows(), row -> row.text(RunSet.SEED));
        SeedValues values = runs.perSeed(
                statistic + ", cosine with the " + direction
                        + (upTo < 1 ? ", up to " + upTo + " of the moments' steps" : ""),
                Scale.CORRELATION,
                run -> Reduction.MEAN.of(
                        bySeed.getOrDefault(Long.toString(run.seed()), List.of()), RowNumber.of(Measure.VALUE)));
        return direction.equals(TWIN) ? values.sharing(StudiedRuns.lent(runs, twins)) : values;
    }
}
