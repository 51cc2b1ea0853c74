package holonomy.model.fused;

import holonomy.product.Matrix;
import java.util.Arrays;

/** Rows that passes borrow; what stands in them is nobody's after the pass. */
final class Scratch {
    private static final int ROWS = 3;

    private final float[][] rows;
    /** [features][columns], for a derivative on its way. */
    final float[][] matrix;

    Scratch(int features, int columns) {
        rows = new float[ROWS][columns];
        matrix = new float[features][columns];
    }

    float[] row(int i) {
        return rows[i];
    }

    float[] zeroed(int i, int n) {
        Arrays.fill(rows[i], 0, n, 0f);
        return rows[i];
    }

    /** A product's rows as {@link #matrix}. */
    float[][] read(Matrix product) {
        for (int j = 0; j < product.rows(); j++) {
            product.get(j, 0, matrix[j], product.columns());
        }
        return matrix;
    }
}
