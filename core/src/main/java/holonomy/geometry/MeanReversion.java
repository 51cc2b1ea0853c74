package holonomy.geometry;

/**
 * The expected path of {@code x_t = (1 - kappa_t) x_{t-1} + eps_t}, x_0 = 0: with v_t = E|x_t|^2, {@code v_t = (1 - kappa_t)^2 v_{t-1} + E|eps_t|^2} and {@code
 * E x_s'x_t = v_s prod_{s<u<=t} (1 - kappa_u)} for s &lt;= t.
 */
final class MeanReversion {
    private MeanReversion() {}

    static Gram path(Increments measured, Shrinkage decay) {
        int n = measured.size() + 1;
        double[] kept = new double[n];
        double[] square = new double[n];
        for (int t = 1; t < n; t++) {
            kept[t] = measured.kept(decay, t - 1);
            double pull = (1 - kept[t]) * (1 - kept[t]) * square[t - 1];
            double length = measured.length(t - 1);
            square[t] = kept[t] * kept[t] * square[t - 1] + Math.max(0, length * length - pull);
        }
        double[][] g = new double[n][n];
        for (int s = 0; s < n; s++) {
            g[s][s] = square[s];
            for (int t = s + 1; t < n; t++) {
                g[t][s] = g[t - 1][s] * kept[t];
            }
        }
        return measured.path().with(SymmetricMatrix.mirrored(g));
    }
}
