package holonomy.run;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Sha256;
import holonomy.data.Table;
import holonomy.data.UserError;
import holonomy.measure.Measure;
import holonomy.measure.SnapshotPlan;
import holonomy.model.ComputeDevice;
import holonomy.model.Network;
import holonomy.store.Damage;
import holonomy.store.MeasureFile;
import holonomy.store.Provenance;
import holonomy.store.RunWriter;
import holonomy.store.Snapshots;
import holonomy.store.Store;
import holonomy.store.StoredRun;
import holonomy.store.WeightsFile;
import holonomy.train.Observer;
import holonomy.train.RunSpec;
import holonomy.train.Trainer;
import holonomy.train.TrainingState;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Brings one run directory to what a request wants: trains, continues, or only adds what is missing. */
final class Execution {
    private final RunRequest request;
    private final RunWriter writer;
    private final Optional<StoredRun> stored;
    private final ComputeDevice device;
    private final long checkpointNanos;
    private final Supplier<Optional<Extension>> shorter;
    private final Store store;

    /**
     * @param stored the run as it is, if it is finished and only lacks something
     * @param shorter finds a shorter run to go on from; asked when there is no checkpoint
     * @param checkpointNanos time between checkpoints
     * @param store where directions of interventions and the states that forks start from are
     */
    Execution(
            RunRequest request,
            RunWriter writer,
            Optional<StoredRun> stored,
            ComputeDevice device,
            long checkpointNanos,
            Supplier<Optional<Extension>> shorter,
            Store store) {
        this.store = store;
        this.shorter = shorter;
        this.request = request;
        this.writer = writer;
        this.stored = stored;
        this.device = device;
        this.checkpointNanos = checkpointNanos;
    }

    /** Whether a finished run has everything that a request wants recorded. */
    static boolean lacksNothing(RunRequest request, StoredRun run) {
        return missingMeasures(request, run).isEmpty()
                && missingSnapshots(request, run).isEmpty()
                && missingStates(request, run).isEmpty();
    }

    /** What it takes to complete a finished run. */
    enum Lacking {
        NOTHING,
        ROWS,
        TRAINING
    }

    /** What a finished run lacks of a request. */
    static Lacking lacking(RunRequest request, StoredRun run) {
        if (lacksNothing(request, run)) {
            return Lacking.NOTHING;
        }
        boolean trains = !missingMeasures(request, run).stream().allMatch(Measure::snapshotsOnly)
                || !missingSnapshots(request, run).isEmpty()
                || !missingStates(request, run).isEmpty();
        return trains ? Lacking.TRAINING : Lacking.ROWS;
    }

    private static List<Measure> missingMeasures(RunRequest request, StoredRun run) {
        return request.measures().stream()
                .filter(measure -> !run.has(measure.file()))
                .toList();
    }

    private static List<SnapshotPlan> missingSnapshots(RunRequest request, StoredRun run) {
        return request.snapshots().stream()
                .filter(plan -> !hasSnapshots(request.spec(), plan, run))
                .toList();
    }

