package holonomy.inference;

import org.apache.commons.statistics.distribution.NormalDistribution;

/** How many of n runs did it. */
public final class Proportion {
    private Proportion() {}

    /** {@link #wilson(int, int, double)} at {@link Interval#LEVEL}. */
    public static Estimate wilson(int successes, int n) {
        return wilson(successes, n, Interval.LEVEL);
    }

    /**
     * {@code k/n} with Wilson's score interval, {@code (k + z^2/2 -+ z sqrt(k (n - k)/n + z^2/4)) / (n + z^2)}, z = Phi^-1((1 + level)/2): sensible at k = 0 and k = n. With no
     * runs the value is undefined.
     *
     * @param successes k, in 0 .. n
     * @param n number of runs
     * @param level coverage, for instance .95
     */
    public static Estimate wilson(int successes, int n, double level) {
        if (successes < 0 || successes > n) {
            throw new IllegalArgumentException(successes + " successes of " + n + " runs: expected 0 to " + n);
        }
        double z = NormalDistribution.of(0, 1).inverseCumulativeProbability((1 + level) / 2);
        double k = successes;
        double centre = k + z * z / 2;
        double half = n == 0 ? Double.NaN : z * Math.sqrt(k * (n - k) / n + z * z / 4);
        return new Estimate(
                k / n,
                successes == 0 ? (n == 0 ? Double.NaN : 0) : (centre - half) / (n + z * z),
                successes == n ? (n == 0 ? Double.NaN : 1) : (centre + half) / (n + z * z),
                n,
                level,
                "proportion, Wilson score");
    }
}
