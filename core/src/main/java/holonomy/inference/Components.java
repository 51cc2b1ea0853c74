package holonomy.inference;

import java.util.Arrays;
import java.util.Collection;
import org.apache.commons.statistics.distribution.ChiSquaredDistribution;
import org.apache.commons.statistics.distribution.ContinuousDistribution;
import org.apache.commons.statistics.distribution.FDistribution;

/**
 * Where the spread of repeated values comes from: the variance components of {@code y_ij = mu + a_i + e_ij}, i a seed, j a repeat within it, by one-way analysis of
 * variance (Searle, Casella and McCulloch 1992, chapter 3). In the values' unit, squared.
 *
 * @param seeds number of seeds, k
 * @param repeats repeats per seed, {@code n0 = (N - sum n_i^2 / N)/(k - 1)}: n_i itself where all are equal
 * @param between Var(a): {@code (MS_between - MS_within)/n0}, below 0 where repeats alone make seeds differ more than they do; with the interval of Williams (1962) and
 *     Tukey (1951), cut at 0
 * @param within Var(e): {@code MS_within}, with its chi-square interval
 */
public record Components(int seeds, double repeats, Part between, Part within) {
    /** A variance with its 95 % interval. */
    public record Part(double variance, double low, double high) {
        /** The standard deviation that goes with it: 0 where the variance is below 0. */
        public Part deviations() {
            return new Part(root(variance), root(low), root(high));
        }

        private static double root(double variance) {
            return Math.sqrt(Math.max(0, variance));
        }
    }

    /** Whether the analysis says that seeds differ beyond their repeats: the whole interval lies above 0. */
    public boolean seedsDiffer() {
        return between.low > 0;
    }

    /**
     * The components of these values.
     *
     * @param values repeats by seed, at least two seeds, all finite, and more values than seeds. Not modified.
     */
    public static Components of(Collection<double[]> values) {
        int seeds = values.size();
        int count = values.stream().mapToInt(own -> own.length).sum();
        boolean empty = values.stream().anyMatch(own -> own.length == 0);
        if (seeds < 2 || empty || count <= seeds) {
            throw new IllegalArgumentException("variance components of " + count + " values of " + seeds
                    + " seeds: expected at least two seeds, and two values in one of them");
        }
        double grand = values.stream().flatMapToDouble(Arrays::stream).average().orElseThrow();
        double between = 0;
        double within = 0;
        double squaredCounts = 0;
        for (double[] own : values) {
            double mean = Arrays.stream(own).average().orElseThrow();
            between += own.length * (mean - grand) * (mean - grand);
            within += Arrays.stream(own).map(y -> (y - mean) * (y - mean)).sum();
            squaredCounts += (double) own.length * own.length;
        }
        double repeats = (count - squaredCounts / count) / (seeds - 1);
        return of(seeds, repeats, between, within, count - seeds);
    }

    /** From the sums of squares; {@code freedom} is that within. */
    private static Components of(int seeds, double repeats, double between, double within, int freedom) {
        ContinuousDistribution chiWithin = ChiSquaredDistribution.of(freedom);
        Part error = new Part(within / freedom, within / quantile(chiWithin, .975), within / quantile(chiWithin, .025));
        double variance = (between / (seeds - 1) - error.variance) / repeats;
        return new Components(
                seeds,
                repeats,
                new Part(
                        variance,
                        limit(between, error.variance, seeds, repeats, freedom, .975),
                        limit(between, error.variance, seeds, repeats, freedom, .025)),
                error);
    }

    /** {@code (SS_between - F_p (k - 1) MS_within) / (n0 chi^2_p)}, at least 0. */
    private static double limit(double between, double error, int seeds, double repeats, int freedom, double p) {
        double chi = quantile(ChiSquaredDistribution.of(seeds - 1), p);
        double f = quantile(FDistribution.of(seeds - 1, freedom), p);
        return Math.max(0, (between - f * (seeds - 1) * error) / (repeats * chi));
    }

    private static double quantile(ContinuousDistribution law, double p) {
        return Inversion.of(law::cumulativeProbability, p, law.inverseCumulativeProbability(p));
    }
}
