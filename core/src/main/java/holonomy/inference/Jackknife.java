package holonomy.inference;

import java.util.Arrays;

/**
 * The interval of a number of several seeds that is no mean of independent values, from the same number with each seed left out (Tukey 1958; of U-statistics,
 * as overlaps of pairs are: Arvesen 1969).
 */
public final class Jackknife {
    private Jackknife() {}

    /**
     * {@code y -+ t_{n-1}((1 + level)/2) sqrt((n - 1)/n sum_s (y_s - mean y_s)^2)} on the scale, taken back. Of a mean of independent values this is Student's interval.
     * Of a mean over all pairs of seeds it covers what it says where the spread comes from the seeds, and more where it comes from the pairs: of pairs that share
     * seeds and are independent all the same, twice as wide as need be at n = 3 (.987 for .95), sqrt 2 at large n.
     *
     * @param value of all seeds
     * @param without the number without each seed. Not modified. One that is undefined bounds nothing: two seeds have one pair.
     * @param level coverage, for instance .95
     */
    public static Estimate of(double value, double[] without, Scale scale, double level) {
        scale.require(value);
        int n = without.length;
        double[] y = Arrays.stream(without).map(scale::forward).toArray();
        double mean = Arrays.stream(y).average().orElse(Double.NaN);
        double centre = scale.forward(value);
        if (n < 2 || !Double.isFinite(mean) || Double.isNaN(centre)) {
            return Interval.unbounded(value, n, scale, level);
        }
        double squares =
                Arrays.stream(y).map(each -> (each - mean) * (each - mean)).sum();
        double half = Interval.quantile(n - 1, level) * Math.sqrt((n - 1.0) / n * squares);
        return new Estimate(
                value,
                scale.back(centre - half),
                scale.back(centre + half),
                n,
                level,
                "mean" + scale.words() + ", jackknife over seeds");
    }
}
