package holonomy.statistic;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.claim.SeedValues;
import holonomy.data.Table;
import holonomy.data.UserError;
import holonomy.geometry.Centring;
import holonomy.geometry.Gram;
import holonomy.geometry.InitialDirection;
import holonomy.geometry.NoiseWalk;
import holonomy.geometry.PathDirection;
import holonomy.geometry.Switches;
import holonomy.inference.Correlation;
import holonomy.inference.Scale;
import holonomy.measure.Accuracy;
import holonomy.measure.BackbonePath;
import holonomy.measure.Measure;
import holonomy.measure.SnapshotPlan;
import holonomy.model.Block;
import holonomy.run.Derived;
import holonomy.store.RunWriter;
import holonomy.store.Snapshots;
import holonomy.store.StoredTrajectory;
import holonomy.train.RunSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;

/**
 * Where weights go while an accuracy switches: displacements of the trunk from a trough of it to the peak before or after ({@link Switches}), kept in the store. Table {@link #SWITCHES}: seed, series, statistic, pair,
 * step of the pair's earlier end, value; dimensionless but for lengths. Series: the path itself, the noise walk without learning at the same steps ({@link NoiseWalk}), and {@link #OTHER_TIMES}, the mean over the same pairs moved
 * along the path ({@link Switches#atOtherTimes}). A run without a peak beside a trough has no rows.
 *
 * @param runs one per seed
 * @param evaluated the accuracy; there must be a snapshot at each of its evaluations
 * @param least how high a peak is, as {@link SetNumbers#peaks(double)}
 * @param path the trunk's snapshots
 * @param label for progress and lists
 */
