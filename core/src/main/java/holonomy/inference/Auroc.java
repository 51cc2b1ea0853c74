package holonomy.inference;

import java.util.Arrays;
import java.util.function.DoublePredicate;
import org.apache.commons.statistics.distribution.NormalDistribution;

/** How well a number tells runs with an outcome from runs without: the area under the receiver's operating characteristic. */
public final class Auroc {
    private static final int HALVINGS = 60;

    private Auroc() {}

    /**
     * {@code P(x_1 > x_0) + P(x_1 = x_0)/2} of a run with the outcome and one without, dimensionless; .5 where x says nothing. NaN where a value is, or where all runs have one outcome.
     *
     * @param x [n]. Not modified.
     * @param y [n], 1 with the outcome, 0 without. Not modified.
     */
    public static double of(double[] x, double[] y) {
        double ones = Arrays.stream(y).sum();
        double zeros = y.length - ones;
        if (!(ones > 0 && zeros > 0) || Arrays.stream(x).anyMatch(Double::isNaN)) {
            return Double.NaN;
        }
        double[] ranks = Ranks.of(x);
        double sum = 0;
        for (int i = 0; i < y.length; i++) {
            sum += y[i] * ranks[i];
        }
        return (sum - ones * (ones + 1) / 2) / (ones * zeros);
    }

    /**
     * All A with {@code |a - A| <= z sqrt(V(A))}, {@code V(A) = A (1 - A)/(m n) (1 + c (1 - A)/(2 - A) + c A/(1 + A))}, {@code c = (m + n)/2 - 1}, z = Phi^-1((1 + level)/2): Newcombe (2006, Statistics in
     * Medicine 25, 559; method 5) after Hanley and McNeil (1982). Sensible at an area of exactly 1.
     *
     * @param area a, NaN where undefined
     * @param ones m, independent runs with the outcome
     * @param zeros n, independent runs without
     * @param level coverage, for instance .95
     */
    public static Estimate interval(double area, int ones, int zeros, double level) {
        Scale.LOGIT.require(area);
        if (Double.isNaN(area) || ones < 1 || zeros < 1) {
            return Interval.unbounded(area, ones + zeros, Scale.LOGIT, level);
        }
        double z = NormalDistribution.of(0, 1).inverseCumulativeProbability((1 + level) / 2);
        DoublePredicate inside = other -> Math.abs(area - other) <= z * Math.sqrt(variance(other, ones, zeros));
        return new Estimate(
                area,
                area == 0 ? 0 : end(inside, area, 0),
                area == 1 ? 1 : end(inside, area, 1),
                ones + zeros,
                level,
                "AUROC of " + ones + " and " + zeros + " independent runs, Newcombe's method 5");
    }

    private static double variance(double area, int ones, int zeros) {
        double c = (ones + zeros) / 2.0 - 1;
        return area * (1 - area) / ((double) ones * zeros) * (1 + c * (1 - area) / (2 - area) + c * area / (1 + area));
    }

    /** Where a condition that holds at {@code from} and not at {@code to} ends. */
    private static double end(DoublePredicate inside, double from, double to) {
        double within = from;
        double without = to;
        for (int i = 0; i < HALVINGS; i++) {
            double middle = (within + without) / 2;
            if (inside.test(middle)) {
                within = middle;
            } else {
                without = middle;
            }
        }
        return within;
    }
}
