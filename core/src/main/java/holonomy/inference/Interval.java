package holonomy.inference;

import java.util.Arrays;
import org.apache.commons.statistics.distribution.TDistribution;

/**
 * Intervals of a mean over independent runs. The run is the unit: values of one run's checkpoints or layers are averaged first.
 *
 * <p>The rule: Student t on the scale, for any number of runs. It is exact for normal values; a bootstrap of the mean covers 76 % of 3 runs and 93 % of 20 where it says
 * 95. An undefined value (NaN) makes the estimate undefined: a run is never dropped. With one run the value is known and nothing bounds it: the interval is the scale's
 * whole range. Equal values give an interval of no width, except on {@link Scale#OUTCOME}: there it is Wilson's for any number of runs.
 */
public final class Interval {
    /** Coverage of an interval where nothing else is said. */
    public static final double LEVEL = .95;

    private Interval() {}

    /** {@link #of(double[], Scale, double)} at {@link #LEVEL}. */
    public static Estimate of(double[] values, Scale scale) {
        return of(values, scale, LEVEL);
    }

    /**
     * The mean with its interval: Student's, or Wilson's on {@link Scale#OUTCOME}.
     *
     * @param values one per run. Not modified.
     * @param level coverage, for instance .95
     */
    public static Estimate of(double[] values, Scale scale, double level) {
        if (scale == Scale.OUTCOME && Arrays.stream(values).noneMatch(Double::isNaN)) {
            Arrays.stream(values).forEach(scale::require);
            return Proportion.wilson((int) Arrays.stream(values).sum(), values.length, level);
        }
        return studentT(values, scale, level);
    }

    /** {@link #studentT(double[], Scale)} of the values as they are. */
    public static Estimate studentT(double[] values) {
        return studentT(values, Scale.IDENTITY);
    }

    /** {@link #studentT(double[], Scale, double)} at {@link #LEVEL}. */
    public static Estimate studentT(double[] values, Scale scale) {
        return studentT(values, scale, LEVEL);
    }

    /**
     * {@code m -+ t_{n-1}((1 + level)/2) s/sqrt n} on the scale, taken back.
     *
     * <p>A share of exactly 0 or 1 has no logit, a cosine of exactly 1 no z: then the interval is made of the values as they are, cut to the scale's range, and the
     * method says so.
     *
     * @param values one per run. Not modified.
     * @throws IllegalArgumentException if a value does not fit the scale
     */
    public static Estimate studentT(double[] values, Scale scale, double level) {
        Arrays.stream(values).forEach(scale::require);
        if (Arrays.stream(values).anyMatch(scale::isAtEnd)) {
            return cut(studentT(values, Scale.IDENTITY, level), scale);
        }
        int n = values.length;
        double[] y = Arrays.stream(values).map(scale::forward).toArray();
        double mean = Arrays.stream(y).average().orElse(Double.NaN);
        if (n < 2 || Double.isNaN(mean)) {
            return unbounded(scale.back(mean), n, scale, level);
        }
        double half = quantile(n - 1, level) * deviation(y, mean) / Math.sqrt(n);
        return new Estimate(
                scale.back(mean),
                scale.back(mean - half),
                scale.back(mean + half),
                n,
                level,
                "mean" + scale.words() + ", Student t");
    }

    /**
     * The contrast of two arms run with the same seeds, first against second, by {@link #of}: the mean difference; on LOG the ratio (geometric mean of
     * a/b); on LOGIT the odds ratio; on CORRELATION the mean difference of z. 'No effect' is 1 for ratios, 0 for differences.
     *
     * @param first one value per seed. Not modified.
     * @param second of the same seeds in the same order. Not modified.
     */
    public static Estimate paired(double[] first, double[] second, Scale scale) {
        Estimate estimate = of(contrasts(first, second, scale), contrastScale(scale));
        return new Estimate(
                estimate.value(),
                estimate.low(),
                estimate.high(),
                estimate.n(),
                LEVEL,
                "paired " + contrastWord(scale) + ": " + estimate.method());
    }

    /** The contrasts of {@link #paired}, seed by seed. */
    public static double[] contrasts(double[] first, double[] second, Scale scale) {
        if (first.length != second.length) {
            throw new IllegalArgumentException("paired contrast of " + first.length + " and " + second.length
                    + " runs: expected the same seeds in both arms");
        }
        Arrays.stream(first).forEach(scale::require);
        Arrays.stream(second).forEach(scale::require);
        double[] contrast = new double[first.length];
        for (int i = 0; i < contrast.length; i++) {
            if (scale.isAtEnd(first[i]) || scale.isAtEnd(second[i])) {
                throw new IllegalArgumentException("paired " + contrastWord(scale) + " of " + first[i] + " and "
                        + second[i] + " (pair " + i + ") does not exist; contrast them on Scale.IDENTITY");
            }
            double difference = scale.forward(first[i]) - scale.forward(second[i]);
            contrast[i] = scale.isRatio() ? Math.exp(difference) : difference;
        }
        return contrast;
    }

    /** The scale that contrasts on a scale have: LOG for ratios. */
    public static Scale contrastScale(Scale scale) {
        return scale.isRatio() ? Scale.LOG : Scale.IDENTITY;
    }

    /** What a contrast on a scale is called. */
    public static String contrastWord(Scale scale) {
        return switch (scale) {
            case LOG -> "ratio";
            case LOGIT -> "odds ratio";
            case CORRELATION -> "difference of z";
            default -> "difference";
        };
    }

    /** A value that nothing bounds. */
    static Estimate unbounded(double value, int n, Scale scale, double level) {
        boolean defined = !Double.isNaN(value);
        return new Estimate(
                value,
                defined ? scale.lowest() : Double.NaN,
                defined ? scale.highest() : Double.NaN,
                n,
                level,
                defined ? Estimate.NO_INTERVAL : "undefined");
    }

    private static Estimate cut(Estimate plain, Scale scale) {
        String why = scale == Scale.LOGIT
                ? "0 .. 1 (a share of exactly 0 or 1 has no logit)"
                : "-1 .. 1 (a cosine or correlation of exactly 1 has no z)";
        return new Estimate(
                plain.value(),
                Math.max(plain.low(), scale.lowest()),
                Math.min(plain.high(), scale.highest()),
                plain.n(),
                plain.level(),
                plain.method() + ", cut to " + why);
    }

    /** t_df((1 + level)/2); to the last digits at the coverage that is shown, else to nine. */
    static double quantile(int df, double level) {
        TDistribution t = TDistribution.of(df);
        double probability = (1 + level) / 2;
        double near = t.inverseCumulativeProbability(probability);
        return level == LEVEL ? Inversion.of(t::cumulativeProbability, probability, near) : near;
    }

    private static double deviation(double[] y, double mean) {
        double sum = 0;
        for (double value : y) {
            sum += (value - mean) * (value - mean);
        }
        return Math.sqrt(sum / (y.length - 1));
    }
}
