package holonomy.inference;

import java.util.Arrays;
import java.util.List;

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
        return crossed(value, List.of(without), scale, level, "mean" + scale.words() + ", jackknife over seeds");
    }

    /**
     * Of a number whose runs hang together in several ways (by seed, by setting), the variances of all ways added: {@code V = sum_w V_w}, {@code V_w = (n_w - 1)/n_w sum_s (y_s - mean y_s)^2},
     * with Welch and Satterthwaite's {@code V^2 / sum_w V_w^2/(n_w - 1)} degrees of freedom, rounded down. Cameron, Gelbach and Miller (2011) take off the variance of single runs, which is counted
     * twice; it is left in, so where runs share nothing the interval is sqrt 2 too wide.
     *
     * @param without of each way the number without each seed, each setting; n is that of the way with the fewest. Not modified.
     * @param method in words
     */
    public static Estimate crossed(double value, List<double[]> without, Scale scale, double level, String method) {
        scale.require(value);
        double centre = scale.forward(value);
        int n = without.stream().mapToInt(way -> way.length).min().orElseThrow();
        double sum = 0;
        double perFreedom = 0;
        for (double[] way : without) {
            double variance = variance(way, scale);
            sum += variance;
            perFreedom += variance * variance / (way.length - 1);
        }
        if (!Double.isFinite(sum) || Double.isNaN(centre)) {
            return Interval.unbounded(value, n, scale, level);
        }
        int freedom = perFreedom > 0 ? Math.max(1, (int) Math.floor(sum * sum / perFreedom * (1 + 1e-12))) : n - 1;
        double half = Interval.quantile(freedom, level) * Math.sqrt(sum);
        return new Estimate(value, scale.back(centre - half), scale.back(centre + half), n, level, method);
    }

    private static double variance(double[] without, Scale scale) {
        int n = without.length;
        double[] y = Arrays.stream(without).map(scale::forward).toArray();
        double mean = Arrays.stream(y).average().orElse(Double.NaN);
        double squares =
                Arrays.stream(y).map(each -> (each - mean) * (each - mean)).sum();
        return n < 2 ? Double.NaN : (n - 1.0) / n * squares;
    }
}
