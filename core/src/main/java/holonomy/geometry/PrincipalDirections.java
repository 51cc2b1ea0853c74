package holonomy.geometry;

import java.util.List;

/**
 * {@code b_k = sum_i u_ik x_i / sqrt(lambda_k)}: principal directions in weight space from the eigenvectors u of the Gram matrix, streamed over
 * chunks of D; x_i = w_i - w_0 (the mean falls out, for centred eigenvectors sum to zero). Memory is k x D.
 */
final class PrincipalDirections {
    /** Components below this share of the largest variance are rounding. */
    private static final double NEGLIGIBLE = 1e-12;

    private PrincipalDirections() {}

    /** Up to {@code count} orthonormal directions [k, D] of the Gram matrix's snapshots, which must be the trajectory's first ones. */
    static List<double[]> of(Trajectory trajectory, Gram gram, Centring centring, int count) {
        int n = gram.snapshots();
        if (n < 2 || !(gram.displacements().trace() > 0)) {
            return List.of();
        }
        double[][] weights = weights(gram, centring, count);
        int dimension = Math.toIntExact(gram.dimension());
        double[][] directions = new double[weights.length][dimension];
        float[] start = new float[Math.min(GramKernel.CHUNK, dimension)];
        float[] buffer = new float[start.length];
        for (int offset = 0; offset < dimension; offset += start.length) {
            int length = Math.min(start.length, dimension - offset);
            trajectory.read(0, gram.block(), offset, start, length);
            for (int i = 1; i < n; i++) {
                trajectory.read(i, gram.block(), offset, buffer, length);
                for (int k = 0; k < weights.length; k++) {
                    add(directions[k], offset, weights[k][i], buffer, start, length);
                }
            }
        }
        return Orthonormal.of(directions);
    }

    /** u_ik / sqrt(lambda_k), [k, n]; the sign makes the last snapshot's score positive. */
    static double[][] weights(Gram gram, Centring centring, int count) {
        SymmetricEigen eigen = SymmetricEigen.of(centring.of(gram));
        int rank = 0;
        while (rank < Math.min(count, eigen.size()) && eigen.value(rank) > NEGLIGIBLE * eigen.value(0)) {
            rank++;
        }
        int n = gram.snapshots();
        int shift = n - eigen.size();
        double[][] weights = new double[rank][n];
        for (int k = 0; k < rank; k++) {
            double scale = Math.copySign(1 / Math.sqrt(eigen.value(k)), eigen.vector(k, eigen.size() - 1));
            for (int i = shift; i < n; i++) {
                double length = centring == Centring.ROW_NORMALISED ? Math.sqrt(gram.get(i, i)) : 1;
                weights[k][i] = scale * eigen.vector(k, i - shift) / length;
            }
        }
        return weights;
    }

    private static void add(double[] into, int offset, double factor, float[] snapshot, float[] start, int length) {
        for (int d = 0; d < length; d++) {
            into[offset + d] += factor * ((double) snapshot[d] - start[d]);
        }
    }
}
