package holonomy.geometry;

import java.util.Arrays;

/** How early a path points where it ends, from its Gram matrix alone. A random walk does it too: compare with {@link WalkNull#path}. */
public final class Alignment {
    private Alignment() {}

    /**
     * {@code cos(w_t - w_0, w_{n-1} - w_0)}, t = 1 .. n - 1: [n - 1], the last 1; dimensionless. NaN where a displacement has no length.
     *
     * <p>For the uncorrelated walk this is {@code sqrt(sum_{u<=t} l_u^2 / sum_u l_u^2)}, for equal steps sqrt(t/(n - 1)).
     */
    public static double[] toFinal(Gram path) {
        int last = path.snapshots() - 1;
        double[] cosines = new double[Math.max(last, 0)];
        for (int t = 1; t <= last; t++) {
            double norms = Math.sqrt(path.get(t, t)) * Math.sqrt(path.get(last, last));
            cosines[t - 1] = norms > 0 ? path.get(t, last) / norms : Double.NaN;
        }
        return cosines;
    }

    /**
     * {@code |(I - B B')(w_i - mean_j w_j)|}, i = 0 .. n - 1, with B the top k principal directions of the whole path: each snapshot's distance to the
     * final plane, [n], weight norm. From the eigenvectors u of the centred Gram matrix: {@code sqrt(sum_{j>k} lambda_j u_ij^2)}.
     *
     * @param k number of directions, at least 0
     */
    public static double[] distanceToFinal(Gram path, int k) {
        if (k < 0) {
            throw new IllegalArgumentException("number of directions is " + k + ", expected at least 0");
        }
        SymmetricEigen eigen = SymmetricEigen.of(path.displacements().doublyCentred());
        double[] distances = new double[path.snapshots()];
        Arrays.setAll(distances, i -> {
            double square = 0;
            for (int j = k; j < eigen.size(); j++) {
                square += Math.max(eigen.value(j), 0) * eigen.vector(j, i) * eigen.vector(j, i);
            }
            return Math.sqrt(square);
        });
        return distances;
    }
}
