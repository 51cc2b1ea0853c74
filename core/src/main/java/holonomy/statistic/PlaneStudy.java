package holonomy.statistic;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.claim.SeedValues;
import holonomy.curvature.LossPlane;
import holonomy.data.Table;
import holonomy.data.UserError;
import holonomy.geometry.ArrayTrajectory;
import holonomy.geometry.Centring;
import holonomy.geometry.Gram;
import holonomy.geometry.Increments;
import holonomy.geometry.Spectrum;
import holonomy.geometry.Subspace;
import holonomy.geometry.WalkNull;
import holonomy.inference.Scale;
import holonomy.measure.Measure;
import holonomy.measure.SnapshotPlan;
import holonomy.run.Derived;
import holonomy.run.Stage;
import holonomy.store.RunWriter;
import holonomy.store.Snapshots;
import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * The loss on the plane of each path's first two centred principal components, through the path's mean, kept in the store: table {@link #LOSSES}, columns seed, x, y, loss (nats, mean over new batches); {@link
 * #PATH}, columns seed, step, x, y, distance, moved: where each snapshot lies, how far off the plane, and how far from the start, all weight norms; {@link #SHARES}, columns seed, statistic, value:
 * what of the path's variance lies off the plane, and the same of the expected uncorrelated walk of its steps' lengths.
 *
 * @param runs one per seed
 * @param plan snapshots of every weight, at least 3
 * @param batches that the loss is a mean over, of the training's size
 * @param points along each axis of the grid, which reaches a quarter of the path's extent beyond it
 * @param label for progress and lists
 */
public record PlaneStudy(RunSet runs, SnapshotPlan plan, int batches, int points, String label) implements Derived {
    private static final int SEMANTICS = 1;

    /** The grid's losses. */
    public static final String LOSSES = "metrics/plane-losses.parquet";

    /** Where the path lies. */
    public static final String PATH = "metrics/plane-path.parquet";

    /** What of it lies off the plane. */
    public static final String SHARES = "metrics/plane-shares.parquet";

    public static final Table.Column X = Table.quantity("x");
    public static final Table.Column Y = Table.quantity("y");
    public static final Table.Column LOSS = Table.quantity("loss");
    public static final Table.Column DISTANCE = Table.quantity("distance");
    public static final Table.Column MOVED = Table.quantity("moved");

    /** 1 less the variance shares of the two components. */
    public static final String OFF = "share of the path off the plane";

    public static final String OFF_OF_WALK = "share of an uncorrelated walk off its plane";

    private static final double BEYOND = .25;
    private static final int LEAST_SNAPSHOTS = 3;
    private static final String ALL = "every weight";

    public PlaneStudy {
        if (plan.cadence().count() < LEAST_SNAPSHOTS || batches < 1 || points < 2) {
            throw new UserError("loss plane: expected at least " + LEAST_SNAPSHOTS
                    + " snapshots, 1 batch and 2 points along an axis, found "
                    + plan.cadence().count() + ", " + batches + " and " + points);
        }
    }

    @Override
    public String kind() {
        return "loss-plane";
    }

    @Override
    public ObjectNode spec() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("kind", kind())
                .put("semantics", SEMANTICS)
                .put("batches", batches)
                .put("points", points);
        node.set("snapshots", plan.spec());
        StudiedRuns.put(runs.members(), node);
        return node;
    }

    @Override
    public long steps() {
        return runs.members().size();
    }

    @Override
    public ObjectNode compute(RunWriter writer, LongConsumer advanced) {
        Table.Builder losses = Table.builder(List.of(RunSet.SEED, X, Y, LOSS));
        Table.Builder path = Table.builder(List.of(RunSet.SEED, Measure.STEP, X, Y, DISTANCE, MOVED));
        Table.Builder shares = Table.builder(List.of(RunSet.SEED, Measure.STATISTIC, Measure.VALUE));
        long done = 0;
        for (RunSet.Member run : runs.members()) {
            write(run, losses, path, shares);
            advanced.accept(++done);
        }
        writer.putTable(LOSSES, losses.build());
        writer.putTable(PATH, path.build());
        writer.putTable(SHARES, shares.build());
        return JsonNodeFactory.instance.objectNode().put("runs", done);
    }

    private void write(RunSet.Member run, Table.Builder losses, Table.Builder path, Table.Builder shares) {
        long taken = run.stored().summary().path("step").longValue();
        long[] steps = Snapshots.steps(plan, run.spec().training().steps(), taken);
        float[][] thetas = Arrays.stream(steps)
                .mapToObj(step -> Stage.weights(run.stored(), run.spec(), plan, step))
                .toArray(float[][]::new);
        ArrayTrajectory whole = ArrayTrajectory.of(Map.of(ALL, thetas), steps);
        double[][] axes = Subspace.principal(whole, ALL, 2).basis();
        if (axes.length < 2) {
            return; // a path without two directions has no plane: its rows are missing
        }
        LossPlane plane = LossPlane.along(mean(thetas), axes[0], axes[1]);
        String seed = Long.toString(run.seed());
        DoubleSummaryStatistics across = new DoubleSummaryStatistics();
        DoubleSummaryStatistics up = new DoubleSummaryStatistics();
        Gram gram = Gram.of(whole, ALL);
        for (int t = 0; t < steps.length; t++) {
            LossPlane.Place place = plane.locate(wide(thetas[t]));
            path.row(seed, steps[t], place.x(), place.y(), place.distance(), Math.sqrt(gram.get(t, t)));
            across.accept(place.x());
            up.accept(place.y());
        }
        shares.row(seed, OFF, offPlane(gram));
        shares.row(seed, OFF_OF_WALK, offPlane(new WalkNull.Uncorrelated().path(Increments.of(gram))));
        double[] xs = grid(across);
        double[] ys = grid(up);
        try (LossBetween loss = new LossBetween(run.spec(), batches)) {
            double[][] values = plane.losses(loss, xs, ys);
            for (int j = 0; j < ys.length; j++) {
                for (int i = 0; i < xs.length; i++) {
                    losses.row(seed, xs[i], ys[j], values[j][i]);
                }
            }
        }
    }

    private static double offPlane(Gram path) {
        double[] shares = Spectrum.of(path, Centring.CENTRED).varianceShare();
        return shares.length < 2 ? Double.NaN : 1 - shares[0] - shares[1];
    }

    private double[] grid(DoubleSummaryStatistics of) {
        double extent = of.getMax() - of.getMin();
        double from = of.getMin() - BEYOND * extent;
        double[] grid = new double[points];
        Arrays.setAll(grid, i -> from + i * (1 + 2 * BEYOND) * extent / (points - 1));
        return grid;
    }

    private static double[] wide(float[] theta) {
        double[] wide = new double[theta.length];
        Arrays.setAll(wide, i -> theta[i]);
        return wide;
    }

    private static double[] mean(float[][] thetas) {
        double[] mean = new double[thetas[0].length];
        for (float[] theta : thetas) {
            for (int i = 0; i < mean.length; i++) {
                mean[i] += (double) theta[i] / thetas.length;
            }
        }
        return mean;
    }

    /** How far each snapshot lies off the plane and from the start, weight norms: columns seed, statistic, step, value. */
    public static Table distances(Table path) {
        Table.Builder rows = Table.builder(List.of(RunSet.SEED, Measure.STATISTIC, Measure.STEP, Measure.VALUE));
        for (Table.Row row : path.rows()) {
            rows.row(row.text(RunSet.SEED), "from the start", row.value(Measure.STEP), row.number(MOVED));
            rows.row(row.text(RunSet.SEED), "off the plane", row.value(Measure.STEP), row.number(DISTANCE));
        }
        return rows.build();
    }

    /** A share per seed, {@link #OFF} or {@link #OFF_OF_WALK}; dimensionless. */
    public static SeedValues share(Table rows, RunSet runs, String statistic) {
        Map<String, Double> values = new HashMap<>();
        rows.where(row -> row.text(Measure.STATISTIC).equals(statistic))
                .rows()
                .forEach(row -> values.put(row.text(RunSet.SEED), row.number(Measure.VALUE)));
        return runs.perSeed(statistic, Scale.LOGIT, run -> values.getOrDefault(Long.toString(run.seed()), Double.NaN));
    }
}
