package holonomy.geometry;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The two products through which a head's matrices act, [d, d] each, with W_h the head's d/H rows of W_Q, W_K, W_V and its d/H columns of W_O:
 *
 * <pre>
 *   QK   W_Q,h' W_K,h      scores:  x_i' (W_Q,h' W_K,h) x_j
 *   OV   W_O,h W_V,h       writes:  (W_O,h W_V,h) x_j
 * </pre>
 *
 * <p>Both are unchanged when the head is told in other coordinates, {@code W_Q,h -> R W_Q,h, W_K,h -> R^-T W_K,h} (and alike for V and O): two heads that
 * compute the same have the same products, whatever their matrices. (The score's 1/sqrt(d/H) and the biases are left out.)
 *
 * <p>Where queries and keys are rotated by their positions a score is {@code x_i' W_Q,h' R(j - i) W_K,h x_j}, with R(n) the rotation by n places: no one matrix is its form, and
 * what reads these products along runs refuses such models.
 */
public enum HeadProduct {
    QK("W_Q'W_K", "W_Q", "W_K"),
    OV("W_O W_V", "W_O", "W_V");

    private final String label;
    private final String left;
    private final String right;

    HeadProduct(String label, String left, String right) {
        this.label = label;
        this.left = left;
        this.right = right;
    }

    /** Its name in tables and figures, for instance {@code W_Q'W_K}. */
    public String label() {
        return label;
    }

    /** Name of the block that {@link #path} gives, for instance {@code layers.0.head.1.W_Q'W_K}. */
    public String block(int layer, int head) {
        return "layers." + layer + ".head." + head + "." + label;
    }

    /**
     * The path of one head's product, of d^2 numbers per snapshot, computed in float64 and kept in float32.
     *
     * @param trajectory with the blocks {@code layers.L.W_X} of the layer, [d, d] row by row, [out, in]. Not modified.
     * @param heads H, a divisor of d
     * @param width d
     */
    public ArrayTrajectory path(Trajectory trajectory, int layer, int head, int heads, int width) {
        int n = trajectory.snapshots();
        float[][] products = new float[n][];
        float[] a = new float[width * width];
        float[] b = new float[width * width];
        for (int i = 0; i < n; i++) {
            trajectory.read(i, "layers." + layer + "." + left, 0, a, a.length);
            trajectory.read(i, "layers." + layer + "." + right, 0, b, b.length);
            products[i] = product(a, b, head * (width / heads), width / heads, width);
        }
        Map<String, float[][]> values = new LinkedHashMap<>();
        values.put(block(layer, head), products);
        return ArrayTrajectory.of(values, trajectory.steps());
    }

    /** Row by row, {@code m[i][j] = sum_r left(i, r) b[r][j]}, r over the head's coordinates, left a[r][i] for QK and a[i][r] for OV. */
    private float[] product(float[] a, float[] b, int from, int count, int width) {
        float[] product = new float[width * width];
        double[] row = new double[width];
        for (int i = 0; i < width; i++) {
            java.util.Arrays.fill(row, 0);
            for (int r = from; r < from + count; r++) {
                double factor = this == QK ? a[r * width + i] : a[i * width + r];
                for (int j = 0; j < width; j++) {
                    row[j] += factor * b[r * width + j];
                }
            }
            for (int j = 0; j < width; j++) {
                product[i * width + j] = (float) row[j];
            }
        }
        return product;
    }
}
