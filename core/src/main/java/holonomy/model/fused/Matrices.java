package holonomy.model.fused;

import ai.djl.ndarray.NDManager;
import holonomy.model.Block;
import holonomy.model.Layout;
import holonomy.product.Matrix;
import java.util.List;

/** One layer's weights for attention: W_Q (times 1 / sqrt(d/H)), W_K and W_V as one folded matrix [3d, d + 1], and W_O. */
final class Matrices implements AutoCloseable {
    private final Block outputBlock;
    final Folded attention;
    final Matrix output;
    /** Places in theta of W_O and b_O. */
    final int outputAt;

    final int outputBias;

    Matrices(NDManager manager, Layout layout, int layer, float scale) {
        String prefix = "layers." + layer + ".";
        attention = new Folded(
                manager,
                layout,
                prefix + "norm",
                List.of(
                        new Folded.Part(prefix + "W_Q", prefix + "b_Q", scale, false),
                        // What is added to every key adds the same to all scores of a query, which the softmax doesn't
                        // see.
                        new Folded.Part(prefix + "W_K", prefix + "b_K", 1, true),
                        new Folded.Part(prefix + "W_V", prefix + "b_V")));
        outputBlock = layout.block(prefix + "W_O");
        outputAt = outputBlock.offset();
        outputBias = layout.block(prefix + "b_O").offset();
        output = new Matrix(manager, outputBlock.rows(), outputBlock.columns());
    }

    void load(float[] theta) {
        attention.load(theta);
        output.putRows(0, outputBlock.rows(), theta, outputAt);
    }

    @Override
    public void close() {
        attention.close();
        output.close();
    }
}