public record SwitchStudy(RunSet runs, SetNumbers evaluated, double least, SnapshotPlan path, String label)
        implements Derived {
    /** The table's file. */
    public static final String SWITCHES = "metrics/switches.parquet";

    /** Number of a pair in its run, the first 1. */
    public static final Table.Column PAIR = Table.whole("pair");

    public static final String PATH = "path";
    public static final String NOISE_WALK = BackbonePath.NOISE_WALK;
    public static final String OTHER_TIMES = "at other times";

    /** Length of the displacement, weight norm. */
    public static final String LENGTH = "length";

    /** Share of its length that is new beside those before; from the second on, for the first is all new. */
    public static final String RESIDUAL = "share not in those before";

    /** Participation ratio of all pairs of a run over their number, in its last pair's row. */
    public static final String DIMENSION = "dimensions per pair";

    /** |cosine| with the backbone of the whole path. */
    public static final String BACKBONE = "|cosine| with the backbone";

    /** Correlation, over the steps outside of the pair's own time, of a step's cosine with the pair and the accuracy's change in it. */
    public static final String GAIN = "steps along it against gains";

    /**
     * Makes sure that there is a snapshot wherever the accuracy is evaluated.
     *
     * @throws UserError otherwise
     */
    public static void require(RunSpec spec, Accuracy accuracy, SnapshotPlan path) {
        long last = spec.training().steps();
        for (long step : Snapshots.due(accuracy.cadence(), last, last)) {
            if (!path.cadence().due(step, last)) {
                throw new UserError("switches: expected a snapshot at each evaluation, found none at step " + step
                        + " among " + path.cadence().count() + "; take as many snapshots as the "
                        + accuracy.cadence().count() + " evaluations, or a multiple of their intervals and one more");
            }
        }
    }

    @Override
    public String kind() {
        return "switches";
    }

    @Override
    public void describe(ObjectNode spec) {
        spec.set("accuracy", evaluated.measure().spec());
        spec.put("set", evaluated.set()).put("least", least);
        spec.set("path", path.spec());
        StudiedRuns.put(runs.members(), spec);
    }

    @Override
    public long steps() {
        return runs.members().size();
    }

    @Override
    public ObjectNode compute(RunWriter writer, LongConsumer advanced) {
        Table.Builder rows = Table.builder(
                List.of(RunSet.SEED, Measure.SERIES, Measure.STATISTIC, PAIR, Measure.STEP, Measure.VALUE));
        Map<String, Curve> curves = evaluated.curves(runs, RowNumber.of(Accuracy.ACCURACY));
        long done = 0;
        for (RunSet.Member run : runs.members()) {
            require(run.spec(), evaluated.measure(), path);
            write(run, curves.getOrDefault(run.id(), new Curve(List.of())), rows);
            advanced.accept(++done);
        }
        writer.putTable(SWITCHES, rows.build());
        return JsonNodeFactory.instance.objectNode().put("runs", done);
    }

    private void write(RunSet.Member run, Curve accuracy, Table.Builder rows) {
        List<InitialDirection> measured = new ArrayList<>();
        List<InitialDirection> walked = new ArrayList<>();
        RunSpec spec = run.spec();
        try (StoredTrajectory trajectory = Snapshots.of(run.stored(), spec, path)) {
            double[] rates = spec.rates(trajectory.steps()[trajectory.steps().length - 1]);
            for (String name : trajectory.blocks()) {
                Block block = spec.model().layout().block(name);
                double decay = block.decays() ? spec.training().optimizer().weightDecay() : 0;
                measured.add(InitialDirection.of(trajectory, name));
                walked.add(NoiseWalk.of(rates, decay).path(measured.get(measured.size() - 1)));
            }
        }
        Gram gram = InitialDirection.sum(BackbonePath.TRUNK, measured).path();
        List<Switches.Pair> pairs = pairs(gram, accuracy, least);
        double[] gains = gains(gram, accuracy);
        Written written = new Written(Long.toString(run.seed()), gram.steps(), pairs, rows);
        written.add(PATH, List.of(new Switches(gram, pairs)), gains);
        written.add(OTHER_TIMES, new Switches(gram, pairs).atOtherTimes(), gains);
        if (spec.training().optimizer().normalises()) {
            Gram walk = InitialDirection.sum(BackbonePath.TRUNK, walked).path();
            written.add(NOISE_WALK, List.of(new Switches(walk, pairs)), gains);
        }
    }

    /** From each trough to the peak next to it, where a peak and a trough follow each other, in the order of time. */
    static List<Switches.Pair> pairs(Gram gram, Curve accuracy, double least) {
        double[] values = accuracy.values();
        TreeMap<Integer, Boolean> tops = new TreeMap<>();
        SetNumbers.peaks(values, least).forEach(at -> tops.put(at, true));
        SetNumbers.peaks(
                        IntStream.range(0, values.length)
                                .mapToDouble(i -> -values[i])
                                .toArray(),
                        least)
                .forEach(at -> tops.put(at, false));
        List<Switches.Pair> pairs = new ArrayList<>();
        tops.forEach((at, top) -> {
            Map.Entry<Integer, Boolean> next = tops.higherEntry(at);
            if (next != null && !next.getValue().equals(top)) {
                int here = gram.at((long) accuracy.points().get(at).step());
                int there = gram.at((long) accuracy.points().get(next.getKey()).step());
                pairs.add(top ? new Switches.Pair(there, here) : new Switches.Pair(here, there));
            }
        });
        return pairs;
    }

    /** The accuracy's change from snapshot to snapshot, [n]: NaN where one of both has none. */
    private static double[] gains(Gram gram, Curve accuracy) {
        double[] gains = new double[gram.snapshots()];
        for (int t = 0; t < gains.length; t++) {
            gains[t] = t == 0 ? Double.NaN : at(accuracy, gram.steps()[t]) - at(accuracy, gram.steps()[t - 1]);
        }
        return gains;
    }

    private static double at(Curve accuracy, long step) {
        return accuracy.where(point -> point.step() == step).last();
    }

    /** The rows of one run. */
    private record Written(String seed, long[] steps, List<Switches.Pair> pairs, Table.Builder rows) {
        void add(String series, List<Switches> alike, double[] gains) {
            if (pairs.isEmpty() || alike.isEmpty()) {
                return;
            }
            put(series, LENGTH, 0, alike.stream().map(Switches::lengths).toList());
            put(series, RESIDUAL, 1, alike.stream().map(Switches::residuals).toList());
            put(series, GAIN, 0, alike.stream().map(each -> along(each, gains)).toList());
            PathDirection v = PathDirection.principal(alike.get(0).path(), Centring.ROW_NORMALISED);
            put(
                    series,
                    BACKBONE,
                    0,
                    alike.stream().map(each -> each.alignment(v)).toList());
            double dimension = Reduction.MEAN.of(
                    alike.stream().mapToDouble(Switches::dimension).toArray());
            row(series, DIMENSION, pairs.size() - 1, dimension / pairs.size());
        }

        /** The mean over those that are alike, of each pair. */
        private void put(String series, String statistic, int from, List<double[]> alike) {
            for (int pair = from; pair < pairs.size(); pair++) {
                int of = pair;
                row(
                        series,
                        statistic,
                        pair,
                        Reduction.MEAN.of(
                                alike.stream().mapToDouble(each -> each[of]).toArray()));
            }
        }

        private void row(String series, String statistic, int pair, double value) {
            rows.row(seed, series, statistic, pair + 1L, steps[pairs.get(pair).first()], value);
        }

        private static double[] along(Switches switches, double[] gains) {
            double[][] cosines = switches.updateCosines();
            double[] correlations = new double[cosines.length];
            for (int e = 0; e < cosines.length; e++) {
                double[] of = cosines[e];
                int[] there = IntStream.range(0, of.length)
                        .filter(t -> Double.isFinite(of[t]) && Double.isFinite(gains[t]))
                        .toArray();
                correlations[e] = Correlation.pearson(
                        IntStream.of(there).mapToDouble(t -> of[t]).toArray(),
                        IntStream.of(there).mapToDouble(t -> gains[t]).toArray());
            }
            return correlations;
        }
    }

    /** Mean of a statistic over the pairs of a run, per seed; undefined where it has none. */
    public static SeedValues mean(Table rows, RunSet runs, String series, String statistic) {
        Map<String, List<Table.Row>> bySeed =
                Rows.by(of(rows, series, statistic).rows(), row -> row.text(RunSet.SEED));
        return runs.perSeed(
                statistic + " of switches" + (series.equals(PATH) ? "" : ", " + series),
                statistic.equals(LENGTH) ? Scale.LOG : statistic.equals(GAIN) ? Scale.CORRELATION : Scale.LOGIT,
                run -> Reduction.MEAN.of(
                        bySeed.getOrDefault(Long.toString(run.seed()), List.of()), RowNumber.of(Measure.VALUE)));
    }

    /** The rows of one statistic of a series. */
    public static Table of(Table rows, String series, String statistic) {
        return rows.where(row -> row.text(Measure.SERIES).equals(series)
                && row.text(Measure.STATISTIC).equals(statistic));
    }
}
