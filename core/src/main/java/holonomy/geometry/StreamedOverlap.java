package holonomy.geometry;

import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.CholeskyDecomposition_F64;

/**
 * The overlaps of the top k principal subspaces of many blocks of one size, {@code |B_a'B_b|_F^2 / min(k_a, k_b)}, without ever holding a direction: chunk by
 * chunk of D the directions {@code B = X'u/sqrt(lambda)} are formed and their products added up; what rounding leaves of non-orthogonality is taken out of
 * the products, {@code |L_a^-1 (B_a'B_b) L_b^-T|_F^2} with B_a'B_a = L_a L_a'.
 *
 * <p>The same number as {@link PrincipalAngles#overlap} of {@link Subspace#principal}; memory is M k x chunk for M blocks. Dimensionless.
 */
public final class StreamedOverlap {
    private static final int CHUNK = 1 << 14;

    private final int[] first;
    private final double[][] products;

    private StreamedOverlap(int[] first, double[][] products) {
        this.first = first;
        this.products = products;
    }

    /**
     * The overlaps among these blocks' centred paths.
     *
     * @param grams the blocks' Gram matrices over the trajectory's snapshots, all of one dimension D. Not modified.
     * @param count k, at least 1; a path with fewer directions keeps fewer
     * @throws IllegalArgumentException if two blocks have another number of weights
     */
    public static StreamedOverlap of(Trajectory trajectory, List<Gram> grams, int count) {
        double[][][] weights = new double[grams.size()][][];
        int[] first = new int[grams.size() + 1];
        for (int a = 0; a < weights.length; a++) {
            Gram gram = grams.get(a);
            if (gram.dimension() != grams.get(0).dimension()) {
                throw new IllegalArgumentException("overlap of '" + gram.block() + "' of " + gram.dimension()
                        + " weights and '" + grams.get(0).block() + "' of "
                        + grams.get(0).dimension() + ": subspaces of different sizes have no angles between them");
            }
            boolean moves = gram.snapshots() >= 2 && gram.displacements().trace() > 0;
            weights[a] = moves ? PrincipalDirections.weights(gram, Centring.CENTRED, count) : new double[0][];
            first[a + 1] = first[a] + weights[a].length;
        }
        StreamedOverlap overlap = new StreamedOverlap(first, new double[first[weights.length]][first[weights.length]]);
        overlap.add(trajectory, grams, weights);
        return overlap;
    }

    /** Number of directions of block a. */
    public int size(int a) {
        return first[a + 1] - first[a];
    }

    /** The overlap of blocks a and b; NaN if one of them has no direction. */
    public double get(int a, int b) {
        if (size(a) == 0 || size(b) == 0) {
            return Double.NaN;
        }
        DMatrixRMaj inner = part(a, b);
        DMatrixRMaj half = new DMatrixRMaj(size(a), size(b));
        CommonOps_DDRM.mult(inverseFactor(a), inner, half);
        DMatrixRMaj whole = new DMatrixRMaj(size(a), size(b));
        CommonOps_DDRM.multTransB(half, inverseFactor(b), whole);
        double sum = 0;
        for (double x : whole.data) {
            sum += x * x;
        }
        return Math.min(sum / Math.min(size(a), size(b)), 1);
    }

    private DMatrixRMaj part(int a, int b) {
        DMatrixRMaj part = new DMatrixRMaj(size(a), size(b));
        for (int i = 0; i < size(a); i++) {
            for (int j = 0; j < size(b); j++) {
                part.set(i, j, products[first[a] + i][first[b] + j]);
            }
        }
        return part;
    }

    /** L^-1 of B_a'B_a = L L'. */
    private DMatrixRMaj inverseFactor(int a) {
        CholeskyDecomposition_F64<DMatrixRMaj> cholesky = DecompositionFactory_DDRM.chol(size(a), true);
        if (!cholesky.decompose(part(a, a))) {
            throw new ArithmeticException("the directions of block " + a + " are not independent; ask for fewer");
        }
        DMatrixRMaj inverse = cholesky.getT(null);
        CommonOps_DDRM.invert(inverse);
        return inverse;
    }

    private void add(Trajectory trajectory, List<Gram> grams, double[][][] weights) {
        long dimension = grams.isEmpty() ? 0 : grams.get(0).dimension();
        int capacity = (int) Math.min(CHUNK, dimension);
        double[][] directions = new double[products.length][capacity];
        float[] start = new float[capacity];
        float[] buffer = new float[capacity];
        for (long offset = 0; offset < dimension; offset += capacity) {
            int length = (int) Math.min(capacity, dimension - offset);
            for (int a = 0; a < weights.length; a++) {
                form(trajectory, grams.get(a).block(), offset, weights[a], first[a], directions, start, buffer, length);
            }
            addProducts(directions, length);
        }
    }

    /** directions[from + k] = sum_i u_ik x_i / sqrt(lambda_k) over one chunk. Modifies the last four arrays. */
    private static void form(
            Trajectory trajectory,
            String block,
            long offset,
            double[][] weights,
            int from,
            double[][] directions,
            float[] start,
            float[] buffer,
            int length) {
        for (int k = 0; k < weights.length; k++) {
            java.util.Arrays.fill(directions[from + k], 0, length, 0);
        }
        if (weights.length == 0) {
            return;
        }
        trajectory.read(0, block, offset, start, length);
        for (int i = 1; i < weights[0].length; i++) {
            trajectory.read(i, block, offset, buffer, length);
            for (int k = 0; k < weights.length; k++) {
                double factor = weights[k][i];
                double[] direction = directions[from + k];
                for (int d = 0; d < length; d++) {
                    direction[d] += factor * ((double) buffer[d] - start[d]);
                }
            }
        }
    }

    private void addProducts(double[][] directions, int length) {
        for (int i = 0; i < products.length; i++) {
            double[] one = directions[i];
            for (int j = 0; j <= i; j++) {
                double[] other = directions[j];
                double s0 = 0;
                double s1 = 0;
                double s2 = 0;
                double s3 = 0;
                int d = 0;
                for (; d + 4 <= length; d += 4) {
                    s0 += one[d] * other[d];
                    s1 += one[d + 1] * other[d + 1];
                    s2 += one[d + 2] * other[d + 2];
                    s3 += one[d + 3] * other[d + 3];
                }
                for (; d < length; d++) {
                    s0 += one[d] * other[d];
                }
                products[i][j] += (s0 + s1) + (s2 + s3);
                products[j][i] = products[i][j];
            }
        }
    }
}
