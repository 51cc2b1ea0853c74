package holonomy.statistic;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.claim.SeedValues;
import holonomy.curvature.CurvatureMemory;
import holonomy.curvature.Fisher;
import holonomy.curvature.LossCurvature;
import holonomy.curvature.LossPush;
import holonomy.curvature.Rayleigh;
import holonomy.curvature.SymmetricOperator;
import holonomy.data.Table;
import holonomy.data.UserError;
import holonomy.geometry.Orthonormal;
import holonomy.inference.Scale;
import holonomy.measure.Measure;
import holonomy.measure.SnapshotPlan;
import holonomy.model.Block;
import holonomy.model.ComputeDevice;
import holonomy.model.Network;
import holonomy.model.TwiceDifferentiable;
import holonomy.run.Derived;
import holonomy.run.Stage;
import holonomy.store.RunWriter;
import holonomy.store.Snapshots;
import holonomy.task.Batch;
import holonomy.task.Stream;
import holonomy.train.RunSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/**
 * What the loss looks like along directions of a run's path, at weights on the way, beside random directions (arXiv 2602.23696; spec/backbone.md, 4.23 and 4.25). The directions lie in the trunk:
 *
 * <pre>
 *   backbone      v, the row-normalised first direction of the whole path
 *   across        r_t = x_t - (v'x_t) v, what of the way up to here lies across it
 *   step          w_t' - w_t, t' the next snapshot of the path
 *   misread       v as the published code has it, whose gradients come in the order of the layout and directions by the blocks' names ({@link Rayleigh#misread})
 * </pre>
 *
 * <p>Table {@link #QUOTIENTS}: seed, step, operator, direction, statistic, value. Rayleigh quotients of the covariance of single sequences' gradients ({@link Fisher#centred}), and, where the network knows second derivatives, of
 * the Gauss-Newton matrix, which is the Fisher matrix under the model's own answers: of the direction, the mean of random ones, and the first over the second. Published are mean gradients of whole batches, not centred.
 *
 * <p>Table {@link #PUSHES}: seed, step, block, direction, group, statistic, value: what a push of a block costs a group's mean loss, nats ({@link LossPush}).
 *
 * @param path the trunk's snapshots
 * @param states snapshots of every weight, at steps of the path's; those between the first and the last are looked at
 * @param sequences whose gradients are taken
 * @param draws random directions beside each for the covariance
 * @param products random directions beside each for the Gauss-Newton matrix, a product each
 * @param sigma length of a push over the block's
 * @param label for progress and lists
 */
