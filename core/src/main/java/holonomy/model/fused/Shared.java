package holonomy.model.fused;

import ai.djl.ndarray.NDManager;
import holonomy.model.Architecture;
import holonomy.product.Matrix;
import holonomy.product.ProductLibrary;
import holonomy.product.Products;

/** What the layers of one network use in turns for so many columns; nothing in it outlives a layer's pass. */
final class Shared implements AutoCloseable {
    final Products products = ProductLibrary.chosen().products();
    final Scratch scratch;
    /** A block's output, in the backward pass its derivative and then that of the block's input, [d, columns]. */
    final Matrix output;

    /** Derivative of the mixed values [d, columns]. */
    final Matrix mixed;

    /** Memory for the derivative of the largest weight matrix, a folded one's [rows, d + 1]. */
    final Matrix weights;
    /** Derivative of an MLP's active neurons [h, columns]. */
    final Matrix active;
    /** q, k and v one below the other, in the backward pass their derivatives, [3d, columns]. */
    final Matrix attention;

    Shared(NDManager manager, Architecture model, int columns) {
        int width = model.width();
        scratch = new Scratch(width, columns);
        output = new Matrix(manager, width, columns);
        mixed = new Matrix(manager, width, columns);
        weights = new Matrix(manager, Math.max(3 * width, Math.max(model.hidden(), model.classes())), width + 1);
        active = new Matrix(manager, model.hidden(), columns);
        attention = new Matrix(manager, 3 * width, columns);
    }

    /** Sets a weight matrix's derivative: that of its output times its input, transposed. Modified: gradient, from {@code at} on. */
    void set(Matrix derivative, Matrix input, float[] gradient, int at) {
        Matrix dweights = weights.as(derivative.rows(), input.rows());
        products.multiply(derivative, input.transposed(), dweights);
        dweights.getRows(0, dweights.rows(), gradient, at);
    }

    @Override
    public void close() {
        output.close();
        mixed.close();
        weights.close();
        active.close();
        attention.close();
    }
}
