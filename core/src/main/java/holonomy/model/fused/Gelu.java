package holonomy.model.fused;

/**
 * gelu(u) = u Phi(u) and its slope Phi(u) + u phi(u), Phi and phi the normal distribution function and density, in float32 and one pass.
 *
 * <p>With a = |u|, the density's part e = exp(-a a / 2) and the upper tail Q = 1 - Phi(a) = e (1/2 - w p(w)), w = .3 a / (1 + .3 a):
 *
 * <pre>
 *   gelu(u)  = (u + a) / 2 - a Q
 *   gelu'(u) = 1/2 + sign(u) (1/2 - Q + a phi(a))
 * </pre>
 *
 * <p>p has degree 6 and the least largest error of e w p(w) (3.5e-9). Errors: Phi's at most one unit in the last place of a number from 1/2 to 1,
 * that is 2^-24; gelu's at most 2^-23 max(1, |gelu|); the slope's, which reaches 1.13, at most 1.5 2^-23.
 */
final class Gelu {
    private static final float BEND = .3f;
    private static final float P0 = 1.3298072f;
    private static final float P1 = -1.4479498f;
    private static final float P2 = 0.6991664f;
    private static final float P3 = 0.05802154f;
    private static final float P4 = -0.15513688f;
    private static final float P5 = -0.026851637f;
    private static final float P6 = 0.04400652f;
    private static final float DENSITY_AT_0 = (float) (1 / Math.sqrt(2 * Math.PI));
    /** Added to |u| so that the sign of 0 is 0. */
    private static final float TINY = 1e-30f;

    private final float[] powers;
    private final float[] exponents;

    /** For rows of at most n entries. */
    Gelu(int n) {
        powers = new float[n];
        exponents = new float[n];
    }

    /** gelu and its slope at the first n entries of u. Modified: gelu and slope. */
    void of(float[] u, float[] gelu, float[] slope, int n) {
        square(u, powers, n);
        Exp.of(powers, powers, exponents, n);
        tail(u, powers, gelu, slope, n);
        slope(u, powers, slope, n);
    }

    private static void square(float[] u, float[] power, int n) {
        for (int i = 0; i < n; i++) {
            power[i] = -.5f * u[i] * u[i];
        }
    }

    private static void tail(float[] u, float[] power, float[] gelu, float[] tail, int n) {
        for (int i = 0; i < n; i++) {
            float a = Math.abs(u[i]);
            float w = BEND * a / (1 + BEND * a);
            float p = P0 + w * (P1 + w * (P2 + w * (P3 + w * (P4 + w * (P5 + w * P6)))));
            float q = power[i] * (.5f - w * p);
            tail[i] = q;
            gelu[i] = .5f * (u[i] + a) - a * q;
        }
    }

    /** Modified: tail, which becomes the slope. */
    private static void slope(float[] u, float[] power, float[] tail, int n) {
        for (int i = 0; i < n; i++) {
            float a = Math.abs(u[i]);
            float sign = u[i] / (a + TINY);
            tail[i] = .5f + sign * (.5f - tail[i] + a * power[i] * DENSITY_AT_0);
        }
    }
}
