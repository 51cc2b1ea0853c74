package holonomy.data;

import java.util.Locale;

/** Numbers for people. */
public final class Numbers {
    private static final int DIGITS = 3;

    private Numbers() {}

    /** Three significant digits, without an exponent between .001 and 100,000; {@code undefined} for NaN. */
    public static String brief(double value) {
        if (Double.isNaN(value)) {
            return "undefined";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "+inf" : "-inf";
        }
        double size = Math.abs(value);
        if (size == 0) {
            return "0";
        }
        if (size < 1e-3 || size >= 1e5) {
            return String.format(Locale.ROOT, "%.2e", value);
        }
        int decimals = Math.max(0, DIGITS - 1 - (int) Math.floor(Math.log10(size)));
        return String.format(Locale.ROOT, "%." + decimals + "f", value);
    }
}
