package holonomy.model.fused;

import ai.djl.ndarray.NDManager;
import holonomy.model.Block;
import holonomy.model.Layout;
import holonomy.product.Matrix;

/** One layer's weight matrices where the engine can read them; W_Q, W_K and W_V as one, [3d, d]. */
final class Matrices implements AutoCloseable {
    private final Layout layout;
    private final String prefix;
    final Matrix attention;
    final Matrix query;
    /** W_K and W_V, [head]. */
    final Matrix[] keys;

    final Matrix[] values;
    final Matrix output;

    Matrices(NDManager manager, Layout layout, int layer, int width, int heads) {
        this.layout = layout;
        prefix = "layers." + layer + ".";
        attention = new Matrix(manager, 3 * width, width);
        query = attention.rows(0, width);
        keys = new Stacked(attention.rows(width, width), heads).parts;
        values = new Stacked(attention.rows(2 * width, width), heads).parts;
        output = new Matrix(manager, width, width);
    }

    void load(float[] theta) {
        Block q = layout.block(prefix + "W_Q");
        copy(theta, "W_Q", attention, 0);
        copy(theta, "W_K", attention, q.rows());
        copy(theta, "W_V", attention, 2 * q.rows());
        copy(theta, "W_O", output, 0);
    }

    private void copy(float[] theta, String name, Matrix target, int row) {
        Block block = layout.block(prefix + name);
        target.putRows(row, block.rows(), theta, block.offset());
    }

    /** The place in theta of one of the layer's blocks. */
    int offset(String name) {
        return layout.block(prefix + name).offset();
    }

    @Override
    public void close() {
        attention.close();
        output.close();
    }
}
