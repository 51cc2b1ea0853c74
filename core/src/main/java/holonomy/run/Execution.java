package holonomy.run;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Sha256;
import holonomy.data.Table;
import holonomy.measure.Measure;
import holonomy.measure.SnapshotPlan;
import holonomy.model.ComputeDevice;
import holonomy.model.Network;
import holonomy.train.RunSpec;
import holonomy.train.Trainer;
import holonomy.train.TrainingState;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;

/** Brings one run directory to what a request wants: trains, continues, or only adds what is missing. */
final class Execution {
    private final RunRequest request;
    private final RunWriter writer;
    private final Optional<StoredRun> stored;
    private final ComputeDevice device;
    private final long checkpointNanos;

    /**
     * @param stored the run as it is, if it is finished and only lacks something
     * @param checkpointNanos time between checkpoints
     */
    Execution(
            RunRequest request,
            RunWriter writer,
            Optional<StoredRun> stored,
            ComputeDevice device,
            long checkpointNanos) {
        this.request = request;
        this.writer = writer;
        this.stored = stored;
        this.device = device;
        this.checkpointNanos = checkpointNanos;
    }

    /** What a finished run lacks of a request; empty when nothing. */
    static boolean lacksNothing(RunRequest request, StoredRun run) {
        return missingMeasures(request, run).isEmpty()
                && request.snapshots().stream().allMatch(plan -> hasSnapshots(request.spec(), plan, run));
    }

    private static List<Measure> missingMeasures(RunRequest request, StoredRun run) {
        return request.measures().stream()
                .filter(measure -> !run.has(measure.file()))
                .toList();
    }

    private static boolean hasSnapshots(RunSpec spec, SnapshotPlan plan, StoredRun run) {
        long last = run.summary().path("step").longValue();
        for (long step : Snapshots.steps(plan, spec.training().steps(), last)) {
            if (!run.has(Snapshots.name(plan, step))) {
                return false;
            }
        }
        return true;
    }

    /** Trains or completes; the run directory is finished afterwards unless the outcome is INTERRUPTED. */
    Progress.Outcome run(Progress progress, int worker, BooleanSupplier stop) {
        RunSpec spec = request.spec();
        long begun = System.nanoTime();
        List<Measure> measures =
                stored.map(run -> missingMeasures(request, run)).orElse(request.measures());
        List<SnapshotPlan> snapshots = stored.map(run -> request.snapshots().stream()
                        .filter(plan -> !hasSnapshots(spec, plan, run))
                        .toList())
                .orElse(List.copyOf(request.snapshots()));
        try (Network network = Network.open(spec.model(), device)) {
            if (stored.isPresent() && snapshots.isEmpty() && measures.stream().allMatch(Measure::snapshotsOnly)) {
                return addFromSnapshots(network, measures);
            }
            return train(network, snapshots, measures, progress, worker, stop, begun);
        }
    }

    /** Fills tables that need nothing but the stored snapshots. */
    private Progress.Outcome addFromSnapshots(Network network, List<Measure> measures) {
        RunSpec spec = request.spec();
        TrainingState end = TrainingState.initial(spec);
        end.optimizer().restoreSteps(stored.orElseThrow().summary().path("step").longValue());
        Recorder recorder = new Recorder(spec, network, writer, Set.of(), measures);
        recorder.observeEnd(end);
        finish(recorder.tables(), (ObjectNode) stored.orElseThrow().summary());
        return Progress.Outcome.COMPLETE;
    }

    private Progress.Outcome train(
            Network network,
            List<SnapshotPlan> snapshots,
            List<Measure> measures,
            Progress progress,
            int worker,
            BooleanSupplier stop,
            long begun) {
        RunSpec spec = request.spec();
        Recorder recorder = new Recorder(spec, network, writer, snapshots, measures);
        TrainingState state = TrainingState.initial(spec);
        Optional<Checkpoint.Restored> restored =
                stored.isPresent() ? Optional.empty() : Checkpoint.read(writer, spec, measures);
        if (restored.isPresent()) {
            state = restored.get().state();
            restored.get().tables().forEach(recorder::restore);
        }
        progress.started(
                request.id(),
                request.label(),
                worker,
                state.step(),
                spec.training().steps());
        Trainer.Ending ending = new Trainer(spec, network)
                .train(
                        state,
                        List.of(recorder, report(progress), checkpoints(recorder)),
                        () -> stop.getAsBoolean() || Thread.currentThread().isInterrupted());
        if (ending == Trainer.Ending.STOPPED) {
            if (stored.isEmpty()) {
                Checkpoint.write(writer, state, recorder.tables());
            }
            return Progress.Outcome.INTERRUPTED;
        }
        if (ending == Trainer.Ending.DIVERGED) {
            recorder.observeEnd(state);
        }
        ObjectNode summary = summary(ending, state, begun);
        checkReplay(summary);
        if (stored.isEmpty()) {
            Checkpoint.writeFinal(writer, state);
        }
        finish(recorder.tables(), summary);
        return ending == Trainer.Ending.DIVERGED ? Progress.Outcome.DIVERGED : Progress.Outcome.COMPLETE;
    }

    private holonomy.train.Observer report(Progress progress) {
        return (state, latest) -> progress.advanced(request.id(), state.step(), latest.loss());
    }

    private holonomy.train.Observer checkpoints(Recorder recorder) {
        long[] last = {System.nanoTime()};
        return (state, latest) -> {
            long now = System.nanoTime();
            if (stored.isEmpty() && now - last[0] >= checkpointNanos) {
                Checkpoint.write(writer, state, recorder.tables());
                last[0] = System.nanoTime();
            }
        };
    }

    private ObjectNode summary(Trainer.Ending ending, TrainingState state, long begun) {
        ObjectNode summary = JsonNodeFactory.instance.objectNode();
        summary.put("state", ending == Trainer.Ending.DIVERGED ? "diverged" : "complete");
        summary.put("step", state.step()).put("theta", hash(state.theta()));
        summary.put("device", device.name());
        return summary.put("seconds", (System.nanoTime() - begun) / 1_000_000 / 1000.0);
    }

    /** A replay must end where the stored run ended. */
    private void checkReplay(ObjectNode summary) {
        stored.ifPresent(run -> {
            String before = run.summary().path("theta").textValue();
            String now = summary.get("theta").textValue();
            if (!now.equals(before)) {
                throw new IllegalStateException(
                        "replay of " + request.label() + " ended in other weights (SHA-256 " + now
                                + ") than the stored run (" + before
                                + "): the machine, the engine or the code differs. Use --fresh to train it again here.");
            }
            summary.set("seconds", run.summary().get("seconds"));
        });
    }

    private void finish(Map<Measure, Table> tables, ObjectNode summary) {
        List<String> names = new ArrayList<>();
        tables.forEach((measure, table) -> {
            writer.putTable(measure.file(), table);
            measure.summary(table).forEach(summary::put);
            names.add(measure.file());
        });
        if (!writer.exists("provenance.json")) {
            writer.putJson("provenance.json", Provenance.collect(sources()));
        }
        summary.put("label", request.label());
        writer.complete(summary);
    }

    /** The checkout that the program was started from, if it was. */
    static Path sources() {
        return Path.of(System.getProperty("holonomy.root", ""));
    }

    /** SHA-256 of the weights' bytes, little-endian. */
    static String hash(float[] theta) {
        ByteBuffer bytes = ByteBuffer.allocate(theta.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(theta);
        return Sha256.of(bytes.array());
    }
}
