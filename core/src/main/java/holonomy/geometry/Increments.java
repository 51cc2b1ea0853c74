package holonomy.geometry;

/**
 * The increments of a path, {@code Delta_s = w_s - w_{s-1}}, s = 1 .. n - 1, by their Gram matrix {@code D_st = Delta_s'Delta_t}, [n - 1, n - 1]
 * (indices here from 0), in squared weight norm.
 *
 * <p>{@code D_st = g_st - g_{s-1,t} - g_{s,t-1} + g_{s-1,t-1}} of the displacements' Gram matrix g, and back {@code g = S D S'} with S the
 * lower-triangular ones. The nulls of a spectrum are other matrices D with the same lengths. Immutable.
 */
public final class Increments {
    private final Gram gram;
    private final SymmetricMatrix products;
    private final double[] lengths;

    private Increments(Gram gram, SymmetricMatrix products) {
        this.gram = gram;
        this.products = products;
        this.lengths = new double[products.size()];
        for (int t = 0; t < lengths.length; t++) {
            lengths[t] = Math.sqrt(Math.max(products.get(t, t), 0));
        }
    }

    /** The increments of a path with at least one snapshot. */
    public static Increments of(Gram gram) {
        if (gram.snapshots() < 1) {
            throw new IllegalArgumentException(
                    "increments of '" + gram.block() + "': no snapshot, expected at least 1");
        }
        return new Increments(
                gram,
                SymmetricMatrix.of(
                        gram.snapshots() - 1,
                        (s, t) ->
                                (gram.get(s + 1, t + 1) - gram.get(s, t + 1)) - (gram.get(s + 1, t) - gram.get(s, t))));
    }

    /** The path whose increments have these products: g = S D S', with this one's block and steps. */
    public Gram path(SymmetricMatrix products) {
        int n = gram.snapshots();
        double[][] g = new double[n][n];
        for (int i = 1; i < n; i++) {
            double row = 0;
            for (int j = 1; j < n; j++) {
                row += products.get(i - 1, j - 1);
                g[i][j] = g[i - 1][j] + row;
            }
        }
        return gram.with(SymmetricMatrix.mirrored(g));
    }

    /** Number of increments, n - 1. */
    public int size() {
        return lengths.length;
    }

    /** D_st. */
    public double get(int s, int t) {
        return products.get(s, t);
    }

    /** l_t = |Delta_t|, weight norm. */
    public double length(int t) {
        return lengths[t];
    }

    /** l_t, [n - 1], weight norm. */
    public double[] lengths() {
        return lengths.clone();
    }

    /** cos(Delta_s, Delta_t), dimensionless; NaN if one of them has no length. */
    public double cosine(int s, int t) {
        double norms = lengths[s] * lengths[t];
        return norms > 0 ? products.get(s, t) / norms : Double.NaN;
    }

    /** Mean of cos(Delta_s, Delta_t) over s &lt; t, those defined; NaN without any. Above 0: drift; below 0: the path turns back. */
    public double meanCosine() {
        double sum = 0;
        long count = 0;
        for (int s = 0; s < lengths.length; s++) {
            for (int t = s + 1; t < lengths.length; t++) {
                double cosine = cosine(s, t);
                if (!Double.isNaN(cosine)) {
                    sum += cosine;
                    count++;
                }
            }
        }
        return count == 0 ? Double.NaN : sum / count;
    }

    /** Mean of cos(Delta_t, Delta_{t+lag}) over t, those defined; NaN without any. */
    public double meanCosine(int lag) {
        return java.util.stream.IntStream.range(0, Math.max(lengths.length - lag, 0))
                .mapToDouble(t -> cosine(t, t + lag))
                .filter(cosine -> !Double.isNaN(cosine))
                .average()
                .orElse(Double.NaN);
    }

    /** The share that decay alone leaves of a weight over increment t; dimensionless. */
    double kept(Shrinkage decay, int t) {
        return decay.kept(gram.steps()[t], gram.steps()[t + 1]);
    }

    /** The path itself. */
    public Gram path() {
        return gram;
    }
}
