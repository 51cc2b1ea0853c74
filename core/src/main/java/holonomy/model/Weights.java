package holonomy.model;

import holonomy.data.Tensor;
import holonomy.task.Stream;
import java.util.Arrays;
import java.util.Collection;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One flat vector theta [P] and the layout that names its blocks.
 *
 * @param layout names and places of the blocks
 * @param values theta, float32; shared, not copied: whoever changes it owns it
 */
public record Weights(Layout layout, float[] values) {
    /** Bumped by hand whenever the same seed would give other initial values. */
    public static final int INITIAL_SEMANTICS = 1;

    public Weights {
        if (values.length != layout.size()) {
            throw new IllegalArgumentException(
                    "theta has " + values.length + " entries, the layout " + layout.size() + " weights");
        }
    }

    /**
     * Initial values, each block's as its {@link Initial} says.
     *
     * <p>Each block is drawn from (seed, block name): models that share a block of equal shape and kind share its initial values.
     */
    public static Weights initial(Model model, long seed) {
        Layout layout = model.layout();
        float[] theta = new float[layout.size()];
        for (Block block : layout.blocks()) {
            Stream stream = Stream.of(seed, "initial " + block.drawnAs());
            block.initial().draw(stream, theta, block.offset(), block.offset() + block.size());
        }
        return new Weights(layout, theta);
    }

    /** Copies of blocks by name, [rows, columns] or [rows]. */
    public SortedMap<String, Tensor> tensors(Collection<Block> blocks) {
        SortedMap<String, Tensor> tensors = new TreeMap<>();
        for (Block block : blocks) {
            long[] shape =
                    block.columns() == 1 ? new long[] {block.rows()} : new long[] {block.rows(), block.columns()};
            tensors.put(block.name(), new Tensor.F32(shape, block(block.name())));
        }
        return tensors;
    }

    /** A copy of one block's weights, row by row. */
    public float[] block(String name) {
        Block block = layout.block(name);
        return Arrays.copyOfRange(values, block.offset(), block.offset() + block.size());
    }
}
