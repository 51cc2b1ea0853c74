package holonomy.statistic;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.claim.SeedValues;
import holonomy.data.Table;
import holonomy.data.UserError;
import holonomy.geometry.Twins;
import holonomy.inference.Scale;
import holonomy.measure.Measure;
import holonomy.measure.SnapshotPlan;
import holonomy.run.Derived;
import holonomy.store.RunWriter;
import holonomy.store.Snapshots;
import holonomy.store.StoredTrajectory;
import holonomy.train.RunSpec;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * What two runs share that begin with the same initial values and see other data ({@link Twins}), kept in the store: table {@link #SHARED}, columns seed, step, statistic, value; {@link #COMMON} at each snapshot,
 * {@link #BACKBONES} at the last. Dimensionless.
 *
 * @param runs one per seed
 * @param twins one per seed, of the same initial values
 * @param label for progress and lists
 */
public record TwinStudy(RunSet runs, RunSet twins, SnapshotPlan plan, String label) implements Derived {
    /** The table's file. */
    public static final String SHARED = "metrics/twins.parquet";

    /** Cosine of the two displacements from the start. */
    public static final String COMMON = "cosine of the displacements";

    /** Cosine of the two backbones. */
    public static final String BACKBONES = "cosine of the backbones";

    @Override
    public String kind() {
        return "twins";
    }

    @Override
    public void describe(ObjectNode spec) {
        spec.set("snapshots", plan.spec());
        StudiedRuns.put(runs.members(), spec.putObject("ones"));
        StudiedRuns.put(twins.members(), spec.putObject("others"));
    }

    @Override
    public long steps() {
        return runs.members().size();
    }

    /**
     * Makes sure that two runs are twins: the same in all but the seed of the data.
     *
     * @throws UserError otherwise
     */
    public static void require(RunSpec one, RunSpec other) {
        String found = "found '" + one.label() + "' and '" + other.label() + "'";
        if (one.dataSeed() == other.dataSeed()) {
            throw new UserError("twins: expected runs whose data differ, " + found
                    + ": both see the batches of data seed " + one.dataSeed()
                    + ", and what they share could be those; train one of them with data = nextSeed");
        }
        RunSpec asOne = new RunSpec(
                one.task(),
                other.model(),
                other.training(),
                other.initSeed(),
                one.dataSeed(),
                other.groupSeed(),
                other.start());
        boolean sameTask = one.task().label().equals(other.task().label());
        if (!asOne.equals(one) || !sameTask) {
            throw new UserError("twins: expected runs that differ in their data alone, " + found
                    + "; give both one arm, one task and one seed of the initial values");
        }
    }

    @Override
    public ObjectNode compute(RunWriter writer, LongConsumer advanced) {
        Map<Long, RunSet.Member> others = new HashMap<>();
        twins.members().forEach(twin -> others.put(twin.seed(), twin));
        Table.Builder rows = Table.builder(List.of(RunSet.SEED, Measure.STEP, Measure.STATISTIC, Measure.VALUE));
        long done = 0;
        for (RunSet.Member run : runs.members()) {
            RunSet.Member twin = others.get(run.seed());
            if (twin != null) {
                require(run.spec(), twin.spec());
                write(run, twin, rows);
            }
            advanced.accept(++done);
        }
        writer.putTable(SHARED, rows.build());
        return JsonNodeFactory.instance.objectNode().put("runs", done);
    }

    private void write(RunSet.Member run, RunSet.Member twin, Table.Builder rows) {
        try (StoredTrajectory one = Snapshots.of(run.stored(), run.spec(), plan);
                StoredTrajectory other = Snapshots.of(twin.stored(), twin.spec(), plan)) {
            Twins pair = Twins.of("trunk", one, other, one.blocks());
            long[] steps = one.steps();
            double[] shared = pair.shared();
            String seed = Long.toString(run.seed());
            for (int t = 0; t < steps.length; t++) {
                rows.row(seed, steps[t], COMMON, shared[t]);
            }
            rows.row(seed, steps[steps.length - 1], BACKBONES, pair.cosineOfBackbones());
        }
    }

    /** The last value of a statistic, per seed, which has a part of the seed whose data the twin saw. */
    public static SeedValues atEnd(Table rows, RunSet runs, RunSet twins, String statistic) {
        Map<String, Double> last = new HashMap<>();
        rows.where(row -> row.text(Measure.STATISTIC).equals(statistic))
                .rows()
                .forEach(row -> last.put(row.text(RunSet.SEED), row.number(Measure.VALUE)));
        return runs.perSeed(
                        statistic + " of twins at the end, start removed",
                        Scale.CORRELATION,
                        run -> last.getOrDefault(Long.toString(run.seed()), Double.NaN))
                .sharing(StudiedRuns.lent(runs, twins));
    }
}
