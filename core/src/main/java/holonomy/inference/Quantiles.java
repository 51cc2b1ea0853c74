package holonomy.inference;

import java.util.Arrays;

/** Quantiles of a sample. */
public final class Quantiles {
    private Quantiles() {}

    /**
     * {@code x_(h) + (h - floor h)(x_(h+1) - x_(h))} with h = (n - 1) p from 0: linear between order statistics (Hyndman and Fan's type 7). In the
     * values' unit.
     *
     * @param values at least one; NaN if one of them is. Not modified.
     * @param probability between 0 and 1
     */
    public static double of(double[] values, double probability) {
        return of(values, new double[] {probability})[0];
    }

    /** {@link #of(double[], double)} at several probabilities, [probabilities]; the values are sorted once. */
    public static double[] of(double[] values, double... probabilities) {
        for (double probability : probabilities) {
            if (values.length == 0 || !(probability >= 0 && probability <= 1)) {
                throw new IllegalArgumentException("quantile " + probability + " of " + values.length
                        + " values: expected a probability in 0 .. 1 and at least one value");
            }
        }
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        // Sorting puts NaN last.
        boolean undefined = sorted.length > 0 && Double.isNaN(sorted[sorted.length - 1]);
        return Arrays.stream(probabilities)
                .map(probability -> undefined ? Double.NaN : at(sorted, probability))
                .toArray();
    }

    private static double at(double[] sorted, double probability) {
        double h = (sorted.length - 1) * probability;
        int below = (int) Math.floor(h);
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (h - below) * (sorted[above] - sorted[below]);
    }

    /** The middle value, or the mean of the two middle ones. */
    public static double median(double[] values) {
        return of(values, .5);
    }
}
