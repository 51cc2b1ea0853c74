package holonomy.inference;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * {@code |y| = factor t^exponent}, a straight line through the points of (ln t, ln |y|) by least squares (arXiv 2602.23696, section 4).
 *
 * <p>A linear warm-up of the learning rate makes a(t) of a walk without any learning grow as t^2, its noise as t^1.5: an exponent says nothing without that of the null.
 *
 * @param exponent gamma; NaN with fewer than two points
 * @param factor in the unit of y per step^gamma
 * @param determination R^2 of the line, 0..1
 */
public record PowerLaw(double exponent, double factor, double determination) {
    /**
     * The law of the points in {@code after < t <= upTo}; a point whose t or y is 0 or NaN has no logarithm and is left out.
     *
     * @param t steps [n]. Not modified.
     * @param y [n]. Not modified.
     */
    public static PowerLaw of(double[] t, double[] y, double after, double upTo) {
        int[] in = IntStream.range(0, t.length)
                .filter(i -> t[i] > after && t[i] <= upTo && t[i] > 0 && Math.abs(y[i]) > 0)
                .toArray();
        var line = LeastSquares.line(
                Arrays.stream(in).mapToDouble(i -> Math.log(t[i])).toArray(),
                Arrays.stream(in).mapToDouble(i -> Math.log(Math.abs(y[i]))).toArray());
        return new PowerLaw(line.slope(), Math.exp(line.intercept()), line.determination());
    }
}
