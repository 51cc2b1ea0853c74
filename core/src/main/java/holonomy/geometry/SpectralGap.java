package holonomy.geometry;

import java.util.Optional;

/**
 * Where the singular values of a path's increments fall most (arXiv 2603.15678): of {@code s_1 >= s_2 >= ..}, the square roots of the eigenvalues of their Gram matrix D,
 *
 * <pre>
 *   k* = argmax over j of s_j / s_{j+1}
 * </pre>
 *
 * <p>Momentum alone gives a gap: increments of AR(1) with 10 in a window have k* = 2 at rho .5 (ratio 1.19), 1 at .9 (2.25); {@link WalkNull.Autoregressive} is the null.
 *
 * @param position k*, from 1
 * @param ratio s_k* / s_{k*+1}, dimensionless; NaN where the increments span k* dimensions only
 */
public record SpectralGap(int position, double ratio) {
    /** Singular values below this share of the largest are rounding: eigenvalues of D are known to 1e-16 of the largest. */
    private static final double ROUNDING = 1e-7;

    /** That of some increments; empty for fewer than two, or where none has a length. */
    public static Optional<SpectralGap> of(Increments increments) {
        double[] values = SymmetricEigen.values(SymmetricMatrix.of(increments.size(), increments::get));
        if (values.length < 2 || !(values[0] > 0)) {
            return Optional.empty();
        }
        SpectralGap widest = new SpectralGap(0, 0);
        for (int j = 1; j < values.length; j++) {
            double one = Math.sqrt(values[j - 1]);
            double next = Math.sqrt(Math.max(values[j], 0));
            if (next <= ROUNDING * Math.sqrt(values[0])) {
                return Optional.of(new SpectralGap(j, Double.NaN));
            }
            if (one / next > widest.ratio) {
                widest = new SpectralGap(j, one / next);
            }
        }
        return Optional.of(widest);
    }
}
