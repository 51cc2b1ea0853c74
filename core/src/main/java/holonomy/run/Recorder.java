package holonomy.run;

import holonomy.data.Table;
import holonomy.data.Tensor;
import holonomy.geometry.Trajectory;
import holonomy.measure.Measure;
import holonomy.measure.Moment;
import holonomy.measure.SnapshotPlan;
import holonomy.model.Block;
import holonomy.model.Network;
import holonomy.train.FrozenStep;
import holonomy.train.Observer;
import holonomy.train.RunSpec;
import holonomy.train.Training;
import holonomy.train.TrainingState;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Records one training into its run directory: snapshots first, then the measures that are due. */
final class Recorder implements Observer {
    private final RunSpec spec;
    private final Network network;
    private final RunWriter writer;
    private final Collection<SnapshotPlan> snapshots;
    private final Map<Measure, Table.Builder> tables = new LinkedHashMap<>();

    /**
     * @param snapshots plans whose files are still to be written
     * @param measures measures whose tables are still to be filled
     */
    Recorder(
            RunSpec spec,
            Network network,
            RunWriter writer,
            Collection<SnapshotPlan> snapshots,
            Collection<Measure> measures) {
        this.spec = spec;
        this.network = network;
        this.writer = writer;
        this.snapshots = snapshots;
        measures.forEach(measure -> tables.put(measure, Table.builder(measure.columns())));
    }

    /** The tables as filled so far. */
    Map<Measure, Table> tables() {
        Map<Measure, Table> result = new LinkedHashMap<>();
        tables.forEach((measure, builder) -> result.put(measure, builder.build()));
        return result;
    }

    /** Takes over rows recorded before an interruption. */
    void restore(Measure measure, Table rows) {
        Table.Builder builder = Table.builder(measure.columns());
        for (Table.Row row : rows.rows()) {
            builder.row(measure.columns().stream()
                    .map(column -> row.value(column.name()))
                    .toArray());
        }
        tables.put(measure, builder);
    }

    @Override
    public void observe(TrainingState state, Step latest) {
        long steps = spec.training().steps();
        for (SnapshotPlan plan : snapshots) {
            if (plan.cadence().due(state.step(), steps)) {
                keep(plan, state);
            }
        }
        for (Map.Entry<Measure, Table.Builder> entry : tables.entrySet()) {
            if (entry.getKey().cadence().due(state.step(), steps)) {
                measure(entry.getKey(), entry.getValue(), state, latest);
            }
        }
    }

    /** Fills the tables that are due at the end of a training, at a state that is its end: it diverged, or is only looked at again. */
    void observeEnd(TrainingState state) {
        for (Map.Entry<Measure, Table.Builder> entry : tables.entrySet()) {
            if (entry.getKey().snapshotsOnly()) {
                measure(entry.getKey(), entry.getValue(), state, Step.NONE);
            }
        }
    }

    private void keep(SnapshotPlan plan, TrainingState state) {
        SortedMap<String, Tensor> blocks = new TreeMap<>();
        for (Block block : spec.model().layout().group(plan.group())) {
            float[] copy = Arrays.copyOfRange(state.theta(), block.offset(), block.offset() + block.size());
            long[] shape =
                    block.columns() == 1 ? new long[] {block.rows()} : new long[] {block.rows(), block.columns()};
            blocks.put(block.name(), new Tensor.F32(shape, copy));
        }
        writer.putTensors(Snapshots.name(plan, state.step()), blocks, Map.of("step", Long.toString(state.step())));
    }

    private void measure(Measure measure, Table.Builder rows, TrainingState state, Step latest) {
        try (OpenMoment moment = new OpenMoment(state, latest)) {
            measure.measure(moment, rows);
        }
    }

    /** A moment that closes the trajectories opened for it. */
    private final class OpenMoment implements Moment, AutoCloseable {
        private final TrainingState state;
        private final Step latest;
        private final Map<SnapshotPlan, StoredTrajectory> opened = new LinkedHashMap<>();
        private @Nullable Network precise;

        OpenMoment(TrainingState state, Step latest) {
            this.state = state;
            this.latest = latest;
        }

        @Override
        public RunSpec run() {
            return spec;
        }

        @Override
        public long step() {
            return state.step();
        }

        @Override
        public float[] theta() {
            return state.theta();
        }

        @Override
        public Network network() {
            return network;
        }

        @Override
        public Network preciseNetwork() {
            if (precise == null) {
                precise = network.openTwinInFloat64();
            }
            return precise;
        }

        @Override
        public FrozenStep nextStep() {
            Training training = spec.training();
            double factor = training.schedule().factor(state.step(), training.steps());
            return new FrozenStep(training.optimizer(), state.optimizer(), factor);
        }

        @Override
        public double trainingLoss() {
            return latest.loss();
        }

        @Override
        public double gradientNorm() {
            return latest.gradientNorm();
        }

        @Override
        public Trajectory trajectory(SnapshotPlan plan) {
            return opened.computeIfAbsent(plan, p -> Snapshots.upTo(state.step(), spec, p, writer::file));
        }

        @Override
        public void close() {
            opened.values().forEach(StoredTrajectory::close);
            if (precise != null) {
                precise.close();
            }
        }
    }
}
