package holonomy.product;

import ai.djl.ndarray.NDManager;
import java.util.Optional;
import java.util.SplittableRandom;

/** A library's products against a loop in double precision: several sizes, transposes, strides, with and without adding. */
final class SelfTest {
    /** Allowed error, relative to the largest entry of the product. */
    static final double TOLERANCE = 1e-6;

    private static final int[][] SIZES = {
        {1, 1, 1}, {1, 7, 3}, {5, 1, 9}, {3, 16, 1}, {17, 33, 65}, {64, 48, 32}, {12, 9, 400}
    };
    /** Columns beside a factor or result that no product may read or write. */
    private static final int MARGIN = 3;

    private final NDManager manager;
    private final Products products;
    private final SplittableRandom random = new SplittableRandom(1);

    private SelfTest(NDManager manager, Products products) {
        this.manager = manager;
        this.products = products;
    }

    /** What is wrong with a library's products; empty if nothing is. */
    static Optional<String> problem(Products products, NDManager manager) {
        SelfTest test = new SelfTest(manager, products);
        for (int[] size : SIZES) {
            for (int variant = 0; variant < 16; variant++) {
                double error = test.error(size[0], size[1], size[2], variant);
                if (!(error <= TOLERANCE)) {
                    return Optional.of("its product of [" + size[0] + ", " + size[2] + "] and [" + size[2] + ", "
                            + size[1] + "] is wrong by " + String.format("%.1e", error)
                            + " of the largest entry");
                }
            }
        }
        return Optional.empty();
    }

    /** The largest error of one product, relative to its largest entry; infinite where something beside it was changed. */
    private double error(int m, int n, int k, int variant) {
        boolean add = (variant & 4) != 0;
        int margin = (variant & 8) != 0 ? MARGIN : 0;
        float[] a = values(m * k);
        float[] b = values(k * n);
        float[] before = values(m * n);
        Matrix c = stored(before, m, n, margin).part(0, m, margin, n);
        Factor left = factor(a, m, k, (variant & 1) != 0, margin);
        Factor right = factor(b, k, n, (variant & 2) != 0, margin);
        if (add) {
            products.multiplyAdd(left, right, c);
        } else {
            products.multiply(left, right, c);
        }
        float[] found = new float[m * n];
        c.getRows(0, m, found, 0);
        c.close();
        left.matrix().close();
        right.matrix().close();
        return error(expected(a, b, before, new int[] {m, n, k}, add), found);
    }

    private float[] values(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextDouble(-1, 1);
        }
        return values;
    }

    private Factor factor(float[] values, int rows, int columns, boolean byColumns, int margin) {
        if (!byColumns) {
            return stored(values, rows, columns, margin).part(0, rows, margin, columns);
        }
        float[] turned = new float[values.length];
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                turned[j * rows + i] = values[i * columns + j];
            }
        }
        return stored(turned, columns, rows, margin)
                .part(0, columns, margin, rows)
                .transposed();
    }

    /** Values between margins of NaN: read by mistake, they spoil the product. */
    private Matrix stored(float[] values, int rows, int columns, int margin) {
        int stride = columns + 2 * margin;
        Matrix matrix = new Matrix(manager, rows, stride);
        float[] row = new float[stride];
        java.util.Arrays.fill(row, Float.NaN);
        for (int i = 0; i < rows; i++) {
            System.arraycopy(values, i * columns, row, margin, columns);
            matrix.put(i, 0, row, stride);
        }
        return matrix;
    }

    private static double[] expected(float[] a, float[] b, float[] before, int[] size, boolean add) {
        int n = size[1];
        int k = size[2];
        double[] result = new double[before.length];
        for (int i = 0; i < size[0]; i++) {
            for (int l = 0; l < k; l++) {
                double factor = a[i * k + l];
                for (int j = 0; j < n; j++) {
                    result[i * n + j] += factor * b[l * n + j];
                }
            }
        }
        for (int i = 0; add && i < result.length; i++) {
            result[i] += before[i];
        }
        return result;
    }

    private static double error(double[] expected, float[] found) {
        double largest = 0;
        double error = 0;
        for (int i = 0; i < found.length; i++) {
            largest = Math.max(largest, Math.abs(expected[i]));
            double difference = Math.abs(expected[i] - found[i]);
            error = Double.isNaN(difference) ? Double.POSITIVE_INFINITY : Math.max(error, difference);
        }
        return error / largest;
    }
}