    /** The steps, reached by the run, whose state is wanted and not there; that at its end always is. */
    private static List<Long> missingStates(RunRequest request, StoredRun run) {
        long last = run.summary().path("step").longValue();
        return request.states().stream()
                .filter(step -> step < last && !run.has(WeightsFile.at(step)))
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

    /**
     * Trains or completes; the run directory is finished afterwards unless the outcome is INTERRUPTED.
     *
     * @throws Damage if the run cannot go on from its checkpoint, because files have been altered
     */
    Progress.Outcome run(Progress progress, int worker, BooleanSupplier stopping) throws Damage {
        writer.syncLater();
        RunSpec spec = request.spec();
        BooleanSupplier stop = () -> {
            writer.checkHeld();
            return stopping.getAsBoolean() || Thread.currentThread().isInterrupted();
        };
        List<Measure> measures =
                stored.map(run -> missingMeasures(request, run)).orElse(request.measures());
        List<SnapshotPlan> snapshots =
                stored.map(run -> missingSnapshots(request, run)).orElse(List.copyOf(request.snapshots()));
        List<Long> states = stored.map(run -> missingStates(request, run)).orElse(List.copyOf(request.states()));
        try (Network network = spec.model().open(device)) {
            Recorder recorder = new Recorder(spec, network, writer, snapshots, states, measures, stop);
            if (stored.isPresent()
                    && snapshots.isEmpty()
                    && states.isEmpty()
                    && measures.stream().allMatch(Measure::snapshotsOnly)) {
                return addFromSnapshots(recorder);
            }
            stored.ifPresent(this::checkProducts);
            return train(network, recorder, start(recorder), progress, worker, stop);
        }
    }

    /** Fills tables that need nothing but the stored snapshots. */
    private Progress.Outcome addFromSnapshots(Recorder recorder) {
        TrainingState end = TrainingState.initial(request.spec());
        end.restoreStep(stored.orElseThrow().summary().path("step").longValue());
        try {
            recorder.observeEnd(end);
        } catch (MeasurementDropped dropped) {
            return Progress.Outcome.INTERRUPTED;
        }
        finish(recorder.tables(), (ObjectNode) stored.orElseThrow().summary());
        return Progress.Outcome.COMPLETE;
    }

    /** Where the training begins: at its checkpoint, at the end of a shorter run, or at the initial values. */
    private Checkpoint.Restored start(Recorder recorder) throws Damage {
        Optional<Checkpoint.Restored> there = Optional.empty();
        if (stored.isEmpty()) {
            there = Checkpoint.read(writer, request, device);
            if (there.isEmpty()) {
                there = shorter.get()
                        .filter(extension -> extension.madeAsOn(device))
                        .map(extension -> extension.start(writer));
            }
        }
        there.ifPresent(restored -> restored.tables().forEach(recorder::restore));
        return there.orElseGet(() -> new Checkpoint.Restored(
                Forks.start(store, request.spec()), Observer.Step.NONE, Map.of(), List.of(), 0));
    }

    private Progress.Outcome train(
            Network network,
            Recorder recorder,
            Checkpoint.Restored start,
            Progress progress,
            int worker,
            BooleanSupplier stop) {
        RunSpec spec = request.spec();
        TrainingState state = start.state();
        Clock clock = new Clock(start.seconds());
        long steps = spec.training().steps();
        progress.started(request.id(), request.label(), worker, state.step(), steps);
        Trainer.Ending ending;
        try {
            recorder.measure(start.pending(), state, start.latest());
            List<Observer> observers = List.of(recorder, report(progress), checkpoints(recorder, clock));
            ending = new Trainer(spec, network, new StoredBases(store)).train(state, observers, stop);
        } catch (MeasurementDropped dropped) {
            return stopped(recorder, recorder.pending(), state, clock);
        }
        if (ending == Trainer.Ending.STOPPED) {
            return stopped(recorder, List.of(), state, clock);
        }
        if (ending == Trainer.Ending.DIVERGED || state.step() < steps) {
            try {
                recorder.observeEnd(state);
            } catch (MeasurementDropped dropped) {
                return stopped(recorder, List.of(), state, clock); // the step that diverges will be tried again
            }
        }
        ObjectNode summary = summary(ending, state, clock.seconds());
        checkReplay(summary);
        if (stored.isEmpty()) {
            WeightsFile.write(writer, WeightsFile.FINAL, state);
        }
        finish(recorder.tables(), summary);
        return ending == Trainer.Ending.DIVERGED ? Progress.Outcome.DIVERGED : Progress.Outcome.COMPLETE;
    }

    /** Keeps what is needed to go on; a stop before the first step keeps nothing: there the initial values are measured again. */
    private Progress.Outcome stopped(Recorder recorder, List<Measure> pending, TrainingState state, Clock clock) {
        if (stored.isEmpty() && state.step() > 0) {
            checkpoint(recorder, pending, state, clock);
        }
        return Progress.Outcome.INTERRUPTED;
    }

    private void checkpoint(Recorder recorder, List<Measure> pending, TrainingState state, Clock clock) {
        Checkpoint.write(
                writer,
                new Checkpoint.Restored(state, recorder.latest(), recorder.tables(), pending, clock.seconds()),
                Provenance.products(device));
    }

    /** Training time: what was spent before an interruption, and since this process began. */
    private static final class Clock {
        private final double before;
        private final long begun = System.nanoTime();

        Clock(double before) {
            this.before = before;
        }

        double seconds() {
            return before + (System.nanoTime() - begun) / 1_000_000 / 1000.0;
        }
    }

    private Observer report(Progress progress) {
        return (state, latest) -> progress.advanced(request.id(), state.step(), latest.loss());
    }

    private Observer checkpoints(Recorder recorder, Clock clock) {
        long[] last = {System.nanoTime()};
        return (state, latest) -> {
            long now = System.nanoTime();
            boolean between =
                    state.step() > 0 && state.step() < request.spec().training().steps();
            if (stored.isEmpty() && between && now - last[0] >= checkpointNanos) {
                checkpoint(recorder, List.of(), state, clock);
                last[0] = System.nanoTime();
            }
        };
    }

    private ObjectNode summary(Trainer.Ending ending, TrainingState state, double seconds) {
        ObjectNode summary = JsonNodeFactory.instance.objectNode();
        summary.put("state", ending == Trainer.Ending.DIVERGED ? "diverged" : "complete");
        summary.put("step", state.step()).put("theta", hash(state.theta()));
        summary.put("device", device.name()).put("seconds", seconds);
        summary.put("seed", request.spec().initSeed()).put("work", Work.of(request.spec()));
        return summary.put("family", Extension.family(request.spec()));
    }

    /** A replay can't end in the stored weights where products round differently. */
    private void checkProducts(StoredRun run) {
        Provenance.otherProducts(run, device).ifPresent(other -> {
            throw new UserError(request.label() + " lacks something that only training it again can give, but it was "
                    + other + ", and there the last digits come out differently. Ask for it on such a machine, or train"
                    + " it anew here: --fresh");
        });
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
        stored.ifPresent(run -> run.summary().properties().forEach(entry -> {
            if (!summary.has(entry.getKey())) {
                summary.set(entry.getKey(), entry.getValue());
            }
        }));
        tables.forEach((measure, table) -> {
            writer.putJson(MeasureFile.spec(measure.file()), measure.spec());
            writer.putTable(measure.file(), table);
            measure.summary(table).forEach(summary::put);
        });
        if (stored.isEmpty() || !writer.exists(Provenance.FILE)) {
            ObjectNode provenance = Provenance.collect(sources());
            if (stored.isEmpty()) {
                provenance.set(Provenance.PRODUCTS, Provenance.products(device));
            }
            writer.putJson(Provenance.FILE, provenance);
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
