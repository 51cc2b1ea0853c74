package holonomy.model.fused;

/**
 * y = e^x for x at most 0, in float32: x = m ln 2 + r with m whole and |r| at most ln(2) / 2, and e^r = 1 + r + r r p(r) with p of degree 4.
 *
 * <p>The error is below one unit in the last place from -87.3 to 0. Anything less is taken as -87.3, whose power is 1.2e-38; NaN stays NaN. The loops
 * hold float operations alone, each rounded as Java says, so every processor gives the same bits. p is the polynomial of least largest error.
 */
final class Exp {
    /** The least x whose power is a normal number. */
    static final float LEAST = -87.3f;

    private static final float LOG2_E = (float) (1 / Math.log(2));
    /** Added to a number below 2^22 it leaves the nearest whole one in the last bits. */
    private static final float ROUND = 0x1.8p23f;
    /** ln 2 in two parts; the first has so few bits that its whole multiples are exact. */
    private static final float LN_2 = 0x1.63p-1f;

    private static final float LN_2_REST = (float) (Math.log(2) - LN_2);
    private static final float P0 = 0.49999994f;
    private static final float P1 = 0.1666652f;
    private static final float P2 = 0.041668393f;
    private static final float P3 = 0.008368781f;
    private static final float P4 = 0.0013814467f;

    private Exp() {}

    /** The first n entries. Modified: y, which may be x, and exponents. */
    static void of(float[] x, float[] y, float[] exponents, int n) {
        reduce(x, y, exponents, n);
        scale(y, exponents, n);
    }

    private static void reduce(float[] x, float[] y, float[] exponents, int n) {
        for (int i = 0; i < n; i++) {
            float bounded = Math.max(x[i], LEAST);
            float shifted = bounded * LOG2_E + ROUND;
            float whole = shifted - ROUND;
            float r = (bounded - whole * LN_2) - whole * LN_2_REST;
            exponents[i] = shifted;
            y[i] = 1 + (r + r * r * (P0 + r * (P1 + r * (P2 + r * (P3 + r * P4)))));
        }
    }

    /** y = y 2^m, by adding m to the bits of the exponent; of a shifted number only m's last bits survive the shift. */
    private static void scale(float[] y, float[] shifted, int n) {
        for (int i = 0; i < n; i++) {
            y[i] = Float.intBitsToFloat(Float.floatToRawIntBits(y[i]) + (Float.floatToRawIntBits(shifted[i]) << 23));
        }
    }
}
