package holonomy.statistic;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.claim.SeedValues;
import holonomy.data.Table;
import holonomy.data.UserError;
import holonomy.inference.Scale;
import holonomy.measure.Measure;
import holonomy.measure.SnapshotPlan;
import holonomy.model.Block;
import holonomy.model.ComputeDevice;
import holonomy.model.Network;
import holonomy.model.WeightGroup;
import holonomy.run.Derived;
import holonomy.run.Stage;
import holonomy.store.RunWriter;
import holonomy.store.Snapshots;
import holonomy.task.Batch;
import holonomy.task.Stream;
import holonomy.train.RunSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;

/**
 * Whether two groups of targets pull the same weights the same way (arXiv 2602.23696, objective competition and interference; spec/backbone.md, 4.17 and 4.28): signed cosines of gradients in the matrices' coordinates, at the
 * weights of a run, one row per new batch. Kept in the store: table {@link #INTERFERENCE}: seed, step, {@link #BETWEEN}, draw, value; dimensionless. Between
 *
 * <pre>
 *   both groups                the gradients of one group's mean loss and of the other's, on one batch
 *   the one (other), two batches   those of one group on a batch and on the next: what noise leaves of a cosine of 1
 * </pre>
 *
 * <p>A batch that asks nothing of one group is left out.
 *
 * @param states snapshots of every weight
 * @param one,other groups of targets, by their names
 * @param batches how many per state, as large as the training's; at least 2
 * @param label for progress and lists
 */
public record InterferenceStudy(RunSet runs, SnapshotPlan states, String one, String other, int batches, String label)
        implements Derived {
    /** The table's file. */
    public static final String INTERFERENCE = "metrics/interference.parquet";

    /** What a cosine is between. */
    public static final Table.Column BETWEEN = Table.text("between");

    /** Number of a batch. */
    public static final Table.Column DRAW = Table.whole("draw");

    public InterferenceStudy {
        if (batches < 2) {
            throw new UserError("interference: expected at least 2 batches, found " + batches);
        }
    }

    /** Between the gradients of two groups on one batch. */
    public static String both(String one, String other) {
        return one + " and " + other + ", one batch";
    }

    /** Between the gradients of one group on two batches. */
    public static String alike(String group) {
        return group + ", two batches";
    }

    @Override
    public String kind() {
        return "interference";
    }

    @Override
    public void describe(ObjectNode spec) {
        spec.set("states", states.spec());
        spec.put("one", one).put("other", other).put("batches", batches);
        StudiedRuns.put(runs.members(), spec);
    }

    @Override
    public long steps() {
        return runs.members().size() * (long) states.cadence().count();
    }

    @Override
    public ObjectNode compute(RunWriter writer, LongConsumer advanced) {
        Table.Builder rows = Table.builder(List.of(RunSet.SEED, Measure.STEP, BETWEEN, DRAW, Measure.VALUE));
        long done = 0;
        for (RunSet.Member run : runs.members()) {
            long last = run.spec().training().steps();
            try (Network network = run.spec().model().open(ComputeDevice.CPU)) {
                for (long step : Snapshots.steps(states, last, last)) {
                    write(run, network, step, rows);
                    advanced.accept(++done);
                }
            }
        }
        writer.putTable(INTERFERENCE, rows.build());
        return JsonNodeFactory.instance.objectNode().put("runs", runs.members().size());
    }

    private void write(RunSet.Member run, Network network, long step, Table.Builder rows) {
        RunSpec spec = run.spec();
        float[] theta = Stage.weights(run.stored(), spec, states, step);
        Stream drawn = Stream.of(spec.dataSeed(), "interference");
        List<double[]> ones = new ArrayList<>();
        List<double[]> others = new ArrayList<>();
        String seed = Long.toString(run.seed());
        for (int draw = 0; draw < batches; draw++) {
            Batch batch = spec.task()
                    .batch(drawn, step * batches + draw, spec.training().batch());
            if (asks(batch, spec, one) && asks(batch, spec, other)) {
                ones.add(gradient(spec, network, theta, batch, one));
                others.add(gradient(spec, network, theta, batch, other));
                int n = ones.size() - 1;
                rows.row(seed, step, both(one, other), (long) draw, cosine(ones.get(n), others.get(n)));
                if (n > 0) {
                    rows.row(seed, step, alike(one), (long) draw, cosine(ones.get(n - 1), ones.get(n)));
                    rows.row(seed, step, alike(other), (long) draw, cosine(others.get(n - 1), others.get(n)));
                }
            }
        }
    }

    private static boolean asks(Batch batch, RunSpec spec, String group) {
        int number = spec.task().groups().indexOf(group);
        return IntStream.range(0, batch.targets().length)
                .anyMatch(i -> batch.targets()[i] != Batch.IGNORE && batch.groups()[i] == number);
    }

    /** The gradient of a group's mean loss in the matrices' places, 0 in the others; [P]. */
    static double[] gradient(RunSpec spec, Network network, float[] theta, Batch batch, String group) {
        double[] weights = spec.task().groups().stream()
                .mapToDouble(name -> name.equals(group) ? 1 : 0)
                .toArray();
        float[] gradient = new float[theta.length];
        network.gradient(theta, batch.weighted(weights), gradient);
        double[] own = new double[theta.length];
        for (Block block : spec.model().layout().group(WeightGroup.MATRICES)) {
            for (int i = block.offset(); i < block.offset() + block.size(); i++) {
                own[i] = gradient[i];
            }
        }
        return own;
    }

    private static double cosine(double[] a, double[] b) {
        double product = 0;
        double first = 0;
        double second = 0;
        for (int i = 0; i < a.length; i++) {
            product += a[i] * b[i];
            first += a[i] * a[i];
            second += b[i] * b[i];
        }
        return first > 0 && second > 0 ? product / Math.sqrt(first * second) : Double.NaN;
    }

    /** Mean cosine over batches and the states from a share of the steps on, per seed. */
    public static SeedValues mean(Table rows, RunSet runs, String between, double from) {
        double last = Rows.largest(rows, Measure.STEP);
        Map<String, List<Table.Row>> bySeed = Rows.by(
                rows.where(row -> row.text(BETWEEN).equals(between) && row.number(Measure.STEP) >= from * last)
                        .rows(),
                row -> row.text(RunSet.SEED));
        return runs.perSeed(
                "cosine of gradients, " + between + (from > 0 ? ", from " + from + " of the steps on" : ""),
                Scale.CORRELATION,
                run -> Reduction.MEAN.of(
                        bySeed.getOrDefault(Long.toString(run.seed()), List.of()), RowNumber.of(Measure.VALUE)));
    }
}
