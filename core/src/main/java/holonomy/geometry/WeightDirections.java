package holonomy.geometry;

import java.util.ArrayList;
import java.util.List;

/**
 * The top k singular directions {@code u_i v_i'} of one weight matrix W = U S V', as orthonormal vectors of its d_out x d_in weights: the basis that
 * some published code takes in place of the path's.
 */
public final class WeightDirections {
    private WeightDirections() {}

    /**
     * The span of the top {@code count} singular directions; fewer where W has a smaller rank.
     *
     * @param weights W [rows, columns], row by row. Not modified.
     */
    public static Subspace of(double[] weights, int rows, int columns, int count) {
        if (weights.length != rows * columns) {
            throw new IllegalArgumentException(
                    "matrix of " + rows + " x " + columns + " has " + weights.length + " weights");
        }
        SymmetricEigen eigen = SymmetricEigen.of(outerProducts(weights, rows, columns));
        List<double[]> directions = new ArrayList<>();
        for (int k = 0; k < Math.min(count, rows) && eigen.value(k) > 0; k++) {
            directions.add(direction(weights, rows, columns, eigen, k));
        }
        return Subspace.spannedBy(directions.toArray(double[][]::new));
    }

    /** W W', [rows, rows]. */
    private static SymmetricMatrix outerProducts(double[] weights, int rows, int columns) {
        return SymmetricMatrix.of(rows, (i, j) -> {
            double sum = 0;
            for (int c = 0; c < columns; c++) {
                sum += weights[i * columns + c] * weights[j * columns + c];
            }
            return sum;
        });
    }

    /** u (W'u)' / |W'u|, [rows x columns]; its scale is left to the span. */
    private static double[] direction(double[] weights, int rows, int columns, SymmetricEigen eigen, int k) {
        double[] right = new double[columns];
        for (int i = 0; i < rows; i++) {
            for (int c = 0; c < columns; c++) {
                right[c] += eigen.vector(k, i) * weights[i * columns + c];
            }
        }
        double[] outer = new double[rows * columns];
        for (int i = 0; i < rows; i++) {
            for (int c = 0; c < columns; c++) {
                outer[i * columns + c] = eigen.vector(k, i) * right[c];
            }
        }
        return outer;
    }
}
