package holonomy.model.fused;

import ai.djl.ndarray.NDManager;
import holonomy.model.Transformer;
import holonomy.product.Matrix;
import holonomy.product.ProductLibrary;
import holonomy.product.Products;

/** What the layers of one network use in turns for batches of one size; nothing in it outlives a layer's pass. */
final class Shared implements AutoCloseable {
    final Products products = ProductLibrary.chosen().products();
    final Columns columns;
    final Scratch scratch;
    /** A block's output, in the backward pass its derivative and then that of the block's input, [d, columns]. */
    final Matrix output;

    final Matrix lastOutput;
    /** Derivative of the mixed values [d, columns]. */
    final Matrix mixed;

    final Matrix lastMixed;
    /** Derivatives of weight matrices, [3d, d] and, of MLPs and readout, the larger ones. */
    final Matrix weights;
    /** Derivative of an MLP's active neurons [h, columns]. */
    final Matrix active;
    /** q, k and v one below the other, in the backward pass their derivatives, [3d, columns]. */
    final Matrix attention;

    final Matrix keyValue;
    final Matrix lastQuery;
    /** Scores, a row per group, head, query and key. */
    final Matrix scores;

    final Tile dq;
    final Tile dk;
    final Tile dv;
    final Tile dmixed;
    final Tile dscores;

    Shared(NDManager manager, Transformer model, int batch) {
        int width = model.width();
        int length = model.length();
        int sequences = Math.min(batch, Columns.GROUP);
        columns = new Columns(batch, length);
        scratch = new Scratch(width, columns.count());
        output = new Matrix(manager, width, columns.count());
        lastOutput = output.as(width, batch);
        mixed = new Matrix(manager, width, columns.count());
        lastMixed = mixed.as(width, batch);
        weights = new Matrix(manager, Math.max(3 * width, Math.max(model.hidden(), model.classes())), width);
        active = new Matrix(manager, model.hidden(), columns.count());
        attention = new Matrix(manager, 3 * width, columns.count());
        keyValue = attention.rows(width, 2 * width);
        lastQuery = new Matrix(manager, width, batch);
        int seen = model.causal() ? length * (length + 1) / 2 : length * length;
        int pairs = columns.groups() * model.heads() * seen;
        scores = new Matrix(manager, pairs, sequences);
        int features = width / model.heads();
        dq = new Tile(length, features, sequences);
        dk = new Tile(length, features, sequences);
        dv = new Tile(length, features, sequences);
        dmixed = new Tile(length, features, sequences);
        dscores = new Tile(length, length, sequences);
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
        lastQuery.close();
        scores.close();
    }
}
