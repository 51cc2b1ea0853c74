package holonomy.inference;

import java.util.function.DoubleUnaryOperator;

/**
 * {@code F(x) = p} solved for x &gt; 0 to the last digits. The distributions' own inverses stop at an absolute 1e-9, which is coarse beside an energy
 * share of 1e-8.
 */
public final class Inversion {
    private static final double RELATIVE = 1e-15;

    private Inversion() {}

    /**
     * The positive x at which an increasing function reaches {@code target}, by doubling and bisection; 0 if it is reached at every positive double.
     *
     * @param function increasing on x &gt; 0
     * @param target a value the function takes for some finite x
     * @param start any positive x, near the solution if possible
     */
    public static double of(DoubleUnaryOperator function, double target, double start) {
        double low = start;
        double high = start;
        while (low > 0 && function.applyAsDouble(low) >= target) {
            low /= 2;
        }
        while (high < Double.MAX_VALUE / 4 && function.applyAsDouble(high) < target) {
            high *= 2;
        }
        while (high - low > RELATIVE * high) {
            double middle = low + (high - low) / 2;
            if (middle <= low || middle >= high) {
                break;
            }
            if (function.applyAsDouble(middle) < target) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return low + (high - low) / 2;
    }
}
