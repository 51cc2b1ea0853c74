package holonomy.inference;

import java.util.Arrays;
import org.apache.commons.statistics.distribution.ChiSquaredDistribution;

/** The spread of runs as a share of their mean: the coefficient of variation. */
public final class Variation {
    private Variation() {}

    /**
     * {@code K = s / m} with the chi-square limits {@code K / sqrt(((u + 2)/n - 1) K^2 + u/(n - 1))}, u the (1 + level)/2 and (1 - level)/2 quantiles of chi^2_{n-1} (McKay
     * 1932 as Vangel 1996 modified it, for normal values with K up to a third). The upper limit is infinite where the radicand isn't positive. Dimensionless; undefined
     * unless the mean is positive.
     *
     * @param values one per run. Not modified.
     * @param level coverage, for instance .95
     */
    public static Estimate of(double[] values, double level) {
        int n = values.length;
        double mean = Arrays.stream(values).average().orElse(Double.NaN);
        if (n < 2 || !(mean > 0)) {
            return Interval.unbounded(Double.NaN, n, Scale.LOG, level);
        }
        double squares = Arrays.stream(values).map(x -> (x - mean) * (x - mean)).sum();
        double variation = Math.sqrt(squares / (n - 1)) / mean;
        return new Estimate(
                variation,
                limit(variation, n, (1 + level) / 2),
                limit(variation, n, (1 - level) / 2),
                n,
                level,
                "coefficient of variation, McKay's chi-square limits as Vangel has them");
    }

    private static double limit(double variation, int n, double probability) {
        ChiSquaredDistribution chi = ChiSquaredDistribution.of(n - 1);
        double u = Inversion.of(chi::cumulativeProbability, probability, chi.inverseCumulativeProbability(probability));
        double radicand = ((u + 2) / n - 1) * variation * variation + u / (n - 1);
        return radicand > 0 ? variation / Math.sqrt(radicand) : Double.POSITIVE_INFINITY;
    }
}
