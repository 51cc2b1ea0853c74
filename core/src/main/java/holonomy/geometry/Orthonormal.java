package holonomy.geometry;

import java.util.ArrayList;
import java.util.List;

/** {@code V = Q R} by modified Gram-Schmidt, each vector swept twice, which leaves Q orthonormal to rounding. */
public final class Orthonormal {
    /** A vector that keeps less than this of its length depends on those before it. */
    private static final double DEPENDENT = 1e-12;

    private Orthonormal() {}

    /**
     * Orthonormal vectors that span the same space, without those that depend on earlier ones.
     *
     * @param vectors [k, D]. Modified.
     */
    public static List<double[]> of(double[][] vectors) {
        List<double[]> basis = new ArrayList<>();
        for (double[] v : vectors) {
            double before = norm(v);
            without(v, basis);
            double after = norm(v);
            if (after > DEPENDENT * before) {
                divide(v, after);
                basis.add(v);
            }
        }
        return basis;
    }

    /**
     * The upper-triangular factor R [k, k] of V = Q R; a vector of no length gives a zero row.
     *
     * @param vectors [k, D]. Modified.
     */
    static double[][] triangular(double[][] vectors) {
        double[][] r = new double[vectors.length][vectors.length];
        List<double[]> basis = new ArrayList<>();
        for (int j = 0; j < vectors.length; j++) {
            double[] column = new double[vectors.length];
            sweep(vectors[j], basis, column);
            sweep(vectors[j], basis, column);
            column[j] = norm(vectors[j]);
            if (column[j] > 0) {
                divide(vectors[j], column[j]);
            }
            basis.add(vectors[j]);
            for (int i = 0; i <= j; i++) {
                r[i][j] = column[i];
            }
        }
        return r;
    }

    /** {@code v - Q Q'v}, swept twice. Modified: v. @param basis orthonormal [k, D] */
    public static void without(double[] v, List<double[]> basis) {
        sweep(v, basis, null);
        sweep(v, basis, null);
    }

    /** Euclidean length. */
    public static double norm(double[] v) {
        return Math.sqrt(dot(v, v));
    }

    /** Takes the part along each basis vector away. Modifies {@code v}, and {@code parts} by adding the products. */
    private static void sweep(double[] v, List<double[]> basis, double @org.jspecify.annotations.Nullable [] parts) {
        for (int i = 0; i < basis.size(); i++) {
            double[] q = basis.get(i);
            double part = dot(q, v);
            for (int d = 0; d < v.length; d++) {
                v[d] -= part * q[d];
            }
            if (parts != null) {
                parts[i] += part;
            }
        }
    }

    /** {@code sum_d a_d b_d}. */
    public static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int d = 0; d < a.length; d++) {
            sum += a[d] * b[d];
        }
        return sum;
    }

    private static void divide(double[] v, double by) {
        for (int d = 0; d < v.length; d++) {
            v[d] /= by;
        }
    }
}