public record DirectionStudy(
        RunSet runs,
        SnapshotPlan path,
        SnapshotPlan states,
        int sequences,
        int draws,
        int products,
        double sigma,
        String label)
        implements Derived {
    /** Random directions of a push, as published. */
    private static final int PUSHES_AT_RANDOM = 3;

    private static final int LEAST_STATES = 3;

    public static final String QUOTIENTS = "metrics/quotients.parquet";
    public static final String PUSHES = "metrics/pushes.parquet";

    public static final Table.Column DIRECTION = Table.text("direction");
    public static final Table.Column GROUP = Table.text("group");

    /** The matrix that a quotient is of. */
    public static final Table.Column OPERATOR = Table.text("operator");

    public static final String BACKBONE = "backbone";
    public static final String ACROSS = "across it";
    public static final String STEP_AHEAD = "step ahead";
    public static final String MISREAD = "backbone, misread";

    public static final String COVARIANCE = "covariance of gradients";
    public static final String GAUSS_NEWTON = "Gauss-Newton matrix";

    public static final String QUOTIENT = "quotient";
    public static final String RANDOM_QUOTIENT = "quotient of random directions";
    public static final String RATIO = "quotient over that of random directions";

    public static final String ALONG = "along it";
    public static final String AGAINST = "against it";
    public static final String BOTH_WAYS = "both ways, mean";
    public static final String AT_RANDOM = "at random, both ways, mean";

    public DirectionStudy {
        if (states.cadence().count() < LEAST_STATES
                || sequences < 2
                || draws < 1
                || products < 1
                || !(sigma > 0 && Double.isFinite(sigma))) {
            throw new UserError("directions: expected at least " + LEAST_STATES
                    + " states, 2 sequences, 1 random direction of each kind and a push above 0, found "
                    + states.cadence().count() + ", " + sequences + ", " + draws + ", " + products + " and " + sigma);
        }
    }

    @Override
    public String kind() {
        return "directions";
    }

    @Override
    public void describe(ObjectNode spec) {
        spec.set("path", path.spec());
        spec.set("states", states.spec());
        spec.put("sequences", sequences).put("draws", draws).put("products", products);
        spec.put("sigma", sigma);
        StudiedRuns.put(runs.members(), spec);
    }

    @Override
    public long steps() {
        return runs.members().size() * (states.cadence().count() - 2L);
    }

    @Override
    public ObjectNode compute(RunWriter writer, LongConsumer advanced) {
        Table.Builder quotients = Table.builder(
                List.of(RunSet.SEED, Measure.STEP, OPERATOR, DIRECTION, Measure.STATISTIC, Measure.VALUE));
        Table.Builder pushes = Table.builder(
                List.of(RunSet.SEED, Measure.STEP, Measure.BLOCK, DIRECTION, GROUP, Measure.STATISTIC, Measure.VALUE));
        long done = 0;
        for (RunSet.Member run : runs.members()) {
            CurvatureMemory.require("directions", run.spec().model(), 2 * sequences);
            GradientStudy.require(run.spec(), path, states);
            double[] backbone = GradientStudy.backbone(run, path, false);
            long last = run.spec().training().steps();
            long[] steps = Snapshots.steps(states, last, last);
            try (Network network = run.spec().model().openFloat64(ComputeDevice.CPU)) {
                for (int i = 1; i < steps.length - 1; i++) {
                    new Moment(run, network, steps[i], directions(run, backbone, steps[i])).write(quotients, pushes);
                    advanced.accept(++done);
                }
            }
        }
        writer.putTable(QUOTIENTS, quotients.build());
        writer.putTable(PUSHES, pushes.build());
        return JsonNodeFactory.instance.objectNode().put("runs", runs.members().size());
    }

    /** The directions [P] at a step, by their names. */
    private Map<String, double[]> directions(RunSet.Member run, double[] backbone, long step) {
        Map<String, double[]> all = new LinkedHashMap<>();
        all.put(BACKBONE, backbone);
        double[] across = GradientStudy.displacement(run, path, 0, step);
        double along = Orthonormal.dot(across, backbone);
        for (int i = 0; i < across.length; i++) {
            across[i] -= along * backbone[i];
        }
        all.put(ACROSS, across);
        all.put(STEP_AHEAD, GradientStudy.displacement(run, path, step, GradientStudy.next(run, path, step)));
        List<Block> trunk = run.spec().model().layout().group(path.group());
        List<Block> byName = new ArrayList<>(trunk);
        byName.sort(Comparator.comparing(Block::name));
        all.put(MISREAD, Rayleigh.misread(backbone, trunk, byName));
        return all;
    }

    /** One run at one step. */
    private final class Moment {
        private final RunSpec spec;
        private final String seed;
        private final Network network;
        private final long step;
        private final Map<String, double[]> directions;
        private final double[] theta;
        private final Batch batch;
        private final RandomGenerator random;

        Moment(RunSet.Member run, Network network, long step, Map<String, double[]> directions) {
            spec = run.spec();
            seed = Long.toString(run.seed());
            this.network = network;
            this.step = step;
            this.directions = directions;
            float[] narrow = Stage.weights(run.stored(), spec, states, step);
            theta = new double[narrow.length];
            Arrays.setAll(theta, i -> narrow[i]);
            Stream drawn = Stream.of(spec.dataSeed(), "directions");
            batch = spec.weighted(spec.task().batch(Stream.of(drawn.key(), "batches"), step, sequences), step);
            random = drawn.at(step);
        }

        void write(Table.Builder quotients, Table.Builder pushes) {
            quotients(COVARIANCE, Fisher.of(network, theta, batch).centred(), draws, quotients);
            if (network instanceof TwiceDifferentiable) {
                quotients(GAUSS_NEWTON, LossCurvature.gaussNewton(network, theta, batch), products, quotients);
            }
            for (Block block : spec.model().layout().group(path.group())) {
                for (String name : List.of(BACKBONE, STEP_AHEAD)) {
                    push(block, name, pushes);
                }
            }
        }

        private void quotients(String series, SymmetricOperator matrix, int count, Table.Builder rows) {
            List<Block> trunk = spec.model().layout().group(path.group());
            directions.forEach((name, v) -> {
                Rayleigh found = Rayleigh.of(matrix, v, trunk, count, random);
                double mean = Arrays.stream(found.random()).average().orElse(Double.NaN);
                rows.row(seed, step, series, name, QUOTIENT, found.quotient());
                rows.row(seed, step, series, name, RANDOM_QUOTIENT, mean);
                rows.row(seed, step, series, name, RATIO, found.anisotropy());
            });
        }

        private void push(Block block, String name, Table.Builder rows) {
            List<String> groups = spec.task().groups();
            for (String group : groups) {
                double[] only = groups.stream()
                        .mapToDouble(each -> each.equals(group) ? 1 : 0)
                        .toArray();
                Batch asked = batch.weighted(only);
                LossPush found = LossPush.of(
                        at -> network.loss(at, asked),
                        theta,
                        directions.get(name),
                        block,
                        sigma,
                        PUSHES_AT_RANDOM,
                        random);
                rows.row(seed, step, block.name(), name, group, ALONG, found.along());
                rows.row(seed, step, block.name(), name, group, AGAINST, found.against());
                rows.row(seed, step, block.name(), name, group, BOTH_WAYS, found.bothWays());
                rows.row(
                        seed,
                        step,
                        block.name(),
                        name,
                        group,
                        AT_RANDOM,
                        Arrays.stream(found.random()).average().orElse(Double.NaN));
            }
        }
    }

    private static Map<String, List<Table.Row>> bySeed(
            Table rows, String direction, String statistic, Predicate<Table.Row> of) {
        return Rows.by(
                rows.where(row -> row.text(DIRECTION).equals(direction)
                                && row.text(Measure.STATISTIC).equals(statistic)
                                && of.test(row))
                        .rows(),
                row -> row.text(RunSet.SEED));
    }

    /** {@link #RATIO}, geometric mean over the moments, per seed. */
    public static SeedValues ratio(Table rows, RunSet runs, String series, String direction) {
        Map<String, List<Table.Row>> bySeed =
                bySeed(rows, direction, RATIO, row -> row.text(OPERATOR).equals(series));
        return runs.perSeed(
                series + ", " + direction + ", over random directions",
                Scale.LOG,
                run -> Math.exp(Reduction.MEAN.of(
                        bySeed.getOrDefault(Long.toString(run.seed()), List.of()),
                        row -> Math.log(row.number(Measure.VALUE)))));
    }

    /** What pushes along a direction cost each group, nats, mean over the blocks: columns seed, step, group, statistic, value. */
    public static Table overBlocks(Table rows, String direction) {
        return Cells.of(
                        rows.where(row -> row.text(DIRECTION).equals(direction)),
                        RunSet.SEED,
                        Measure.STEP,
                        GROUP,
                        Measure.STATISTIC)
                .mean(Measure.VALUE);
    }

    /** What pushes cost a group, nats, mean over the blocks and moments, per seed. */
    public static SeedValues push(Table rows, RunSet runs, String direction, String group, String statistic) {
        Map<String, List<Table.Row>> bySeed =
                bySeed(rows, direction, statistic, row -> row.text(GROUP).equals(group));
        return runs.perSeed(
                "loss of " + group + " after a push, less that before, " + direction + ", " + statistic + ", nats",
                Scale.IDENTITY,
                run -> Reduction.MEAN.of(
                        bySeed.getOrDefault(Long.toString(run.seed()), List.of()), RowNumber.of(Measure.VALUE)));
    }
}
