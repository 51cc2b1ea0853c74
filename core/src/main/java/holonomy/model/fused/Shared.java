package holonomy.model.fused;

import ai.djl.ndarray.NDManager;
import holonomy.model.Architecture;
import holonomy.product.Matrix;
import holonomy.product.ProductLibrary;
import holonomy.product.Products;

/** What the layers of one network use in turns for batches of one size; nothing in it outlives a layer's pass. */
final class Shared implements AutoCloseable {
    final Products products = ProductLibrary.chosen().products();
    private final int heads;
    final Columns columns;
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

    final Tile dq;
    final Tile dk;
    final Tile dv;
    final Tile dmixed;
    final Tile dscores;

    Shared(NDManager manager, Architecture model, int batch) {
        int width = model.width();
        int length = model.length();
        heads = model.heads();
        int sequences = Math.min(batch, Columns.GROUP);
        columns = new Columns(batch, length);
        scratch = new Scratch(width, columns.count());
        output = new Matrix(manager, width, columns.count());
        mixed = new Matrix(manager, width, columns.count());
        weights = new Matrix(manager, Math.max(3 * width, Math.max(model.hidden(), model.classes())), width + 1);
        active = new Matrix(manager, model.hidden(), columns.count());
        attention = new Matrix(manager, 3 * width, columns.count());
        int features = width / model.heads();
        dq = new Tile(length, features, sequences);
        dk = new Tile(length, features, sequences);
        dv = new Tile(length, features, sequences);
        dmixed = new Tile(length, features, sequences);
        dscores = new Tile(length, length, sequences);
    }

    /** Tiles for every group and head, [group][head]. */
    Tile[][] tiles(int first, int second) {
        Tile[][] tiles = new Tile[columns.groups()][heads];
        for (int g = 0; g < tiles.length; g++) {
            for (int h = 0; h < heads; h++) {
                tiles[g][h] = new Tile(first, second, columns.size(g));
            }
        }
        return tiles;
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
