package holonomy.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Parquet;
import holonomy.data.Table;
import holonomy.measure.Measure;
import holonomy.measure.SnapshotPlan;
import holonomy.model.ComputeDevice;
import holonomy.store.CurrentCheckpoint;
import holonomy.store.Damage;
import holonomy.store.Provenance;
import holonomy.store.RunFolder;
import holonomy.store.RunWriter;
import holonomy.store.Seal;
import holonomy.store.Snapshots;
import holonomy.store.Store;
import holonomy.store.StoredFile;
import holonomy.store.WeightsFile;
import holonomy.train.Observer;
import holonomy.train.TrainingState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What an interrupted run goes on from: theta, the optimiser's state, the step, the rows measured so far, and which measures of that very
 * moment are still to be measured.
 *
 * <p>The files of a checkpoint lie in a folder named after its step; {@code checkpoint/current.json} is replaced last, in one rename, so that at every moment it
 * names a whole checkpoint. It holds length and SHA-256 of every file that the run goes on from, the snapshots included, and is sealed itself.
 */
final class Checkpoint {
    private static final String CURRENT = CurrentCheckpoint.FILE;

    private Checkpoint() {}

    /**
     * What a checkpoint holds.
     *
     * @param latest what the latest step saw
     * @param tables rows measured so far
     * @param pending measures due at this moment and not yet measured
     * @param seconds training time so far
     */
    record Restored(
            TrainingState state,
            Observer.Step latest,
            Map<Measure, Table> tables,
            List<Measure> pending,
            double seconds) {}

    /**
     * Writes a checkpoint and removes the one before.
     *
     * @param products what its bytes depend on ({@link Provenance#products})
     */
    static void write(RunWriter writer, Restored now, ObjectNode products) {
        String folder = folder(now.state.step());
        Optional<String> before = before(writer);
        WeightsFile.write(writer, folder + "/state.safetensors", now.state);
        now.tables.forEach((measure, table) -> writer.putTable(rows(folder, measure), table));
        ObjectNode pointer = pointer(writer, now, folder);
        pointer.set(Provenance.PRODUCTS, products);
        writer.putLast(CURRENT, Seal.sealed(pointer));
        before.filter(old -> !old.equals(folder)).ifPresent(old -> deleteFolder(writer, old));
    }

    private static ObjectNode pointer(RunWriter writer, Restored now, String folder) {
        ObjectNode pointer = JsonNodeFactory.instance.objectNode().put("step", now.state.step());
        pointer.put("seconds", now.seconds);
        if (now.state.step() > 0) {
            pointer.put("loss", now.latest.loss()).put("gradientNorm", now.latest.gradientNorm());
        }
        now.tables.keySet().forEach(measure -> pointer.withArray("measures").add(measure.file()));
        now.pending.forEach(measure -> pointer.withArray("pending").add(measure.file()));
        ObjectNode files = pointer.putObject("files");
        for (String path : writer.files().keySet()) {
            if (path.startsWith(folder + "/") || !path.startsWith(RunFolder.CHECKPOINT) && !path.equals(Store.SPEC)) {
                writer.stored(path).putInto(files, path);
            }
        }
        return pointer;
    }

    /**
     * The latest checkpoint, if there is one that a request can go on from: it holds what the request's measures and snapshots would have
     * recorded so far, and the products are those of this process.
     *
     * @throws Damage if a file is not what it was when the checkpoint was written
     */
    static Optional<Restored> read(RunWriter writer, RunRequest request, ComputeDevice device) throws Damage {
        Optional<ObjectNode> pointer = current(writer.file(CURRENT));
        if (pointer.isEmpty()) {
            return Optional.empty();
        }
        long step = pointer.get().get("step").longValue();
        if (step > request.spec().training().steps()) {
            throw new Damage(
                    CURRENT,
                    "expected a step up to " + request.spec().training().steps() + ", found " + step);
        }
        verify(writer, pointer.get());
        boolean same = Provenance.otherProducts(pointer.get().path(Provenance.PRODUCTS), device)
                .isEmpty();
        return same && holds(pointer.get(), request)
                ? Optional.of(restored(writer, pointer.get(), request))
                : Optional.empty();
    }

