package holonomy.run;

import holonomy.data.SafeTensorsFile;
import holonomy.data.Table;
import holonomy.measure.Measure;
import holonomy.measure.Measures;
import holonomy.model.Block;
import holonomy.model.ComputeDevice;
import holonomy.model.Layout;
import holonomy.model.Network;
import holonomy.store.MeasureFile;
import holonomy.store.Provenance;
import holonomy.store.Snapshots;
import holonomy.store.Store;
import holonomy.store.StoredRun;
import holonomy.train.Observer;
import holonomy.train.RunSpec;
import holonomy.train.Trainer;
import holonomy.train.TrainingState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The first steps of a finished run trained again and compared with what is stored: weights with the snapshots, bit by bit, and rows with the tables of measures that
 * need no snapshots. Nothing is changed.
 */
public final class Replay {
    private static final long LEAST = 20;

    /**
     * What a replay found.
     *
     * @param steps steps taken
     * @param compared what was compared, one line each
     * @param problems what differs, one line each, the first difference of each kind only
     * @param otherProducts says so if the run was made with other matrix products than this process's: then a difference is no fault
     */
    public record Result(long steps, List<String> compared, List<String> problems, Optional<String> otherProducts) {
        /** Whether the run can't be what it says it is. */
        public boolean isFaulty() {
            return !problems.isEmpty() && otherProducts.isEmpty();
        }
    }

    private final StoredRun run;
    private final RunSpec spec;
    private final Map<Measure, Table> tables = new LinkedHashMap<>();
    private final List<String> problems = new ArrayList<>();
    private int snapshots;
    private int rows;

    private Replay(StoredRun run) {
        this.run = run;
        spec = RunSpec.fromSpec(run.spec());
        for (String file : run.files().keySet()) {
            if (file.startsWith("metrics/") && file.endsWith(".parquet") && run.has(MeasureFile.spec(file))) {
                Measures.fromSpec(run.json(MeasureFile.spec(file)))
                        .filter(measure ->
                                measure.needs().isEmpty() && run.table(file).has("step"))
                        .ifPresent(measure -> tables.put(measure, run.table(file)));
            }
        }
    }

    /** Steps that reach a second snapshot, at least 20 and at most the whole run. */
    public static long enough(StoredRun run) {
        long last = run.summary().path("step").longValue();
        long second = run.files().keySet().stream()
                .mapToLong(Snapshots::stepOf)
                .filter(step -> step > 0)
                .min()
                .orElse(LEAST);
        return Math.min(last, Math.max(LEAST, second));
    }

    /**
     * Trains the first steps again and compares.
     *
     * @param store where directions of interventions and the state that a fork starts from are
     */
    public static Result of(StoredRun run, ComputeDevice device, long steps, Store store) {
        Replay replay = new Replay(run);
        long last = Math.min(steps, run.summary().path("step").longValue());
        try (Network network = replay.spec.model().open(device)) {
            TrainingState state = Forks.start(store, replay.spec);
            Observer compare = (now, latest) -> replay.compare(now, latest, network);
            new Trainer(replay.spec, network, new StoredBases(store))
                    .train(state, List.of(compare), () -> state.step() >= last);
            return replay.result(state, device);
        }
    }

    private Result result(TrainingState state, ComputeDevice device) {
        List<String> compared = new ArrayList<>();
        compared.add(snapshots + " snapshots");
        tables.keySet().forEach(measure -> compared.add("table " + measure.name()));
        compared.add(rows + " rows");
        if (state.step() == run.summary().path("step").longValue()) {
            compared.add("the weights at the end");
            if (!Execution.hash(state.theta())
                    .equals(run.summary().path("theta").asText())) {
                problems.add("step " + state.step() + ": the weights at the end differ");
            }
        }
        return new Result(state.step(), compared, problems, Provenance.otherProducts(run, device));
    }

    private void compare(TrainingState state, Observer.Step latest, Network network) {
        if (!problems.isEmpty()) {
            return; // what follows the first difference differs too
        }
        for (String file : run.files().keySet()) {
            if (Snapshots.stepOf(file) == state.step()) {
                snapshots++;
                compareSnapshot(file, state.theta());
            }
        }
        tables.forEach((measure, table) -> {
            if (measure.cadence().due(state.step(), spec.training().steps())) {
                compareRows(measure, table, state, latest, network);
            }
        });
    }

    private void compareSnapshot(String file, float[] theta) {
        Layout layout = spec.model().layout();
        try (SafeTensorsFile tensors = run.tensors(file)) {
            for (Block block : layout.blocks()) {
                if (tensors.names().contains(block.name()) && differs(tensors, block, theta)) {
                    problems.add("step " + Snapshots.stepOf(file) + ": " + block.name() + " differs from " + file);
                    return;
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean differs(SafeTensorsFile tensors, Block block, float[] theta) throws IOException {
        float[] stored = new float[block.size()];
        tensors.read(block.name(), 0, stored, stored.length);
        for (int i = 0; i < stored.length; i++) {
            if (Float.floatToRawIntBits(stored[i]) != Float.floatToRawIntBits(theta[block.offset() + i])) {
                return true;
            }
        }
        return false;
    }

    private void compareRows(Measure measure, Table table, TrainingState state, Observer.Step latest, Network network) {
        Table.Builder builder = Table.builder(measure.columns(spec));
        try (OpenMoment moment = new OpenMoment(spec, network, state, latest, run::verified, () -> {})) {
            measure.measure(moment, builder);
        }
        Table made = builder.build();
        rows += made.size();
        Table stored = table.where(row -> row.number("step") == state.step());
        if (!made.equals(stored)) {
            problems.add(
                    "step " + state.step() + ": rows of " + measure.file() + " differ: " + difference(stored, made));
        }
    }

    /** The first cell that differs. */
    private static String difference(Table stored, Table made) {
        if (stored.size() != made.size()) {
            return stored.size() + " rows stored, " + made.size() + " now";
        }
        for (int row = 0; row < made.size(); row++) {
            for (Table.Column column : made.columns()) {
                Object before = stored.value(row, column.name());
                Object now = made.value(row, column.name());
                if (!Objects.equals(before, now)) {
                    return column.name() + " " + before + " stored, " + now + " now";
                }
            }
        }
        return "columns " + stored.columns() + " stored, " + made.columns() + " now";
    }
}
