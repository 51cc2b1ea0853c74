package holonomy.stats;

import java.util.Arrays;
import java.util.function.ToDoubleFunction;
import java.util.random.RandomGenerator;
import org.apache.commons.statistics.distribution.NormalDistribution;

/** The bias-corrected and accelerated bootstrap (Efron 1987). */
public final class Bootstrap {
    private static final NormalDistribution NORMAL = NormalDistribution.of(0, 1);

    private Bootstrap() {}

    /**
     * The interval between the resampled statistic's quantiles {@code Phi(z0 + (z0 + z)/(1 - a (z0 + z)))}, z = Phi^-1((1 -+ level)/2): z0 from the share of
     * resamples below the statistic (ties count half), a from the jackknife's skewness, {@code sum d^3 / (6 (sum d^2)^1.5)}.
     *
     * @param values one per run, at least 2. Not modified.
     * @param statistic of a sample; must not modify it
     * @param level coverage, for instance .95
     * @param resamples number of resamples, for instance 10,000
     */
    public static Estimate bca(
            double[] values,
            ToDoubleFunction<double[]> statistic,
            double level,
            int resamples,
            RandomGenerator random) {
        if (values.length < 2 || resamples < 1) {
            throw new IllegalArgumentException("bootstrap of " + values.length + " runs with " + resamples
                    + " resamples: expected at least 2 runs and 1 resample");
        }
        double value = statistic.applyAsDouble(values);
        double[] drawn = resampled(values, statistic, resamples, random);
        double bias = bias(drawn, value);
        double acceleration = acceleration(values, statistic);
        boolean flat = !Double.isFinite(bias);
        return new Estimate(
                value,
                flat ? drawn[0] : end(drawn, bias, acceleration, (1 - level) / 2),
                flat ? drawn[drawn.length - 1] : end(drawn, bias, acceleration, (1 + level) / 2),
                values.length,
                level,
                "BCa bootstrap of " + resamples);
    }

    /** The statistic of resamples with replacement, ascending. */
    private static double[] resampled(
            double[] values, ToDoubleFunction<double[]> statistic, int resamples, RandomGenerator random) {
        double[] sample = new double[values.length];
        double[] drawn = new double[resamples];
        for (int i = 0; i < resamples; i++) {
            for (int k = 0; k < sample.length; k++) {
                sample[k] = values[random.nextInt(values.length)];
            }
            drawn[i] = statistic.applyAsDouble(sample);
        }
        Arrays.sort(drawn);
        return drawn;
    }

    private static double bias(double[] drawn, double value) {
        long below = Arrays.stream(drawn).filter(x -> x < value).count();
        long equal = Arrays.stream(drawn).filter(x -> x == value).count();
        return NORMAL.inverseCumulativeProbability((below + equal / 2.0) / drawn.length);
    }

    private static double acceleration(double[] values, ToDoubleFunction<double[]> statistic) {
        double[] left = new double[values.length];
        double[] rest = new double[values.length - 1];
        for (int i = 0; i < values.length; i++) {
            System.arraycopy(values, 0, rest, 0, i);
            System.arraycopy(values, i + 1, rest, i, rest.length - i);
            left[i] = statistic.applyAsDouble(rest);
        }
        double mean = Arrays.stream(left).average().orElseThrow();
        double squares = Arrays.stream(left).map(x -> (mean - x) * (mean - x)).sum();
        double cubes = Arrays.stream(left)
                .map(x -> (mean - x) * (mean - x) * (mean - x))
                .sum();
        return squares > 0 ? cubes / (6 * Math.pow(squares, 1.5)) : 0;
    }

    private static double end(double[] drawn, double bias, double acceleration, double probability) {
        double z = bias + NORMAL.inverseCumulativeProbability(probability);
        double adjusted = bias + z / (1 - acceleration * z);
        return Quantiles.of(drawn, NORMAL.cumulativeProbability(adjusted));
    }
}
