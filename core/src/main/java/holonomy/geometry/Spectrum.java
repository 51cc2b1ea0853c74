package holonomy.geometry;

import java.util.Arrays;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;

/**
 * The principal-component spectrum of a path: {@code lambda_1 >= lambda_2 >= ...}, eigenvalues of the snapshots' Gram matrix (in squared
 * weight norm, summed over snapshots, not divided by n), and with {@code p_k = lambda_k / sum lambda} the statistics made of it.
 *
 * <p>Rounding below zero is clipped to 0; the eigenvalue that centring makes zero is stored as exactly 0. Without variation (fewer than
 * two snapshots, all snapshots equal, a value that is not finite) there are no eigenvalues, {@link #isDefined} is false and
 * every statistic is NaN. Ranks are whole numbers, given as doubles for that reason. Immutable.
 */
public final class Spectrum {
    private final Centring centring;
    private final int snapshots;
    private final double[] eigenvalues;
    private final double total;

    private Spectrum(Centring centring, int snapshots, double[] eigenvalues) {
        this.centring = centring;
        this.snapshots = snapshots;
        this.eigenvalues = eigenvalues;
        this.total = Arrays.stream(eigenvalues).sum();
    }

    /** The spectrum of a path given by its displacements' Gram matrix. */
    public static Spectrum of(Gram gram, Centring centring) {
        int n = gram.snapshots();
        double trace = gram.displacements().trace();
        if (n < 2 || !(trace > 0) || !Double.isFinite(trace)) {
            return new Spectrum(centring, n, new double[0]);
        }
        SymmetricMatrix matrix = centring.of(gram);
        if (!Double.isFinite(matrix.trace())) {
            return new Spectrum(centring, n, new double[0]);
        }
        double[] values = SymmetricEigen.values(matrix);
        for (int k = 0; k < values.length; k++) {
            boolean structuralZero = centring == Centring.CENTRED && k == n - 1;
            values[k] = structuralZero ? 0 : Math.max(values[k], 0);
        }
        return new Spectrum(centring, n, values);
    }

    /** Whether the path varies at all; if not, every statistic is NaN. */
    public boolean isDefined() {
        return total > 0;
    }

    public Centring centring() {
        return centring;
    }

    /** Number of snapshots n. */
    public int snapshots() {
        return snapshots;
    }

    /** lambda_k, descending: [n] centred, [n - 1] otherwise, [0] when undefined. Squared weight norm. */
    public double[] eigenvalues() {
        return eigenvalues.clone();
    }

    /** sum_k lambda_k, in squared weight norm. */
    public double total() {
        return total;
    }

    /** p_k = lambda_k / sum lambda, as {@link #eigenvalues}; dimensionless. */
    public double[] varianceShare() {
        return Arrays.stream(eigenvalues).map(lambda -> lambda / total).toArray();
    }

    /**
     * Smallest k with {@code p_1 + .. + p_k >= share}; a whole number.
     *
     * @param share between 0 and 1, both excluded; dimensionless
     */
    public double rank(double share) {
        return isDefined() ? crossing(share).rank : Double.NaN;
    }

    /**
     * {@code k - 1 + (share - c_{k-1}) / (c_k - c_{k-1})} with k = {@link #rank} and c_k = p_1 + .. + p_k, c_0 = 0: where the cumulative share,
     * drawn as straight lines between whole k, crosses {@code share}. Lies in (k - 1, k].
     *
     * @param share between 0 and 1, both excluded; dimensionless
     */
    public double rankInterpolated(double share) {
        if (!isDefined()) {
            return Double.NaN;
        }
        Crossing at = crossing(share);
        return at.rank - 1 + Math.min((share - at.before) / at.step, 1);
    }

    /** r90: {@code rank(.9)}. */
    public double r90() {
        return rank(.90);
    }

    /** {@code rankInterpolated(.9)}. */
    public double r90Interpolated() {
        return rankInterpolated(.90);
    }

    /** {@code rank(.95)}. */
    public double r95() {
        return rank(.95);
    }

    /** {@code rank(.99)}. */
    public double r99() {
        return rank(.99);
    }

    /** p_1. */
    public double pc1Share() {
        return isDefined() ? eigenvalues[0] / total : Double.NaN;
    }

    /** 1 / sum p_k^2, between 1 and n. */
    public double participationRatio() {
        return isDefined() ? 1 / shares().map(p -> p * p).sum() : Double.NaN;
    }

    /** exp(-sum p_k ln p_k), between 1 and n. */
    public double entropyRank() {
        return isDefined() ? exponentialEntropy(shares()) : Double.NaN;
    }

    /** exp(-sum q_k ln q_k) of q_k = sqrt(lambda_k) / sum sqrt(lambda): a published number that grows with n; compare at equal n only. */
    public double entropyRankOfSingularValues() {
        if (!isDefined()) {
            return Double.NaN;
        }
        double sum = Arrays.stream(eigenvalues).map(Math::sqrt).sum();
        return exponentialEntropy(Arrays.stream(eigenvalues).map(lambda -> Math.sqrt(lambda) / sum));
    }

    private DoubleStream shares() {
        return Arrays.stream(eigenvalues).map(lambda -> lambda / total);
    }

    private static double exponentialEntropy(DoubleStream shares) {
        return Math.exp(-shares.filter(p -> p > 0).map(p -> p * Math.log(p)).sum());
    }

    /** The component that carries the cumulative share past a threshold: its number from 1, the share before it, and its own. */
    private record Crossing(int rank, double before, double step) {}

    private Crossing crossing(double share) {
        if (!(share > 0 && share < 1)) {
            throw new IllegalArgumentException("share of variance is " + share + ", expected between 0 and 1");
        }
        double sum = 0;
        for (int k = 0; k < eigenvalues.length; k++) {
            if (sum + eigenvalues[k] >= share * total) {
                return new Crossing(k + 1, sum / total, eigenvalues[k] / total);
            }
            sum += eigenvalues[k];
        }
        throw new AssertionError("cumulative share " + sum / total + " never reaches " + share);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Spectrum spectrum
                && centring == spectrum.centring
                && snapshots == spectrum.snapshots
                && Arrays.equals(eigenvalues, spectrum.eigenvalues);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * centring.hashCode() + snapshots) + Arrays.hashCode(eigenvalues);
    }

    @Override
    public String toString() {
        return "Spectrum[" + centring.label() + ", n " + snapshots + ", r90 " + r90() + ", PC1 share " + pc1Share()
                + "]";
    }
}
