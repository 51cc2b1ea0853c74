package holonomy.data;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import org.jspecify.annotations.Nullable;

/**
 * The shortest decimal text that reads back as the same double, written as ECMAScript's Number::toString writes it (and so RFC 8785):
 * {@code 0.1}, {@code 1}, {@code 1e-7}, {@code 1e+21}. Among texts of that length the one nearest to the value is taken.
 *
 * <p>{@link Double#toString} is not used for the digits: before Java 19 it sometimes gives more than needed, and an identity must not
 * depend on the Java version.
 */
final class ShortestNumber {
    private static final int FIRST_EXPONENT_WRITTEN = 21;
    private static final int LEADING_ZEROS_WRITTEN = 6;

    private ShortestNumber() {}

    /**
     * The shortest text of a finite value.
     *
     * @param value finite; zero of either sign gives {@code 0}
     */
    static String of(double value) {
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException("expected a finite number, found " + value);
        }
        if (value == 0) {
            return "0";
        }
        String text = layOut(shortest(Math.abs(value)));
        return value < 0 ? "-" + text : text;
    }

    private static BigDecimal shortest(double magnitude) {
        BigDecimal exact = new BigDecimal(magnitude);
        BigDecimal best = new BigDecimal(Double.toString(magnitude)).stripTrailingZeros();
        for (int digits = best.precision(); digits >= 1; digits--) {
            BigDecimal candidate = nearestThatReadsBack(exact, magnitude, digits);
            if (candidate == null) {
                break;
            }
            best = candidate;
        }
        return best.stripTrailingZeros();
    }

    private static @Nullable BigDecimal nearestThatReadsBack(BigDecimal exact, double magnitude, int digits) {
        BigDecimal near = exact.round(new MathContext(digits, RoundingMode.HALF_EVEN));
        if (near.doubleValue() == magnitude) {
            return near;
        }
        // Below a power of two the interval of a double is lopsided: the farther neighbour may be the only one inside.
        BigDecimal down = exact.round(new MathContext(digits, RoundingMode.DOWN));
        BigDecimal other = near.compareTo(down) == 0 ? exact.round(new MathContext(digits, RoundingMode.UP)) : down;
        return other.doubleValue() == magnitude ? other : null;
    }

    private static String layOut(BigDecimal value) {
        String digits = value.unscaledValue().toString();
        int count = digits.length();
        int point = count - value.scale(); // the decimal point stands after this many digits
        if (point > FIRST_EXPONENT_WRITTEN || point <= -LEADING_ZEROS_WRITTEN) {
            String fraction = count == 1 ? "" : "." + digits.substring(1);
            return digits.charAt(0) + fraction + "e" + (point > 0 ? "+" : "") + (point - 1);
        }
        if (point <= 0) {
            return "0." + "0".repeat(-point) + digits;
        }
        return point >= count
                ? digits + "0".repeat(point - count)
                : digits.substring(0, point) + "." + digits.substring(point);
    }
}
