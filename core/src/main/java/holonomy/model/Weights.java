package holonomy.model;

import holonomy.task.RandomSequence;
import holonomy.task.Stream;
import java.util.Arrays;

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
     * Initial values: embeddings N(0,1), matrices and biases uniform in +-1/sqrt(fan_in), LayerNorm 1 and 0.
     *
     * <p>An encoder's W_Q, W_K, W_V are uniform in +-sqrt(6 / (d + 3d)) (Glorot and Bengio 2010, of the three stacked), the biases of its attention 0,
     * its position embedding N(0, 1/d), and all of its layers equal the first.
     *
     * <p>Each block is drawn from (seed, block name): models that share a block of equal shape share its initial values.
     */
    public static Weights initial(Transformer model, long seed) {
        Layout layout = model.layout();
        boolean copies = model.form() == Transformer.Form.ENCODER;
        float[] theta = new float[layout.size()];
        for (Block block : layout.blocks()) {
            RandomSequence random = Stream.of(seed, "initial " + (copies ? block.inFirstLayer() : block.name()))
                    .at(0);
            int end = block.offset() + block.size();
            switch (block.initial()) {
                case NORMAL -> {
                    for (int i = block.offset(); i < end; i++) {
                        theta[i] = (float) random.nextGaussian();
                    }
                }
                case FAN_IN -> {
                    double bound = 1 / Math.sqrt(layout.fanIn(block));
                    for (int i = block.offset(); i < end; i++) {
                        theta[i] = (float) (bound * (2 * random.nextDouble() - 1));
                    }
                }
                case POSITION -> {
                    double scale = 1 / Math.sqrt(block.columns());
                    for (int i = block.offset(); i < end; i++) {
                        theta[i] = (float) (scale * random.nextGaussian());
                    }
                }
                case XAVIER_QKV -> {
                    double bound = Math.sqrt(6.0 / (block.columns() + 3 * block.rows()));
                    for (int i = block.offset(); i < end; i++) {
                        theta[i] = (float) (bound * (2 * random.nextDouble() - 1));
                    }
                }
                case ONES -> Arrays.fill(theta, block.offset(), end, 1f);
                case ZEROS -> Arrays.fill(theta, block.offset(), end, 0f);
            }
        }
        return new Weights(layout, theta);
    }

    /** A copy of one block's weights, row by row. */
    public float[] block(String name) {
        Block block = layout.block(name);
        return Arrays.copyOfRange(values, block.offset(), block.offset() + block.size());
    }
}
