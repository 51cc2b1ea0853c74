package holonomy.geometry;

import holonomy.inference.Inversion;
import org.apache.commons.statistics.distribution.ChiSquaredDistribution;

/**
 * The overlap (mean squared cosine over min(k1, k2) principal angles) of two random subspaces of R^D: {@code D |Q1'Q2|_F^2 ~ chi^2(k1 k2)} for D
 * much above k, so {@code overlap ~ chi^2(k1 k2) / (D min(k1, k2))}. The mean {@code max(k1, k2)/D} is exact. Dimensionless.
 *
 * @param first k1, at least 1
 * @param second k2, at least 1
 * @param dimension D
 */
public record OverlapNull(int first, int second, long dimension) {
    public OverlapNull {
        if (first < 1 || second < 1 || Math.max(first, second) > dimension) {
            throw new IllegalArgumentException("overlap of subspaces of " + first + " and " + second + " directions in "
                    + dimension + " weights: expected 1 to that many directions");
        }
    }

    /** The chance level max(k1, k2)/D; k/D for equal k. */
    public double mean() {
        return (double) Math.max(first, second) / dimension;
    }

    /** The overlap below which a fraction {@code probability} of pairs lie, for instance .975. */
    public double quantile(double probability) {
        double freedom = (double) first * second;
        double square = Inversion.of(ChiSquaredDistribution.of(freedom)::cumulativeProbability, probability, freedom);
        return Math.min(square / dimension / Math.min(first, second), 1);
    }

    /** How often the mean overlap of so many independent pairs is at least {@code overlap}: the upper tail of {@link #quantileOfMean}'s law. */
    public double tailOfMean(double overlap, int pairs) {
        double freedom = (double) first * second * pairs;
        double square = overlap * dimension * Math.min(first, second) * pairs;
        return ChiSquaredDistribution.of(freedom).survivalProbability(square);
    }

    /** The mean overlap of so many independent pairs below which a fraction {@code probability} lie: {@code chi^2(pairs k1 k2) / (pairs D min(k1, k2))}. */
    public double quantileOfMean(double probability, int pairs) {
        if (pairs < 1) {
            throw new IllegalArgumentException("mean overlap of " + pairs + " pairs, expected at least 1");
        }
        double freedom = (double) first * second * pairs;
        double square = Inversion.of(ChiSquaredDistribution.of(freedom)::cumulativeProbability, probability, freedom);
        return Math.min(square / dimension / Math.min(first, second) / pairs, 1);
    }
}
