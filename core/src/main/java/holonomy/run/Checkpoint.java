package holonomy.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Table;
import holonomy.data.Tensor;
import holonomy.measure.Measure;
import holonomy.train.RunSpec;
import holonomy.train.TrainingState;
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
        before.filter(old -> !old.equals(folder)).ifPresent(writer::deleteFolder);
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
        SortedMap<String, Tensor> saved = writer.tensors(folder + "/state.safetensors");
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
        measures.forEach(measure -> tables.put(measure, writer.table(rows(folder, measure))));
        return Optional.of(new Restored(state, tables));
    }

    /** theta and the optimiser's state as tensors. */
    static SortedMap<String, Tensor> tensors(TrainingState state) {
        SortedMap<String, Tensor> tensors = new TreeMap<>();
        tensors.put(THETA, tensor(state.theta()));
        state.optimizer().arrays().forEach((name, values) -> tensors.put(OPTIMIZER + name, tensor(values)));
        return tensors;
    }

    private static Tensor tensor(float[] values) {
        return new Tensor.F32(new long[] {values.length}, Arrays.copyOf(values, values.length));
    }

    private static Optional<JsonNode> current(RunWriter writer) {
        return writer.exists(CURRENT) ? Optional.of(writer.json(CURRENT)) : Optional.empty();
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
