package holonomy.curvature;

import holonomy.data.UserError;
import holonomy.geometry.Orthonormal;
import holonomy.geometry.SymmetricEigen;
import holonomy.geometry.SymmetricMatrix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * {@code A Q = Q T + beta_m q_m+1 e_m'}: m steps of Lanczos, Q [d, m] orthonormal, T [m, m] tridiagonal; {@code T = S diag(lambda) S'}.
 *
 * <p>Ritz values lambda_i approach A's eigenvalues from the ends inward; an eigenvalue of A lies within {@code |beta_m s_mi|} of each. Every new vector is made
 * orthogonal to all before it, twice, so no eigenvalue is found twice by rounding. Where Q spans an invariant subspace it goes on with a vector orthogonal to it. Of an eigenvalue
 * that is exactly multiple copies beyond the first are sure only once m = d, which is why matrices with d of at most {@code most} are always taken whole. Costs m products,
 * 4 m^2 d operations and m d float64 of memory.
 */
public final class Lanczos {
    /** A next vector shorter than this share of T's largest entry is rounding. */
    private static final double NEGLIGIBLE = 1e-12;

    private static final int CHECK_EVERY = 5;

    private final List<double[]> basis = new ArrayList<>();
    private final List<Double> diagonal = new ArrayList<>();
    private final List<Double> off = new ArrayList<>();
    private double largest;
    private double remaining;
    private SymmetricEigen eigen = SymmetricEigen.of(SymmetricMatrix.of(0, (i, j) -> 0));

    private Lanczos() {}

    /**
     * m steps from a vector; fewer if what it spans is closed under A: then the quadrature of {@link SpectralDensity} is exact.
     *
     * @param start [d], not 0; not modified
     */
    public static Lanczos from(SymmetricOperator a, double[] start, int steps) {
        Lanczos lanczos = new Lanczos();
        lanczos.accept(start.clone(), 0);
        double[] next = lanczos.step(a);
        while (lanczos.size() < steps && lanczos.remaining > 0) {
            lanczos.accept(next, lanczos.remaining);
            next = lanczos.step(a);
        }
        return lanczos.decompose();
    }

    /**
     * The k largest eigenvalues with their vectors: as many steps as bring their errors below {@code tolerance} times the largest in size, at most {@code most}. What is not reached shows
     * in {@link #error}.
     *
     * @param k at least 1, at most d
     * @throws UserError if there are fewer than k eigenvalues
     */
    public static Lanczos largest(SymmetricOperator a, int k, double tolerance, int most, RandomGenerator random) {
        int d = a.dimension();
        if (k < 1 || k > d) {
            throw new UserError("curvature: eigenvalues expected 1 to " + d + " of " + d + " weights, found " + k
                    + "; ask for 1 to " + d);
        }
        Lanczos lanczos = new Lanczos();
        lanczos.accept(gaussian(d, random), 0);
        int steps = Math.min(d, Math.max(most, k));
        double[] next = lanczos.step(a);
        while (lanczos.size() < steps) {
            boolean check = lanczos.size() >= k && lanczos.size() % CHECK_EVERY == 0 && d > most;
            if (check && lanczos.decompose().reached(k, tolerance)) {
                return lanczos;
            }
            if (lanczos.remaining == 0) {
                next = gaussian(d, random);
                Orthonormal.without(next, lanczos.basis);
            }
            lanczos.accept(next, lanczos.remaining);
            next = lanczos.step(a);
        }
        return lanczos.decompose();
    }

    /** Takes a vector orthogonal to Q into it. Modified: next, divided by its length. @param beta T's entry beside it */
    private void accept(double[] next, double beta) {
        if (!basis.isEmpty()) {
            off.add(beta);
            largest = Math.max(largest, beta);
        }
        double length = Orthonormal.norm(next);
        for (int i = 0; i < next.length; i++) {
            next[i] /= length;
        }
        basis.add(next);
    }

    /** beta_m q_m+1: A q_m without its part in Q; what remains of it is the next vector. */
    private double[] step(SymmetricOperator a) {
        double[] last = basis.get(basis.size() - 1);
        double[] next = a.times(last);
        double alpha = Orthonormal.dot(last, next);
        if (!Double.isFinite(alpha)) {
            throw new ArithmeticException("curvature: a product is not finite; are all weights and gradients?");
        }
        diagonal.add(alpha);
        largest = Math.max(largest, Math.abs(alpha));
        Orthonormal.without(next, basis);
        double norm = Orthonormal.norm(next);
        remaining = norm > NEGLIGIBLE * largest && basis.size() < next.length ? norm : 0;
        return next;
    }

    private Lanczos decompose() {
        eigen = SymmetricEigen.of(
                SymmetricMatrix.of(diagonal.size(), (i, j) -> i == j ? diagonal.get(i) : i == j + 1 ? off.get(j) : 0));
        return this;
    }

    private boolean reached(int k, double tolerance) {
        double size = Math.max(Math.abs(value(0)), Math.abs(value(size() - 1)));
        for (int i = 0; i < k; i++) {
            if (error(i) > tolerance * size) {
                return false;
            }
        }
        return true;
    }

    /** m, products taken. */
    public int size() {
        return diagonal.size();
    }

    /** lambda_i, i from 0, descending; the last is the smallest. */
    public double value(int i) {
        return eigen.value(i);
    }

    /** |beta_m s_mi|: an eigenvalue of A lies so near. */
    public double error(int i) {
        return remaining * Math.abs(eigen.vector(i, size() - 1));
    }

    /** The eigenvector Q s_i [d] of length 1, its sign free. */
    public double[] vector(int i) {
        double[] vector = new double[basis.get(0).length];
        for (int j = 0; j < size(); j++) {
            double factor = eigen.vector(i, j);
            double[] q = basis.get(j);
            for (int d = 0; d < vector.length; d++) {
                vector[d] += factor * q[d];
            }
        }
        return vector;
    }

    /** s_1i^2: the share of the start in the eigenspace of lambda_i. */
    double weight(int i) {
        return eigen.vector(i, 0) * eigen.vector(i, 0);
    }

    static double[] gaussian(int size, RandomGenerator random) {
        double[] values = new double[size];
        Arrays.setAll(values, i -> random.nextGaussian());
        return values;
    }
}
