package holonomy.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Parquet;
import holonomy.data.SafeTensors;
import holonomy.data.Table;
import holonomy.data.Tensor;
import holonomy.measure.Measure;
import holonomy.train.RunSpec;
import holonomy.train.TrainingState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What an interrupted run goes on from: theta, the optimiser's state, the step, and the rows measured so far.
 *
 * <p>The files of a checkpoint lie in a folder named after its step; {@code checkpoint/current.json} is replaced last, in one rename, so that at every moment it
 * names a whole checkpoint.
 */
final class Checkpoint {
    private static final String CURRENT = "checkpoint/current.json";
    private static final String FINAL = "weights/final.safetensors";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String THETA = "theta";
    private static final String OPTIMIZER = "optimizer.";

    private Checkpoint() {}

    /** Writes a checkpoint and removes the one before. */
    static void write(RunWriter writer, TrainingState state, Map<Measure, Table> tables) {
        String folder = folder(state.step());
        writer.putTensors(folder + "/state.safetensors", tensors(state), Map.of("step", Long.toString(state.step())));
        tables.forEach((measure, table) -> writer.putTable(rows(folder, measure), table));
        Optional<String> before = current(writer).map(Checkpoint::folderOf);
        ObjectNode pointer = JsonNodeFactory.instance.objectNode().put("step", state.step());
        tables.keySet().forEach(measure -> pointer.withArray("measures").add(measure.file()));
        writer.putJson(CURRENT, pointer);
        before.filter(old -> !old.equals(folder)).ifPresent(old -> deleteFolder(writer, old));
    }

    /** A restored state and the rows measured before it, by measure. */
    record Restored(TrainingState state, Map<Measure, Table> tables) {}

    /** The latest checkpoint, if there is one that holds the rows of all these measures. */
    static Optional<Restored> read(RunWriter writer, RunSpec spec, Collection<Measure> measures) {
        Optional<JsonNode> pointer = current(writer);
        if (pointer.isEmpty() || !holds(pointer.get(), measures)) {
            return Optional.empty();
        }
        String folder = folderOf(pointer.get());
        long step = pointer.get().get("step").longValue();
        SortedMap<String, Tensor> saved = tensors(writer.file(folder + "/state.safetensors"));
        TrainingState state = TrainingState.initial(spec);
        float[] theta = ((Tensor.F32) saved.get(THETA)).values();
        System.arraycopy(theta, 0, state.theta(), 0, theta.length);
        Map<String, float[]> arrays = new HashMap<>();
        saved.forEach((name, tensor) -> {
            if (name.startsWith(OPTIMIZER)) {
                arrays.put(name.substring(OPTIMIZER.length()), ((Tensor.F32) tensor).values());
            }
        });
        state.optimizer().restore(arrays, step);
        Map<Measure, Table> tables = new LinkedHashMap<>();
        measures.forEach(measure -> tables.put(measure, table(writer.file(rows(folder, measure)))));
        return Optional.of(new Restored(state, tables));
    }

    /** theta and the optimiser's state as tensors. */
    static SortedMap<String, Tensor> tensors(TrainingState state) {
        SortedMap<String, Tensor> tensors = new TreeMap<>();
        tensors.put(THETA, tensor(state.theta()));
        state.optimizer().arrays().forEach((name, values) -> tensors.put(OPTIMIZER + name, tensor(values)));
        return tensors;
    }

    /** Keeps the state at the end of a finished run, from which more steps could go on. */
    static void writeFinal(RunWriter writer, TrainingState state) {
        writer.putTensors(FINAL, tensors(state), Map.of("step", Long.toString(state.step())));
    }

    private static void deleteFolder(RunWriter writer, String folder) {
        List.copyOf(writer.files().keySet()).stream()
                .filter(file -> file.startsWith(folder + "/"))
                .forEach(writer::delete);
    }

    private static SortedMap<String, Tensor> tensors(Path file) {
        try {
            return SafeTensors.read(file);
        } catch (IOException failure) {
            throw new UncheckedIOException("checkpoint " + file, failure);
        }
    }

    private static Table table(Path file) {
        try {
            return Parquet.read(file);
        } catch (IOException failure) {
            throw new UncheckedIOException("checkpoint " + file, failure);
        }
    }

    private static JsonNode json(Path file) {
        try {
            return JSON.readTree(file.toFile());
        } catch (IOException failure) {
            throw new UncheckedIOException("checkpoint " + file, failure);
        }
    }

    private static Tensor tensor(float[] values) {
        return new Tensor.F32(new long[] {values.length}, Arrays.copyOf(values, values.length));
    }

    private static Optional<JsonNode> current(RunWriter writer) {
        return writer.exists(CURRENT) ? Optional.of(json(writer.file(CURRENT))) : Optional.empty();
    }

    private static boolean holds(JsonNode pointer, Collection<Measure> measures) {
        List<String> files = new java.util.ArrayList<>();
        pointer.path("measures").forEach(file -> files.add(file.textValue()));
        return measures.stream().allMatch(measure -> files.contains(measure.file()));
    }

    private static String folder(long step) {
        return "checkpoint/" + step;
    }

    private static String folderOf(JsonNode pointer) {
        return folder(pointer.get("step").longValue());
    }

    private static String rows(String folder, Measure measure) {
        return folder + "/" + measure.file().substring("metrics/".length());
    }
}
