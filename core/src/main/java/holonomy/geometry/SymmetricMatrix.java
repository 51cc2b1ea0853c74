package holonomy.geometry;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** An immutable symmetric matrix {@code a_ij = a_ji}, [n, n], float64. */
public final class SymmetricMatrix {
    /** The value at row i, column j. */
    @FunctionalInterface
    public interface Entry {
        double at(int i, int j);
    }

    private final double[][] rows;

    private SymmetricMatrix(double[][] rows) {
        this.rows = rows;
    }

    /** The matrix with {@code a_ij = entry(i, j)}; only j &lt;= i is asked for. */
    public static SymmetricMatrix of(int size, Entry entry) {
        double[][] rows = new double[size][size];
        for (int i = 0; i < size; i++) {
            for (int j = 0; j <= i; j++) {
                rows[i][j] = entry.at(i, j);
            }
        }
        return mirrored(rows);
    }

    /** The matrix whose lower triangle stands in these rows [n, n], which it takes over. Modified. */
    static SymmetricMatrix mirrored(double[][] rows) {
        for (int i = 0; i < rows.length; i++) {
            for (int j = 0; j < i; j++) {
                rows[j][i] = rows[i][j];
            }
        }
        return new SymmetricMatrix(rows);
    }

    /** Number of rows n. */
    public int size() {
        return rows.length;
    }

    public double get(int i, int j) {
        return rows[i][j];
    }

    /** sum_i a_ii. */
    public double trace() {
        double sum = 0;
        for (int i = 0; i < rows.length; i++) {
            sum += rows[i][i];
        }
        return sum;
    }

    /** Rows and columns {@code from .. to - 1}. */
    public SymmetricMatrix principal(int from, int to) {
        double[][] part = new double[to - from][];
        for (int i = from; i < to; i++) {
            part[i - from] = Arrays.copyOfRange(rows[i], from, to);
        }
        return new SymmetricMatrix(part);
    }

    /** J A J with J = I - 11'/n: rows and columns made to sum to zero. */
    public SymmetricMatrix doublyCentred() {
        int n = rows.length;
        double[] means = new double[n];
        double mean = 0;
        for (int i = 0; i < n; i++) {
            means[i] = Arrays.stream(rows[i]).sum() / n;
            mean += means[i] / n;
        }
        double all = mean;
        return of(n, (i, j) -> rows[i][j] - means[i] - means[j] + all);
    }

    /** The values [n][n] as a copy. */
    public double[][] toArray() {
        double[][] copy = new double[rows.length][];
        for (int i = 0; i < copy.length; i++) {
            copy[i] = rows[i].clone();
        }
        return copy;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof SymmetricMatrix matrix && Arrays.deepEquals(rows, matrix.rows);
    }

    @Override
    public int hashCode() {
        return Arrays.deepHashCode(rows);
    }

    @Override
    public String toString() {
        return "SymmetricMatrix[" + rows.length + " x " + rows.length + "]";
    }
}
