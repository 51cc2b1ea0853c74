package holonomy.statistic;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.claim.SeedValues;
import holonomy.data.Table;
import holonomy.geometry.InitialDirection;
import holonomy.inference.Scale;
import holonomy.measure.BackbonePath;
import holonomy.measure.Measure;
import holonomy.model.Block;
import holonomy.run.Derived;
import holonomy.store.RunWriter;
import holonomy.store.Snapshots;
import holonomy.store.WeightsFile;
import holonomy.task.Stream;
import holonomy.train.NoiseTraining;
import holonomy.train.Optimizer;
import holonomy.train.OptimizerState;
import holonomy.train.RunSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import java.util.function.ToDoubleFunction;

/**
 * The backbone of a training that has nothing to learn ({@link NoiseTraining}, null N2), beside each run and kept in the store: table {@link #NOISE}, with the columns of {@link BackbonePath} behind the seed, series
 * {@link #SERIES}, of the trunk. Gradients have, block by block, the second moment that the run's optimiser had measured at its end: after clipping.
 *
 * @param runs by an optimiser that keeps second moments, or that doesn't decay ({@link NoiseTraining#secondMoment})
 * @param measure what is said of the path, and at which steps it is seen
 * @param label for progress and lists
 */
public record NoiseStudy(RunSet runs, BackbonePath measure, String label) implements Derived {
    /** The table's file. */
    public static final String NOISE = "metrics/noise-training.parquet";

    /** The series of its rows. */
    public static final String SERIES = "noise training";

    @Override
    public String kind() {
        return "noise-training";
    }

    @Override
    public void describe(ObjectNode spec) {
        spec.set("measure", measure.spec());
        StudiedRuns.put(runs.members(), spec);
    }

    @Override
    public long steps() {
        return runs.members().size();
    }

    @Override
    public ObjectNode compute(RunWriter writer, LongConsumer advanced) {
        List<Table> tables = new ArrayList<>();
        for (RunSet.Member run : runs.members()) {
            Table.Builder rows = Table.builder(measure.columns());
            measure.write(
                    BackbonePath.TRUNK, SERIES, path(run), run.spec().training().steps(), rows);
            tables.add(rows.build().labelled(Map.of(RunSet.SEED, run.seed())));
            advanced.accept(tables.size());
        }
        writer.putTable(NOISE, Table.concat(tables));
        return JsonNodeFactory.instance.objectNode().put("runs", tables.size());
    }

    private InitialDirection path(RunSet.Member run) {
        RunSpec spec = run.spec();
        long last = spec.training().steps();
        OptimizerState state = WeightsFile.read(run.stored().verified(WeightsFile.FINAL), spec, last)
                .optimizer();
        Optimizer optimizer = spec.training().optimizer();
        NoiseTraining noise = new NoiseTraining(
                spec, Snapshots.steps(measure.snapshots(), last, last), Stream.of(spec.dataSeed(), "noise training"));
        List<Block> blocks = spec.model().layout().group(measure.snapshots().group());
        return InitialDirection.sum(
                BackbonePath.TRUNK,
                blocks.stream()
                        .map(block -> noise.path(block, NoiseTraining.secondMoment(state, optimizer, block)))
                        .toList());
    }

    /** The rows of a table {@link #NOISE} in place of what some runs measured: their numbers are then those of the noise. */
    public static RunSet among(RunSet runs, Table rows) {
        return new RunSet() {
            @Override
            public List<Member> members() {
                return runs.members();
            }

            @Override
            public Table table(Measure asked) {
                return Table.concat(runs.members().stream()
                        .map(run -> rows.where(row -> row.text(RunSet.SEED).equals(Long.toString(run.seed())))
                                .labelled(Map.of(RunSet.RUN, run.id())))
                        .toList());
            }

            @Override
            public SeedValues perSeed(String label, Scale scale, ToDoubleFunction<Member> number) {
                return runs.perSeed(label, scale, number);
            }
        };
    }
}
