package holonomy.geometry;

import java.util.Arrays;

/**
 * {@code Q'AQ = T}, T tridiagonal with diagonal [n] and off-diagonal [n - 1]: Householder reflections on full rows (so that every inner
 * loop is an update of independent elements, which the compiler vectorises), then the implicit QL iteration on T.
 *
 * <p>After EISPACK's tred1 and imtql1. Eigenvalues are right to a few units of rounding of the largest one.
 */
final class Tridiagonal {
    private static final int ITERATIONS = 60;

    private final double[] diagonal;
    private final double[] off;

    private Tridiagonal(double[] diagonal, double[] off) {
        this.diagonal = diagonal;
        this.off = off;
    }

    /** Reduces a full symmetric matrix [n, n]. Modified: {@code a} is used up. */
    static Tridiagonal of(double[][] a) {
        int n = a.length;
        double[] diagonal = new double[n];
        double[] off = new double[Math.max(n - 1, 0)];
        double[] p = new double[n];
        for (int i = n - 1; i > 0; i--) {
            diagonal[i] = a[i][i];
            off[i - 1] = reflect(a, i, p);
        }
        if (n > 0) {
            diagonal[0] = a[0][0];
        }
        return new Tridiagonal(diagonal, off);
    }

    /** T given by its diagonals. Copied. */
    static Tridiagonal of(double[] diagonal, double[] off) {
        return new Tridiagonal(diagonal.clone(), off.clone());
    }

    /** Eliminates row i left of its off-diagonal in the leading i x i part. Modifies {@code a} and {@code p}; returns that off-diagonal. */
    private static double reflect(double[][] a, int i, double[] p) {
        double[] u = a[i];
        double scale = 0;
        for (int k = 0; k < i - 1; k++) {
            scale = Math.max(scale, Math.abs(u[k]));
        }
        if (scale == 0) {
            return u[i - 1];
        }
        scale = Math.max(scale, Math.abs(u[i - 1]));
        double square = 0;
        for (int k = 0; k < i; k++) {
            u[k] /= scale;
            square += u[k] * u[k];
        }
        double g = -Math.copySign(Math.sqrt(square), u[i - 1]);
        double h = square - u[i - 1] * g;
        u[i - 1] -= g;
        multiply(a, i, u, p);
        double k = 0;
        for (int j = 0; j < i; j++) {
            p[j] /= h;
            k += u[j] * p[j];
        }
        k /= h + h;
        for (int j = 0; j < i; j++) {
            p[j] -= k * u[j];
        }
        for (int j = 0; j < i; j++) {
            rankTwo(a[j], u, p, u[j], p[j], i);
        }
        return scale * g;
    }

    /** p = A u over the leading n x n part. Modifies {@code p}. */
    private static void multiply(double[][] a, int n, double[] u, double[] p) {
        Arrays.fill(p, 0, n, 0);
        int j = 0;
        for (; j + 4 <= n; j += 4) {
            addFour(p, a[j], a[j + 1], a[j + 2], a[j + 3], u, j, n);
        }
        for (; j < n; j++) {
            double[] row = a[j];
            double uj = u[j];
            for (int k = 0; k < n; k++) {
                p[k] += uj * row[k];
            }
        }
    }

    private static void addFour(
            double[] p, double[] r0, double[] r1, double[] r2, double[] r3, double[] u, int j, int n) {
        double u0 = u[j];
        double u1 = u[j + 1];
        double u2 = u[j + 2];
        double u3 = u[j + 3];
        for (int k = 0; k < n; k++) {
            p[k] += (u0 * r0[k] + u1 * r1[k]) + (u2 * r2[k] + u3 * r3[k]);
        }
    }

    /** row -= uj p + pj u. Modifies {@code row}. */
    private static void rankTwo(double[] row, double[] u, double[] p, double uj, double pj, int n) {
        for (int k = 0; k < n; k++) {
            row[k] -= uj * p[k] + pj * u[k];
        }
    }

    /**
     * Eigenvalues of T, descending [n].
     *
     * @throws ArithmeticException if an eigenvalue takes more than 60 iterations (an entry that is not finite)
     */
    double[] eigenvalues() {
        int n = diagonal.length;
        double[] d = diagonal.clone();
        double[] e = Arrays.copyOf(off, n);
        for (int l = 0; l < n; l++) {
            int iteration = 0;
            for (int m = split(d, e, l); m > l; m = split(d, e, l)) {
                if (iteration++ == ITERATIONS) {
                    throw new ArithmeticException("eigenvalues of a " + n + " x " + n + " matrix: number " + l
                            + " did not converge in " + ITERATIONS + " iterations; are all entries finite?");
                }
                sweep(d, e, l, m);
            }
        }
        Arrays.sort(d);
        for (int i = 0, j = n - 1; i < j; i++, j--) {
            double swap = d[i];
            d[i] = d[j];
            d[j] = swap;
        }
        return d;
    }

    /** The first m &gt;= l whose off-diagonal is negligible. */
    private static int split(double[] d, double[] e, int l) {
        int m = l;
        while (m < d.length - 1 && Math.abs(e[m]) > Math.ulp(Math.abs(d[m]) + Math.abs(d[m + 1]))) {
            m++;
        }
        return m;
    }

    /** One implicit QL step on rows l .. m with Wilkinson's shift. Modifies {@code d} and {@code e}. */
    private static void sweep(double[] d, double[] e, int l, int m) {
        double g = (d[l + 1] - d[l]) / (2 * e[l]);
        g = d[m] - d[l] + e[l] / (g + Math.copySign(Math.hypot(g, 1), g));
        double s = 1;
        double c = 1;
        double p = 0;
        for (int i = m - 1; i >= l; i--) {
            double f = s * e[i];
            double b = c * e[i];
            double r = length(f, g);
            e[i + 1] = r;
            if (r == 0) {
                d[i + 1] -= p;
                e[m] = 0;
                return;
            }
            s = f / r;
            c = g / r;
            g = d[i + 1] - p;
            r = (d[i] - g) * s + 2 * c * b;
            p = s * r;
            d[i + 1] = g + p;
            g = c * r - b;
        }
        d[l] -= p;
        e[l] = g;
        e[m] = 0;
    }

    /** sqrt(f^2 + g^2), by the short way where squares neither overflow nor vanish. */
    private static double length(double f, double g) {
        double square = f * f + g * g;
        return square > 1e-280 && square < 1e280 ? Math.sqrt(square) : Math.hypot(f, g);
    }
}
