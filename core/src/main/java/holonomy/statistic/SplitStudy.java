package holonomy.statistic;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.claim.SeedValues;
import holonomy.curvature.Barrier;
import holonomy.data.Identity;
import holonomy.data.Table;
import holonomy.data.Table.Row;
import holonomy.data.UserError;
import holonomy.geometry.OverlapNull;
import holonomy.geometry.Subspace;
import holonomy.geometry.Trajectory;
import holonomy.geometry.TrajectorySection;
import holonomy.inference.Scale;
import holonomy.measure.Measure;
import holonomy.measure.SnapshotPlan;
import holonomy.model.Block;
import holonomy.model.WeightGroup;
import holonomy.run.Derived;
import holonomy.run.Stage;
import holonomy.store.RunWriter;
import holonomy.store.Snapshots;
import holonomy.store.StoredTrajectory;
import holonomy.train.RunSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What a run shares with twins that went its way for some steps and then saw other data, kept in the store: the barrier of the loss on the straight line between the two ends ({@link Barrier}), and the overlap
 * (mean squared cosine of the principal angles, mean over blocks) of the top k directions of both paths from the split on, beside the exact chance k/D of each block. The same for two runs of
 * different initial values, which share nothing but the task: their {@code split} is missing.
 *
 * <p>Tables {@link #SHARED}: seed, split, statistic, value; {@link #LINE}: seed, split, alpha (0 at the twin's end, 1 at the run's), loss in nats, mean over new batches.
 *
 * @param runs one per seed, each with its own data
 * @param twins any number per seed: forks of the runs, or runs of the same initial values, on other data
 * @param plan snapshots of every weight; a run's need a snapshot at each split
 * @param batches that losses are means over, of the training's size
 * @param points on a line, its ends included
 * @param k directions of a path
 * @param label for progress and lists
 */
public record SplitStudy(RunSet runs, RunSet twins, SnapshotPlan plan, int batches, int points, int k, String label)
        implements Derived {
    /** Numbers of pairs. */
    public static final String SHARED = "metrics/splits.parquet";

    /** Losses between the ends. */
    public static final String LINE = "metrics/split-lines.parquet";

    /** Steps that both took together; missing for unrelated runs. */
    public static final Table.Column SPLIT = Table.whole("split");

    public static final Table.Column ALPHA = Table.quantity("alpha");
    public static final Table.Column LOSS = Table.quantity("loss");

    /** Largest height of the loss between the ends over the straight line of their losses, nats. */
    public static final String BARRIER = "barrier";

    /** Overlap of the paths from the split on over its chance level; dimensionless. */
    public static final String OVERLAP = "overlap over chance";

    /** The overlap over chance that one in forty means over as many random pairs exceeds. */
    public static final String OVERLAP_OF_RANDOM = "overlap over chance, 97.5 % of random pairs";

    /** |a - b|, weight norm. */
    public static final String DISTANCE = "distance";

    private static final double UPPER = .975;

    /** How many steps a run and its twin took together. @throws UserError where they are no twins, or their paths from there on are too short for k directions */
    public static long split(RunSpec run, RunSpec twin, SnapshotPlan plan, int k) {
        String found = "found '" + run.label() + "' and '" + twin.label() + "'";
        if (run.dataSeed() == twin.dataSeed()) {
            throw new UserError("splits: expected a twin that sees other data, " + found
                    + ": both see the batches of data seed " + run.dataSeed() + "; give it data = nextSeed");
        }
        boolean forked = twin.start()
                .filter(start -> start.run().equals(Identity.of(run.spec())))
                .isPresent();
        boolean fromScratch = twin.start().isEmpty()
                && run.start().isEmpty()
                && run.initSeed() == twin.initSeed()
                && run.groupSeed().equals(twin.groupSeed());
        if (!forked && !fromScratch || !run.model().equals(twin.model())) {
            throw new UserError("splits: expected a fork of the run, or one of the same model and initial values, "
                    + found + "; fork the run, or train with data = nextSeed");
        }
        long split = forked ? twin.start().orElseThrow().step() : 0;
        long steps = run.training().steps();
        long after = Arrays.stream(Snapshots.steps(plan, steps, steps))
                .filter(step -> step >= split)
                .count();
        if (after < k + 1 || !plan.cadence().due(split, steps)) {
            throw new UserError("splits: expected a snapshot at the split after step " + split + " and " + k
                    + " later ones, found " + plan.cadence().count() + " snapshots of " + steps
                    + " steps; split earlier, or where a snapshot is taken, or take more");
        }
        return split;
    }

    /** What one pair costs, in gradients of a batch: a forward pass for each point on its line. */
    public static double gradients(int batches, int points) {
        return batches * points / LossBetween.FORWARDS;
    }

    @Override
    public String kind() {
        return "splits";
    }

    @Override
    public void describe(ObjectNode spec) {
        spec.put("batches", batches).put("points", points).put("directions", k);
        spec.set("snapshots", plan.spec());
        StudiedRuns.put(runs.members(), spec.putObject("ones"));
        StudiedRuns.put(twins.members(), spec.putObject("others"));
    }

    @Override
    public long steps() {
        return runs.members().size() + twins.members().size();
    }

    @Override
    public ObjectNode compute(RunWriter writer, LongConsumer advanced) {
        Table.Builder shared = Table.builder(List.of(RunSet.SEED, SPLIT, Measure.STATISTIC, Measure.VALUE));
        Table.Builder line = Table.builder(List.of(RunSet.SEED, SPLIT, ALPHA, LOSS));
        List<RunSet.Member> ones = runs.members();
        long done = 0;
        for (int i = 0; i < ones.size(); i++) {
            RunSet.Member run = ones.get(i);
            for (RunSet.Member twin : twins.members()) {
                if (twin.seed() == run.seed()) {
                    write(run, twin, split(run.spec(), twin.spec(), plan, k), shared, line);
                    advanced.accept(++done);
                }
            }
            if (ones.size() > 1) {
                write(run, ones.get((i + 1) % ones.size()), null, shared, line);
            }
            advanced.accept(++done);
        }
        writer.putTable(SHARED, shared.build());
        writer.putTable(LINE, line.build());
        return JsonNodeFactory.instance.objectNode().put("pairs", done);
    }

    private void write(
            RunSet.Member run, RunSet.Member other, @Nullable Long split, Table.Builder shared, Table.Builder line) {
        String seed = Long.toString(run.seed());
        double[] a = end(run);
        double[] b = end(other);
        Barrier barrier;
        try (LossBetween loss = new LossBetween(run.spec(), batches)) {
            barrier = Barrier.between(loss, a, b, points);
        }
        for (int i = 0; i < points; i++) {
            line.row(seed, split, barrier.alphas()[i], barrier.losses()[i]);
        }
        double square = 0;
        for (int i = 0; i < a.length; i++) {
            square += (a[i] - b[i]) * (a[i] - b[i]);
        }
        List<Double> ratios = new ArrayList<>();
        List<OverlapNull> nulls = new ArrayList<>();
        try (StoredTrajectory one = Snapshots.of(run.stored(), run.spec(), plan);
                StoredTrajectory two = Snapshots.of(other.stored(), other.spec(), plan)) {
            Trajectory from = split == null ? one : TrajectorySection.between(one, split, Long.MAX_VALUE);
            for (Block block : run.spec().model().layout().group(WeightGroup.ATTENTION)) {
                OverlapNull chance = new OverlapNull(k, k, block.size());
                nulls.add(chance);
                ratios.add(Subspace.principal(from, block.name(), k)
                                .anglesTo(Subspace.principal(two, block.name(), k))
                                .overlap()
                        / chance.mean());
            }
        }
        double overlap = Reduction.MEAN.of(
                ratios.stream().mapToDouble(Double::doubleValue).toArray());
        OverlapNull chance = nulls.get(0);
        shared.row(seed, split, BARRIER, barrier.largest());
        shared.row(seed, split, DISTANCE, Math.sqrt(square));
        shared.row(seed, split, OVERLAP, overlap);
        shared.row(seed, split, OVERLAP_OF_RANDOM, chance.quantileOfMean(UPPER, nulls.size()) / chance.mean());
    }

    private double[] end(RunSet.Member run) {
        long last = new Stage.End().step(run.stored(), run.spec(), plan);
        float[] theta = Stage.weights(run.stored(), run.spec(), plan, last);
        double[] wide = new double[theta.length];
        Arrays.setAll(wide, i -> theta[i]);
        return wide;
    }

    /** The rows of a statistic of twins, or of unrelated runs. */
    public static Table rows(Table shared, String statistic, boolean twins) {
        return shared.where(is(statistic, row -> row.value(SPLIT) != null == twins));
    }

    private static Predicate<Row> is(String statistic, Predicate<Row> which) {
        return row -> row.text(Measure.STATISTIC).equals(statistic) && which.test(row);
    }

    /** The steps after which twins split, ascending: a figure's ticks. */
    public static List<Double> splits(Table shared) {
        return Rows.distinct(rows(shared, BARRIER, true), SPLIT);
    }

    /** A statistic of the twins that split after so many steps, per seed; a seed's value has a part of those whose data its twins saw. */
    public static SeedValues at(Table shared, RunSet runs, RunSet twins, String statistic, long split) {
        return values(
                        statistic + " of twins that split after step " + split,
                        shared,
                        runs,
                        is(statistic, row -> row.value(SPLIT) != null && row.number(SPLIT) == split))
                .sharing(StudiedRuns.lent(runs, twins));
    }

    /** The same of unrelated runs: each seed's and the next one's, the last one's and the first. */
    public static SeedValues unrelated(Table shared, RunSet runs, String statistic) {
        List<RunSet.Member> ones = runs.members();
        Map<Long, Set<Long>> next = new HashMap<>();
        for (int i = 0; i < ones.size(); i++) {
            next.put(ones.get(i).seed(), Set.of(ones.get((i + 1) % ones.size()).seed()));
        }
        return values(statistic + " of unrelated runs", shared, runs, is(statistic, row -> row.value(SPLIT) == null))
                .sharing(next);
    }

    private static SeedValues values(String label, Table shared, RunSet runs, Predicate<Row> which) {
        Map<String, Double> values = new HashMap<>();
        shared.where(which).rows().forEach(row -> values.put(row.text(RunSet.SEED), row.number(Measure.VALUE)));
        Scale scale = label.startsWith("overlap") ? Scale.LOG : Scale.IDENTITY;
        return runs.perSeed(label, scale, run -> values.getOrDefault(Long.toString(run.seed()), Double.NaN));
    }

    /** The unrelated runs' rows again at each split that twins have, for a figure's null: columns seed, split, value. */
    public static Table unrelatedEverywhere(Table shared, String statistic) {
        Table.Builder rows = Table.builder(List.of(RunSet.SEED, SPLIT, Measure.VALUE));
        List<Double> splits = Rows.distinct(rows(shared, statistic, true), SPLIT);
        for (Row row : rows(shared, statistic, false).rows()) {
            for (double split : splits) {
                rows.row(row.text(RunSet.SEED), (long) split, row.number(Measure.VALUE));
            }
        }
        return rows.build();
    }

    /** The losses between the ends with a name for each split: columns seed, split, alpha, loss. */
    public static Table lines(Table line) {
        Table.Builder rows = Table.builder(List.of(RunSet.SEED, Table.text("split"), ALPHA, LOSS));
        for (Row row : line.rows()) {
            String name = row.value(SPLIT) == null ? "unrelated" : "step " + row.text(SPLIT);
            rows.row(row.text(RunSet.SEED), name, row.value(ALPHA), row.value(LOSS));
        }
        return rows.build();
    }
}
