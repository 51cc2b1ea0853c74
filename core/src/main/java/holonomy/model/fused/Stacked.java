package holonomy.model.fused;

import ai.djl.ndarray.NDManager;
import holonomy.product.Matrix;
import java.util.Arrays;

/** A matrix whose rows are those of the heads, one head's below another's, and the part of each head: views, made once. */
final class Stacked {
    final Matrix whole;
    final Matrix[] parts;

    Stacked(NDManager manager, int rows, int columns, int heads) {
        this(new Matrix(manager, rows, columns), heads);
    }

    Stacked(Matrix whole, int heads) {
        this.whole = whole;
        int rows = whole.rows() / heads;
        parts = new Matrix[heads];
        Arrays.setAll(parts, h -> whole.rows(h * rows, rows));
    }
}
