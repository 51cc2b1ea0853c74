package holonomy.inference;

import org.apache.commons.statistics.distribution.NormalDistribution;

/** Interval of a rank correlation over independent runs. */
public final class RankInterval {
    /** Fewest runs: four of them fall into one order by chance once in 24, five once in 120. */
    public static final int FEWEST = 5;

    private RankInterval() {}

    /**
     * {@code tanh(artanh rho -+ z sqrt((1 + rho^2/2)/(n - 3)))}, z = Phi^-1((1 + level)/2), of Spearman's rho (Fisher 1915; the standard error: Bonett and Wright 2000,
     * Psychometrika 65, 23). A rho of exactly 1 has no artanh: then the inner end is that of the rho half a step of ranks below, {@code 1 - 6/(n (n^2 - 1))}, the outer end 1.
     *
     * @param rho NaN where undefined
     * @param n number of runs; with fewer than four nothing bounds the value
     * @param level coverage, for instance .95
     */
    public static Estimate of(double rho, int n, double level) {
        Scale.CORRELATION.require(rho);
        if (n < 4 || Double.isNaN(rho)) {
            return Interval.unbounded(rho, n, Scale.CORRELATION, level);
        }
        double inner = inner(n);
        double centre = Scale.CORRELATION.forward(within(rho, n));
        double z = NormalDistribution.of(0, 1).inverseCumulativeProbability((1 + level) / 2);
        double half = z * Math.sqrt((1 + rho * rho / 2) / (n - 3));
        return new Estimate(
                rho,
                rho <= -inner ? -1 : Math.tanh(centre - half),
                rho >= inner ? 1 : Math.tanh(centre + half),
                n,
                level,
                "Spearman's rho on Fisher's z scale, Bonett and Wright");
    }

    /** A rho that has a z: one of exactly 1 (-1) is put half a step of ranks inside, {@code 1 - 6/(n (n^2 - 1))}. NaN stays. */
    public static double within(double rho, int n) {
        return Math.max(-inner(n), Math.min(inner(n), rho));
    }

    private static double inner(int n) {
        return 1 - 6 / (n * ((double) n * n - 1));
    }
}
