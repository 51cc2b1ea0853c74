package holonomy.curvature;

import holonomy.geometry.Orthonormal;

/**
 * How much of a vector lies in the eigenspace of the k largest eigenvalues: {@code |U_k'v|^2 / |v|^2}, beside k/d, what a random space of that size holds of any vector.
 *
 * <p>Of a block: the part of v there, in the eigenspace of the operator within it. Sources: arXiv 1812.04754; 2405.16002 for what it doesn't mean: only training on the
 * projected step and on the rest tells whether that space is where learning happens.
 *
 * @param k directions
 * @param share dimensionless; NaN for v = 0
 * @param chance k/d
 */
public record TopShare(int k, double share, double chance) {
    /**
     * @param top with at least k eigenvalues
     * @param v a gradient or a step [d]; not modified
     */
    public static TopShare of(Lanczos top, int k, double[] v) {
        double inside = 0;
        for (int i = 0; i < k; i++) {
            double along = Orthonormal.dot(top.vector(i), v);
            inside += along * along;
        }
        return new TopShare(k, inside / Orthonormal.dot(v, v), (double) k / v.length);
    }
}
