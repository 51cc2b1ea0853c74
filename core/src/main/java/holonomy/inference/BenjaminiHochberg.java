package holonomy.inference;

import java.util.Arrays;

/** Benjamini and Hochberg's (1995) control of the false-discovery rate: the expected share of false ones among what is called true. */
public final class BenjaminiHochberg {
    private BenjaminiHochberg() {}

    /**
     * {@code q_(i) = min_{j>=i} min(1, m p_(j) / j)} over the sorted p-values, in the given order: at most alpha exactly where the procedure rejects. The rate is kept
     * for independent tests and positively dependent ones (claims on the same runs).
     *
     * @param p p-values of the m tests, in 0 .. 1. Not modified.
     */
    public static double[] adjusted(double[] p) {
        Integer[] order = new Integer[p.length];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, (a, b) -> Double.compare(p[a], p[b]));
        double[] adjusted = new double[p.length];
        double smallest = 1;
        for (int i = p.length - 1; i >= 0; i--) {
            double value = p[order[i]];
            if (!(value >= 0 && value <= 1)) {
                throw new IllegalArgumentException("p-value " + value + " of test " + order[i] + ": expected 0 .. 1");
            }
            smallest = Math.min(smallest, p.length * value / (i + 1));
            adjusted[order[i]] = smallest;
        }
        return adjusted;
    }
}