    private static Restored restored(RunWriter writer, JsonNode pointer, RunRequest request) throws Damage {
        String folder = folderOf(pointer);
        long step = pointer.get("step").longValue();
        TrainingState state =
                WeightsFile.read(listed(writer, pointer, folder + "/state.safetensors"), request.spec(), step);
        List<String> pending = names(pointer, "pending");
        Map<Measure, Table> tables = new LinkedHashMap<>();
        for (Measure measure : request.measures()) {
            if (names(pointer, "measures").contains(measure.file())) {
                tables.put(measure, table(listed(writer, pointer, rows(folder, measure))));
            }
        }
        Observer.Step latest = new Observer.Step(
                pointer.path("loss").asDouble(Double.NaN),
                pointer.path("gradientNorm").asDouble(Double.NaN));
        List<Measure> left = request.measures().stream()
                .filter(measure -> pending.contains(measure.file()))
                .toList();
        return new Restored(state, latest, tables, left, pointer.path("seconds").doubleValue());
    }

    private static Path listed(RunWriter writer, JsonNode pointer, String path) throws Damage {
        if (!pointer.path("files").has(path)) {
            throw new Damage(CURRENT, "expected " + path + " among 'files', found none");
        }
        return writer.verified(path);
    }

    /** Whether everything that the request wants recorded up to the checkpoint is there. */
    private static boolean holds(JsonNode pointer, RunRequest request) {
        long steps = request.spec().training().steps();
        long step = pointer.get("step").longValue();
        List<String> measured = names(pointer, "measures");
        for (Measure measure : request.measures()) {
            if (!measured.contains(measure.file()) && isDueUpTo(measure, step, steps)) {
                return false;
            }
        }
        for (SnapshotPlan plan : request.snapshots()) {
            for (long taken : Snapshots.steps(plan, steps, step)) {
                if (!pointer.path("files").has(Snapshots.name(plan, taken))) {
                    return false;
                }
            }
        }
        return request.states().stream()
                .allMatch(kept -> kept > step || pointer.path("files").has(WeightsFile.at(kept)));
    }

    private static boolean isDueUpTo(Measure measure, long last, long steps) {
        for (long step = 0; step <= last; step++) {
            if (measure.cadence().due(step, steps)) {
                return true;
            }
        }
        return false;
    }

    private static void verify(RunWriter writer, JsonNode pointer) throws Damage {
        List<String> problems = new ArrayList<>();
        for (Map.Entry<String, JsonNode> entry : pointer.path("files").properties()) {
            StoredFile expected = StoredFile.of(CURRENT, entry.getKey(), entry.getValue());
            String problem = writer.trust(entry.getKey(), expected);
            if (!problem.isEmpty()) {
                problems.add(entry.getKey() + ": " + problem);
            }
        }
        if (!problems.isEmpty()) {
            throw new Damage(problems);
        }
    }

    /** The folder of the checkpoint before, to be removed; one that cannot be found goes when the run is complete. */
    private static Optional<String> before(RunWriter writer) {
        try {
            return current(writer.file(CURRENT)).map(Checkpoint::folderOf);
        } catch (Damage damage) {
            return Optional.empty();
        }
    }

    private static void deleteFolder(RunWriter writer, String folder) {
        List.copyOf(writer.files().keySet()).stream()
                .filter(file -> file.startsWith(folder + "/"))
                .forEach(writer::delete);
    }

    private static Table table(Path file) {
        try {
            return Parquet.read(file);
        } catch (IOException failure) {
            throw new UncheckedIOException("checkpoint " + file, failure);
        }
    }

    private static Optional<ObjectNode> current(Path file) throws Damage {
        try {
            return CurrentCheckpoint.read(file);
        } catch (IOException failure) {
            throw new UncheckedIOException("checkpoint " + file, failure);
        }
    }

    private static List<String> names(JsonNode pointer, String list) {
        List<String> names = new ArrayList<>();
        pointer.path(list).forEach(name -> names.add(name.asText()));
        return names;
    }

    private static String folder(long step) {
        return RunFolder.CHECKPOINT + step;
    }

    private static String folderOf(JsonNode pointer) {
        return folder(pointer.get("step").longValue());
    }

    private static String rows(String folder, Measure measure) {
        return folder + "/" + measure.file().substring("metrics/".length());
    }
}
