package holonomy.model.fused;

import ai.djl.ndarray.NDManager;
import holonomy.model.Block;
import holonomy.model.Layout;
import holonomy.model.Role;
import holonomy.product.Matrix;

/** What a block adds to the residual stream, x + W y + b, forward and backward. */
final class Residual implements AutoCloseable {
    private final Block block;
    private final Bias bias;
    private final Matrix matrix;

    /** The matrix of a role in a layer, and its bias. */
    Residual(NDManager manager, Layout layout, Role role, Role ofBias, int layer) {
        block = layout.block(role.in(layer));
        bias = Bias.of(layout, ofBias, layer);
        matrix = new Matrix(manager, block.rows(), block.columns());
    }

    void load(float[] theta) {
        matrix.putRows(0, block.rows(), theta, block.offset());
    }

    /**
     * Adds W y + b to x.
     *
     * @param y [in, columns]
     * @param x [out][columns]. Modified.
     * @param work [out, columns]; its values are lost
     * @param row of at least as many entries as columns; they are lost
     */
    void forward(Matrix y, float[][] x, float[] theta, Shared shared, Matrix work, float[] row) {
        shared.products.multiply(matrix, y, work);
        for (int j = 0; j < block.rows(); j++) {
            work.get(j, 0, row, work.columns());
            Rows.addShifted(x[j], row, bias.at(theta, j), work.columns());
        }
    }

    /**
     * Sets the derivatives of W and b and that of y.
     *
     * @param dx [out][columns]
     * @param gradient [P]. Modified.
     * @param work [out, columns]; its values are lost
     * @param dy [in, columns], may be y. Modified.
     */
    void backward(Matrix y, float[][] dx, float[] gradient, Shared shared, Matrix work, Matrix dy) {
        for (int j = 0; j < block.rows(); j++) {
            bias.set(gradient, j, Rows.sum(dx[j], work.columns()));
            work.put(j, 0, dx[j], work.columns());
        }
        shared.set(work, y, gradient, block.offset());
        shared.products.multiply(matrix.transposed(), work, dy);
    }

    @Override
    public void close() {
        matrix.close();
    }
}
