package holonomy.store;

import holonomy.data.SafeTensors;
import holonomy.data.Tensor;
import holonomy.data.UserError;
import holonomy.train.RunSpec;
import holonomy.train.StopRule;
import holonomy.train.TrainingState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A training's state as safetensors: {@code theta} [P], {@code optimizer.NAME} [P] for each array of the optimiser's state, {@code anchor.PLACE} [P] for the weights at which an intervention found its directions, the step as text in the header;
 * {@code stop_count} [streak, step met] once a stop rule has begun to count.
 */
public final class WeightsFile {
    /** Where a finished run keeps the state at its end, from which more steps can go on. */
    public static final String FINAL = "weights/final.safetensors";

    /** Where a run keeps its state at a step because it was asked to. */
    public static String at(long step) {
        return String.format(Locale.ROOT, "weights/step-%09d.safetensors", step);
    }

    private static final String THETA = "theta";
    private static final String STOP_COUNT = "stop_count";
    private static final String OPTIMIZER = "optimizer.";
    private static final String ANCHOR = "anchor.";

    private WeightsFile() {}

    public static void write(RunWriter writer, String path, TrainingState state) {
        SortedMap<String, Tensor> tensors = new TreeMap<>();
        tensors.put(THETA, tensor(state.theta()));
        state.optimizer().arrays().forEach((name, values) -> tensors.put(OPTIMIZER + name, tensor(values)));
        state.anchors().forEach((name, values) -> tensors.put(ANCHOR + name, tensor(values)));
        StopRule.Count count = state.stopCount();
        if (!count.equals(StopRule.Count.NONE)) {
            tensors.put(STOP_COUNT, new Tensor.F64(new long[] {2}, new double[] {count.streak(), count.metAt()}));
        }
        writer.putTensors(path, tensors, Map.of("step", Long.toString(state.step())));
    }

    /** The state of a run after {@code step} steps. */
    public static TrainingState read(Path file, RunSpec spec, long step) {
        SortedMap<String, Tensor> saved;
        try {
            saved = SafeTensors.read(file);
        } catch (IOException failure) {
            throw new UncheckedIOException("state " + file, failure);
        }
        TrainingState state = TrainingState.initial(spec);
        float[] theta = values(saved, THETA, file, state.theta().length);
        Map<String, float[]> arrays = new HashMap<>();
        for (String name : state.optimizer().arrays().keySet()) {
            arrays.put(name, values(saved, OPTIMIZER + name, file, theta.length));
        }
        state.restore(theta, arrays, step);
        for (String name : saved.keySet()) {
            if (name.startsWith(ANCHOR)) {
                state.anchors().put(name.substring(ANCHOR.length()), values(saved, name, file, theta.length));
            }
        }
        if (saved.get(STOP_COUNT) instanceof Tensor.F64 count && count.count() == 2) {
            state.stopCount(new StopRule.Count((long) count.values()[0], (long) count.values()[1]));
        }
        return state;
    }

    private static float[] values(Map<String, Tensor> saved, String name, Path file, int length) {
        if (saved.get(name) instanceof Tensor.F32 tensor && tensor.count() == length) {
            return tensor.values();
        }
        throw new UserError("state " + file + ": expected " + length + " float32 numbers '" + name + "', found "
                + (saved.containsKey(name) ? saved.get(name).toString() : "none"));
    }

    private static Tensor tensor(float[] values) {
        return new Tensor.F32(new long[] {values.length}, Arrays.copyOf(values, values.length));
    }
}
