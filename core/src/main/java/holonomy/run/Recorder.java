package holonomy.run;

import holonomy.data.Table;
import holonomy.measure.Measure;
import holonomy.measure.SnapshotPlan;
import holonomy.model.Layout;
import holonomy.model.Network;
import holonomy.model.Weights;
import holonomy.store.RunWriter;
import holonomy.store.Snapshots;
import holonomy.store.WeightsFile;
import holonomy.train.Observer;
import holonomy.train.RunSpec;
import holonomy.train.TrainingState;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * Records one training into its run directory: snapshots first, then the measures that are due. A measure's rows of one moment are taken
 * over together or not at all.
 */
final class Recorder implements Observer {
    private final RunSpec spec;
    private final Network network;
    private final RunWriter writer;
    private final Collection<SnapshotPlan> snapshots;
    private final Collection<Long> states;
    private final BooleanSupplier stop;
    private final Map<Measure, Table.Builder> tables = new LinkedHashMap<>();
    private List<Measure> pending = List.of();
    private Step latest = Step.NONE;

    /**
     * @param snapshots plans whose files are still to be written
     * @param states steps whose whole state is still to be kept
     * @param measures measures whose tables are still to be filled
     * @param stop asked while something is measured; once true the measurement is dropped ({@link MeasurementDropped})
     */
    Recorder(
            RunSpec spec,
            Network network,
            RunWriter writer,
            Collection<SnapshotPlan> snapshots,
            Collection<Long> states,
            Collection<Measure> measures,
            BooleanSupplier stop) {
        this.spec = spec;
        this.network = network;
        this.writer = writer;
        this.snapshots = snapshots;
        this.states = states;
        this.stop = stop;
        measures.forEach(measure -> tables.put(measure, Table.builder(measure.columns(spec))));
    }

    /** The tables as filled so far. */
    Map<Measure, Table> tables() {
        Map<Measure, Table> result = new LinkedHashMap<>();
        tables.forEach((measure, builder) -> result.put(measure, builder.build()));
        return result;
    }

    /** Measures that were due at the latest moment and have not been measured: one was dropped. */
    List<Measure> pending() {
        return pending;
    }

    /** What the latest step saw. */
    Step latest() {
        return latest;
    }

    /** Takes over rows recorded before an interruption. */
    void restore(Measure measure, Table rows) {
        tables.put(measure, Table.builder(measure.columns(spec)).rows(rows));
    }

    @Override
    public void observe(TrainingState state, Step step) {
        long steps = spec.training().steps();
        latest = step;
        for (SnapshotPlan plan : snapshots) {
            if (plan.cadence().due(state.step(), steps)) {
                keep(plan, state);
            }
        }
        if (states.contains(state.step()) && state.step() < steps) {
            WeightsFile.write(writer, WeightsFile.at(state.step()), state);
        }
        measure(
                tables.keySet().stream()
                        .filter(measure -> measure.cadence().due(state.step(), steps))
                        .toList(),
                state,
                step);
    }

    /** Fills the tables that follow from the snapshots, at a state that is the training's end: it diverged, or is only looked at again. */
    void observeEnd(TrainingState state) {
        measure(tables.keySet().stream().filter(Measure::snapshotsOnly).toList(), state, Step.NONE);
    }

    /** Measures some of the measures at a moment; those not done when one is dropped are {@link #pending}. */
    void measure(List<Measure> due, TrainingState state, Step step) {
        latest = step;
        for (int i = 0; i < due.size(); i++) {
            pending = due.subList(i, due.size());
            Measure measure = due.get(i);
            Table.Builder rows = Table.builder(measure.columns(spec), this::ask);
            try (OpenMoment moment = new OpenMoment(spec, network, state, step, writer::verified, this::ask)) {
                measure.measure(moment, rows);
            }
            tables.get(measure).rows(rows.build());
        }
        pending = List.of();
    }

    private void ask() {
        if (stop.getAsBoolean()) {
            throw new MeasurementDropped();
        }
    }

    private void keep(SnapshotPlan plan, TrainingState state) {
        Layout layout = spec.model().layout();
        writer.putTensors(
                Snapshots.name(plan, state.step()),
                new Weights(layout, state.theta()).tensors(layout.group(plan.group())),
                Map.of("step", Long.toString(state.step())));
    }
}
