package holonomy.bench;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One line of the bench.
 *
 * @param name what was measured
 * @param unit of median, low and high
 * @param median of the repetitions
 * @param low first quartile
 * @param high third quartile
 * @param floor what the ratio is taken to, or null
 * @param ratio median over the floor's median, or another dimensionless number; NaN without a floor
 * @param limit what the ratio may be, NaN without a limit
 * @param atLeast whether the limit is a lower one
 * @param voided why the line says nothing, or null
 */
public record Measured(
        String name,
        String unit,
        double median,
        double low,
        double high,
        @Nullable String floor,
        double ratio,
        double limit,
        boolean atLeast,
        @Nullable String voided) {
    /** Repetitions without a floor. */
    public static Measured of(String name, String unit, double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return new Measured(
                name,
                unit,
                at(sorted, .5),
                at(sorted, .25),
                at(sorted, .75),
                null,
                Double.NaN,
                Double.NaN,
                false,
                null);
    }

    private static double at(double[] sorted, double share) {
        double place = share * (sorted.length - 1);
        int below = (int) place;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
    }

    /** This beside its floor. */
    public Measured over(String theFloor, double theRatio) {
        return new Measured(name, unit, median, low, high, theFloor, theRatio, limit, atLeast, voided);
    }

    public Measured atMost(double theLimit) {
        return new Measured(name, unit, median, low, high, floor, ratio, theLimit, false, voided);
    }

    public Measured atLeast(double theLimit) {
        return new Measured(name, unit, median, low, high, floor, ratio, theLimit, true, voided);
    }

    /** This line, void for a reason unless that is null. */
    public Measured voidFor(@Nullable String reason) {
        return new Measured(name, unit, median, low, high, floor, ratio, limit, atLeast, reason);
    }

    /** Whether the limit holds, widened by a margin for noise (0 for none); true without a limit, and for a void line. */
    public boolean holds(double margin) {
        if (Double.isNaN(limit) || voided != null) {
            return true;
        }
        return atLeast ? ratio >= limit * (1 - margin) : ratio <= limit * (1 + margin);
    }
}
