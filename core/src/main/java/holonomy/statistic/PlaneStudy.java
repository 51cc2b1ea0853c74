package holonomy.statistic;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.claim.SeedValues;
import holonomy.curvature.CurvatureMemory;
import holonomy.curvature.Lanczos;
import holonomy.curvature.LossPlane;
import holonomy.data.Numbers;
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
import holonomy.task.Stream;
import holonomy.train.RunSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * The loss on a plane through each run's weights, by {@link Axes}, kept in the store: table {@link #LOSSES}, columns seed, x, y, loss (nats, mean over new batches); {@link
 * #PATH}, columns seed, step, x, y, distance, moved: where each snapshot lies, how far off the plane, and how far from the first, all weight norms, and {@link #TWIN} the same of a twin's path; {@link #SHARES},
 * columns seed, statistic, value: what of the path's variance lies off the plane's two directions, and the same of the expected uncorrelated walk of its steps' lengths on its own first two components.
 *
 * @param runs one per seed
 * @param plan snapshots of every weight, at least 3
 * @param axes what spans the plane
 * @param batches that the loss is a mean over, of the training's size
 * @param points along each axis of the grid, which reaches a quarter of the paths' extent beyond them
 * @param label for progress and lists
 */
public record PlaneStudy(RunSet runs, SnapshotPlan plan, Axes axes, int batches, int points, String label)
        implements Derived {
    /** What spans a plane. */
    public sealed interface Axes {
        /** The path's first two centred principal components, through the path's mean: no plane leaves less of its variance off. */
        record Components() implements Axes {}

        /**
         * The path's first component and the eigenvector of the largest eigenvalue of the mean Hessian of the plane's own batches at the path's end, through that end.
         *
         * @param products most Lanczos steps; what they don't reach is in {@link #ERROR}
         */
        record Sharpest(int products) implements Axes {}

        /**
         * A parent (the run where its twin left it) and the ends of both, through the parent; x goes to the run's end.
         *
         * @param twins one per seed, see {@link SplitStudy#split}
         */
        record Ends(RunSet twins) implements Axes {}
    }

    /** The grid's losses. */
    public static final String LOSSES = "metrics/plane-losses.parquet";

    /** Where the path lies. */
    public static final String PATH = "metrics/plane-path.parquet";

    /** Where a twin's path lies; its steps are counted from the run's first. */
    public static final String TWIN = "metrics/plane-twin.parquet";

    /** What of it lies off the plane. */
    public static final String SHARES = "metrics/plane-shares.parquet";

    public static final Table.Column X = Table.quantity("x");
    public static final Table.Column Y = Table.quantity("y");
    public static final Table.Column LOSS = Table.quantity("loss");
    public static final Table.Column DISTANCE = Table.quantity("distance");
    public static final Table.Column MOVED = Table.quantity("moved");

    /** 1 less the variance shares of the two directions. */
    public static final String OFF = "share of the path off the plane";

    public static final String OFF_OF_WALK = "share of an uncorrelated walk off its plane";

    /** The largest eigenvalue that {@link Axes.Sharpest} found, nats / weight norm^2. */
    public static final String EIGENVALUE = "largest eigenvalue at the end";

    /** How far an eigenvalue is from it at most. */
    public static final String ERROR = "its error bound";

    /** The eigenvalue is searched until its error is below this share of it. */
    private static final double TOLERANCE = 1e-4;

    /** Gradients that a product costs. */
    private static final int HESSIAN_COST = 4;

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

    /** What the plane of one run costs at most, in gradients of a batch. */
    public static double gradients(Axes axes, int batches, int points) {
        double products = axes instanceof Axes.Sharpest sharpest ? sharpest.products() : 0;
        return batches * (points * points / LossBetween.FORWARDS + HESSIAN_COST * products);
    }

    /** Makes sure that the eigenvector that a plane asks for fits into memory. @throws UserError otherwise */
    public static void requireMemory(Axes axes, RunSpec run) {
        if (axes instanceof Axes.Sharpest sharpest) {
            CurvatureMemory.require("loss plane", run.model(), sharpest.products());
        }
    }

    @Override
    public String kind() {
        return "loss-plane";
    }

    @Override
    public void describe(ObjectNode spec) {
        spec.put("batches", batches).put("points", points);
        spec.set("snapshots", plan.spec());
        StudiedRuns.put(runs.members(), spec);
        if (axes instanceof Axes.Sharpest sharpest) {
            spec.put("sharpest", sharpest.products());
        } else if (axes instanceof Axes.Ends ends) {
            StudiedRuns.put(ends.twins().members(), spec.putObject("twins"));
        }
    }

    @Override
    public long steps() {
        return runs.members().size();
    }

    @Override
    public ObjectNode compute(RunWriter writer, LongConsumer advanced) {
        Tables rows = new Tables();
        long done = 0;
        for (RunSet.Member run : runs.members()) {
            try (LossBetween loss = new LossBetween(run.spec(), batches)) {
                write(run, loss, rows);
            }
            advanced.accept(++done);
        }
        writer.putTable(LOSSES, rows.losses.build());
        writer.putTable(PATH, rows.path.build());
        writer.putTable(SHARES, rows.shares.build());
        if (axes instanceof Axes.Ends) {
            writer.putTable(TWIN, rows.twin.build());
        }
        return JsonNodeFactory.instance.objectNode().put("runs", done);
    }

    /** What is written. */
    private static final class Tables {
        final Table.Builder losses = Table.builder(List.of(RunSet.SEED, X, Y, LOSS));
        final Table.Builder path = Table.builder(List.of(RunSet.SEED, Measure.STEP, X, Y, DISTANCE, MOVED));
        final Table.Builder twin = Table.builder(List.of(RunSet.SEED, Measure.STEP, X, Y, DISTANCE, MOVED));
        final Table.Builder shares = Table.builder(List.of(RunSet.SEED, Measure.STATISTIC, Measure.VALUE));
    }

    /** Snapshots in order, with the step that each is counted as. */
    private record Path(long[] steps, float[][] thetas) {
        ArrayTrajectory trajectory() {
            return ArrayTrajectory.of(Map.of(ALL, thetas), steps);
        }

        double[] end() {
            return wide(thetas[thetas.length - 1]);
        }
    }

    /** A run's snapshots from a step of its own on. @param counted of that step */
    private Path path(RunSet.Member run, long from, long counted) {
        long taken = run.stored().summary().path("step").longValue();
        long[] steps = Arrays.stream(Snapshots.steps(plan, run.spec().training().steps(), taken))
                .filter(step -> step >= from)
                .toArray();
        float[][] thetas = Arrays.stream(steps)
                .mapToObj(step -> Stage.weights(run.stored(), run.spec(), plan, step))
                .toArray(float[][]::new);
        return new Path(Arrays.stream(steps).map(step -> step - from + counted).toArray(), thetas);
    }

    private void write(RunSet.Member run, LossBetween loss, Tables rows) {
        String seed = Long.toString(run.seed());
        if (axes instanceof Axes.Ends ends) {
            for (RunSet.Member twin : ends.twins().members()) {
                if (twin.seed() == run.seed()) {
                    long split = SplitStudy.split(run.spec(), twin.spec(), plan, 1);
                    Path one = path(run, split, split);
                    Path other = path(twin, 0, split);
                    LossPlane plane = LossPlane.through(wide(one.thetas()[0]), one.end(), other.end());
                    List<LossPlane.Place> places = new ArrayList<>(put(seed, one, plane, rows.path));
                    rows.shares.row(seed, OFF, off(Gram.of(one.trajectory(), ALL), places));
                    places.addAll(put(seed, other, plane, rows.twin));
                    put(seed, places, plane, loss, rows.losses);
                }
            }
            return;
        }
        Path path = path(run, 0, 0);
        ArrayTrajectory whole = path.trajectory();
        double[][] components = Subspace.principal(whole, ALL, 2).basis();
        if (components.length < 2) {
            return; // a path without two directions has no plane: its rows are missing
        }
        LossPlane plane = LossPlane.along(mean(path.thetas()), components[0], components[1]);
        if (axes instanceof Axes.Sharpest sharpest) {
            Lanczos top = Lanczos.largest(
                    loss.hessian(path.end()),
                    1,
                    TOLERANCE,
                    sharpest.products(),
                    Stream.of(run.spec().initSeed(), "sharpest direction").at(0));
            plane = LossPlane.along(path.end(), components[0], top.vector(0));
            rows.shares.row(seed, EIGENVALUE, top.value(0));
            rows.shares.row(seed, ERROR, top.error(0));
        }
        List<LossPlane.Place> places = put(seed, path, plane, rows.path);
        Gram gram = Gram.of(whole, ALL);
        rows.shares.row(seed, OFF, axes instanceof Axes.Components ? offPlane(gram) : off(gram, places));
        rows.shares.row(seed, OFF_OF_WALK, offPlane(new WalkNull.Uncorrelated().path(Increments.of(gram))));
        put(seed, places, plane, loss, rows.losses);
    }

    /** Where a path lies. */
    private static List<LossPlane.Place> put(String seed, Path path, LossPlane plane, Table.Builder rows) {
        Gram gram = Gram.of(path.trajectory(), ALL);
        List<LossPlane.Place> places = new ArrayList<>();
        for (int t = 0; t < path.steps().length; t++) {
            LossPlane.Place place = plane.locate(wide(path.thetas()[t]));
            rows.row(seed, path.steps()[t], place.x(), place.y(), place.distance(), Math.sqrt(gram.get(t, t)));
            places.add(place);
        }
        return places;
    }

    /** The losses on a grid around these places. */
    private void put(String seed, List<LossPlane.Place> places, LossPlane plane, LossBetween loss, Table.Builder rows) {
        double[] xs = grid(places.stream().mapToDouble(LossPlane.Place::x).summaryStatistics());
        double[] ys = grid(places.stream().mapToDouble(LossPlane.Place::y).summaryStatistics());
        double[][] values = plane.losses(loss, xs, ys);
        for (int j = 0; j < ys.length; j++) {
            for (int i = 0; i < xs.length; i++) {
                rows.row(seed, xs[i], ys[j], values[j][i]);
            }
        }
    }

    /** 1 - sum (x - mean x)^2 + (y - mean y)^2 over the whole sum of squares around the mean, tr G - 1'G1/n. */
    private static double off(Gram path, List<LossPlane.Place> places) {
        int n = places.size();
        double x = places.stream().mapToDouble(LossPlane.Place::x).average().orElse(Double.NaN);
        double y = places.stream().mapToDouble(LossPlane.Place::y).average().orElse(Double.NaN);
        double inside = 0;
        double whole = 0;
        for (int t = 0; t < n; t++) {
            LossPlane.Place place = places.get(t);
            inside += (place.x() - x) * (place.x() - x) + (place.y() - y) * (place.y() - y);
            whole += path.get(t, t);
            for (int s = 0; s < n; s++) {
                whole -= path.get(t, s) / n;
            }
        }
        return whole > 0 ? 1 - inside / whole : Double.NaN;
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

    /**
     * How far each snapshot lies off the plane, and from the first where that has a name; weight norms: columns seed, statistic, step, value.
     *
     * @param off what the first is called
     * @param from what the second is called, or empty
     */
    public static Table distances(Table path, String off, String from) {
        Table.Builder rows = Table.builder(List.of(RunSet.SEED, Measure.STATISTIC, Measure.STEP, Measure.VALUE));
        for (Table.Row row : path.rows()) {
            if (!from.isEmpty()) {
                rows.row(row.text(RunSet.SEED), from, row.value(Measure.STEP), row.number(MOVED));
            }
            rows.row(row.text(RunSet.SEED), off, row.value(Measure.STEP), row.number(DISTANCE));
        }
        return rows.build();
    }

    /** What a seed's plane knows of its sharpest direction, in words; empty for planes without one. */
    public static String eigenvalue(Table shares, long seed) {
        Map<String, Double> values = new HashMap<>();
        shares.where(row -> row.text(RunSet.SEED).equals(Long.toString(seed)))
                .rows()
                .forEach(row -> values.put(row.text(Measure.STATISTIC), row.number(Measure.VALUE)));
        return values.containsKey(EIGENVALUE)
                ? "The top eigenvalue is " + Numbers.brief(values.get(EIGENVALUE))
                        + " nats/weight norm^2; an eigenvalue lies within " + Numbers.brief(values.get(ERROR)) + "."
                : "";
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
