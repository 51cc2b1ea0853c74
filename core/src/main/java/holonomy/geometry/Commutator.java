package holonomy.geometry;

/**
 * How far two steps are from commuting: {@code delta = theta_AB - theta_BA}, theta_AB the weights after step A and then step B.
 *
 * <p>With a and b the steps at theta, a' the step A taken after B and b' the step B taken after A,
 *
 * <pre>
 *   delta = (b' - b) - (a' - a)
 *   D     = |delta| / (|a| |b|)                      defect, 1/weight norm
 *   c     = |delta| / (|a' - a| + |b' - b|)          closure, dimensionless, in 0 .. 1
 * </pre>
 *
 * <p>For gradient steps a = -eta g_A this is eta [(g_A' - g_A) - (g_B' - g_B)]: equal to the difference of the two weight vectors, but
 * without subtracting numbers that agree in all their digits. For quadratic losses delta = eta^2 (H_B g_A - H_A g_B). Source: arXiv
 * 2602.10496, section 4.3; the form: spec C0. An undefined value (a step of no length) is NaN.
 *
 * @param delta [P], weight norm
 * @param stepA |a|, weight norm
 * @param stepB |b|, weight norm
 * @param turnA |a' - a|, weight norm
 * @param turnB |b' - b|, weight norm
 * @param cosine cos(a, b), dimensionless
 */
public record Commutator(double[] delta, double stepA, double stepB, double turnA, double turnB, double cosine) {
    /**
     * The commutator of two steps, accumulated in float64.
     *
     * @param scale factor on every step given: -eta when they are gradients, else 1
     * @param a step A at theta, [P]
     * @param b step B at theta, [P]
     * @param aAfterB step A where B ends, [P]
     * @param bAfterA step B where A ends, [P]
     */
    public static Commutator of(double scale, double[] a, double[] b, double[] aAfterB, double[] bAfterA) {
        requireSize(a.length, b.length, aAfterB.length, bAfterA.length);
        double[] delta = new double[a.length];
        double aa = 0;
        double bb = 0;
        double ab = 0;
        double ta = 0;
        double tb = 0;
        for (int i = 0; i < delta.length; i++) {
            double turnA = aAfterB[i] - a[i];
            double turnB = bAfterA[i] - b[i];
            delta[i] = scale * (turnB - turnA);
            aa += a[i] * a[i];
            bb += b[i] * b[i];
            ab += a[i] * b[i];
            ta += turnA * turnA;
            tb += turnB * turnB;
        }
        double size = Math.abs(scale);
        double cosine = aa > 0 && bb > 0 ? ab / (Math.sqrt(aa) * Math.sqrt(bb)) : Double.NaN;
        return new Commutator(
                delta, size * Math.sqrt(aa), size * Math.sqrt(bb), size * Math.sqrt(ta), size * Math.sqrt(tb), cosine);
    }

    /**
     * The commutator of two gradient steps of a loss's gradient field.
     *
     * @param theta [P]; not modified
     * @param gradientA a.at(theta), already evaluated
     * @param gradientB b.at(theta), already evaluated
     * @param eta step size, above 0
     */
    public static Commutator at(
            double[] theta, GradientField a, GradientField b, double[] gradientA, double[] gradientB, double eta) {
        requireEta(eta);
        double[] aAfterB = a.at(displaced(theta, gradientB, -eta));
        double[] bAfterA = b.at(displaced(theta, gradientA, -eta));
        return of(-eta, gradientA, gradientB, aAfterB, bAfterA);
    }

    /** {@link #at(double[], GradientField, GradientField, double[], double[], double)} with both gradients evaluated here. */
    public static Commutator at(double[] theta, GradientField a, GradientField b, double eta) {
        return at(theta, a, b, a.at(theta), b.at(theta), eta);
    }

    /**
     * The same as published code computes it: two float32 weight vectors are made and subtracted in float32. Rounding swamps it where gradients are
     * small; it is kept to be shown beside {@link #of}.
     *
     * @param theta [P]; not modified
     * @param eta step size, above 0
     */
    public static Commutator inFloat32(
            float[] theta, double eta, double[] a, double[] b, double[] aAfterB, double[] bAfterA) {
        requireEta(eta);
        Commutator exact = of(-eta, a, b, aAfterB, bAfterA);
        float rate = (float) eta;
        double[] delta = new double[theta.length];
        for (int i = 0; i < delta.length; i++) {
            float ab = (theta[i] - rate * (float) a[i]) - rate * (float) bAfterA[i];
            float ba = (theta[i] - rate * (float) b[i]) - rate * (float) aAfterB[i];
            delta[i] = ab - ba;
        }
        return new Commutator(delta, exact.stepA, exact.stepB, exact.turnA, exact.turnB, exact.cosine);
    }

    /** The eta at which {@code eta sqrt(|g_A||g_B|)} is this length (weight norm); NaN where a gradient is zero. */
    public static double eta(double length, double[] gradientA, double[] gradientB) {
        if (!(length > 0) || !Double.isFinite(length)) {
            throw new IllegalArgumentException("commutator: displacement is " + length + ", expected a length above 0");
        }
        double norms = Math.sqrt(Orthonormal.norm(gradientA)) * Math.sqrt(Orthonormal.norm(gradientB));
        return norms > 0 ? length / norms : Double.NaN;
    }

    /** |delta|, weight norm. */
    public double norm() {
        return Orthonormal.norm(delta);
    }

    /** D = |delta| / (|a| |b|), 1/weight norm. */
    public double defect() {
        return stepA > 0 && stepB > 0 ? norm() / (stepA * stepB) : Double.NaN;
    }

    /** c = |delta| / (|a' - a| + |b' - b|), dimensionless. */
    public double closure() {
        return turnA + turnB > 0 ? norm() / (turnA + turnB) : Double.NaN;
    }

    /** {@code theta + factor direction}, a new vector [P]. */
    public static double[] displaced(double[] theta, double[] direction, double factor) {
        requireSize(theta.length, direction.length);
        double[] result = new double[theta.length];
        for (int i = 0; i < result.length; i++) {
            result[i] = theta[i] + factor * direction[i];
        }
        return result;
    }

    private static void requireEta(double eta) {
        if (!(eta > 0) || !Double.isFinite(eta)) {
            throw new IllegalArgumentException("commutator: eta is " + eta + ", expected a step size above 0");
        }
    }

    private static void requireSize(int expected, int... found) {
        for (int size : found) {
            if (size != expected) {
                throw new IllegalArgumentException(
                        "commutator: a vector has " + size + " weights, another " + expected);
            }
        }
    }
}
