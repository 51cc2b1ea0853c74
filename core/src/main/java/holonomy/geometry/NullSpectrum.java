package holonomy.geometry;

import holonomy.inference.Quantiles;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/**
 * The spectra of a path's null: one where it is exact, one per draw where it is drawn. For every statistic: mean, 2.5 % and 97.5 %
 * quantiles (all three equal where it is exact), and the excess of the measured one.
 *
 * @param label the null's name
 * @param spectra at least one
 */
public record NullSpectrum(String label, List<Spectrum> spectra) {
    public NullSpectrum {
        if (spectra.isEmpty()) {
            throw new IllegalArgumentException("null '" + label + "' has no spectrum, expected at least one");
        }
        spectra = List.copyOf(spectra);
    }

    /** The exact spectrum of the expected walk beside a measured path. */
    public static NullSpectrum of(WalkNull walk, Gram measured, Centring centring) {
        return new NullSpectrum(walk.label(), List.of(Spectrum.of(walk.path(Increments.of(measured)), centring)));
    }

    /** The spectra of drawn walks beside a measured path. */
    public static NullSpectrum of(ShuffledNull walk, Gram measured, Centring centring, RandomGenerator random) {
        Increments increments = Increments.of(measured);
        return new NullSpectrum(
                walk.label(),
                Stream.generate(() -> Spectrum.of(walk.draw(increments, random), centring))
                        .limit(walk.draws())
                        .toList());
    }

    /** Whether it is known without draws. */
    public boolean isExact() {
        return spectra.size() == 1;
    }

    /** Mean over the draws; NaN where the spectrum is undefined. */
    public double mean(Statistic statistic) {
        return spectra.stream().mapToDouble(statistic::of).average().orElseThrow();
    }

    /** Quantile over the draws, for instance .025; NaN where the spectrum is undefined. */
    public double quantile(Statistic statistic, double probability) {
        return Quantiles.of(spectra.stream().mapToDouble(statistic::of).toArray(), probability);
    }

    /** {@code statistic(measured) - mean}: what the null does not explain. */
    public double excess(Statistic statistic, Spectrum measured) {
        return statistic.of(measured) - mean(statistic);
    }
}
