package holonomy.inference;

import java.util.Arrays;

/** Holm's correction for a family of tests. */
public final class Holm {
    private Holm() {}

    /**
     * {@code p~_(i) = max_{j<=i} min(1, (m - j + 1) p_(j))} over the sorted p-values, in the given order: below alpha exactly where Holm's procedure rejects.
     *
     * @param p p-values of the m tests of the family, in 0 .. 1. Not modified.
     */
    public static double[] adjusted(double[] p) {
        Integer[] order = new Integer[p.length];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, (a, b) -> Double.compare(p[a], p[b]));
        double[] adjusted = new double[p.length];
        double largest = 0;
        for (int i = 0; i < p.length; i++) {
            double value = p[order[i]];
            if (!(value >= 0 && value <= 1)) {
                throw new IllegalArgumentException("p-value " + value + " of test " + order[i] + ": expected 0 .. 1");
            }
            largest = Math.max(largest, Math.min(1, (p.length - i) * value));
            adjusted[order[i]] = largest;
        }
        return adjusted;
    }
}
