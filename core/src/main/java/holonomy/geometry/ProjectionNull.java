package holonomy.geometry;

import holonomy.inference.Inversion;
import org.apache.commons.numbers.gamma.GammaRatio;
import org.apache.commons.statistics.distribution.BetaDistribution;

/**
 * The energy share of a fixed vector of R^P in a uniformly random K-dimensional subspace: {@code rho^2 ~ Beta(K/2, (P - K)/2)}, exactly. No sampling.
 *
 * @param directions K, at least 1
 * @param dimension P, more than K
 */
public record ProjectionNull(int directions, long dimension) {
    public ProjectionNull {
        if (directions < 1 || directions >= dimension) {
            throw new IllegalArgumentException("random subspace of " + directions + " directions in " + dimension
                    + " weights: expected at least 1 direction and fewer than weights");
        }
    }

    /** E[rho^2] = K/P. */
    public double mean() {
        return (double) directions / dimension;
    }

    /** E[rho] = Gamma((K + 1)/2) Gamma(P/2) / (Gamma(K/2) Gamma((P + 1)/2)). */
    public double meanRho() {
        return GammaRatio.delta(dimension / 2.0, .5) / GammaRatio.delta(directions / 2.0, .5);
    }

    /** The energy share below which a fraction {@code probability} of random subspaces lie, for a probability above 0 and below 1. */
    public double quantile(double probability) {
        BetaDistribution beta = distribution();
        return Math.min(Inversion.of(x -> beta.cumulativeProbability(Math.min(x, 1)), probability, mean()), 1);
    }

    /** P(rho^2 > energy): how often chance does better. */
    public double exceedance(double energy) {
        return distribution().survivalProbability(energy);
    }

    /** Mean and quantiles together. */
    public NullEnergy energy() {
        return new NullEnergy(mean(), quantile(.025), quantile(.975), meanRho());
    }

    private BetaDistribution distribution() {
        return BetaDistribution.of(directions / 2.0, (dimension - directions) / 2.0);
    }
}
