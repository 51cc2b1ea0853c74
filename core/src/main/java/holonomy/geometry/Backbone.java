package holonomy.geometry;

import java.util.Arrays;

/**
 * A path taken apart into its first principal direction v ("backbone") and the rest, x_t = w_t - w_0 (arXiv 2602.23696, section 3): {@code a_t = v'x_t}, {@code r_t = |x_t - a_t v|}.
 *
 * <p>v is the direction of the whole path, so it has seen every x_t; a random walk has one too. Read each of these numbers beside those of {@link NoiseWalk}. Curves are [n], over snapshots.
 */
public final class Backbone {
    /** A rest below this share of the squared distance is rounding: the path lies on a line. */
    private static final double NEGLIGIBLE = 1e-12;

    private final Gram path;
    private final PathDirection direction;

    private Backbone(Gram path, PathDirection direction) {
        this.path = path;
        this.direction = direction;
    }

    /** That of a path. @param centring as in {@link PathDirection#principal(Gram, Centring)} */
    public static Backbone of(Gram path, Centring centring) {
        return new Backbone(path, PathDirection.principal(path, centring));
    }

    /** v. */
    public PathDirection direction() {
        return direction;
    }

    /** a_t, weight norm. */
    public double[] along() {
        return curve(direction::along);
    }

    /** r_t, weight norm. */
    public double[] across() {
        return curve(t -> {
            double a = direction.along(t);
            double rest = path.get(t, t) - a * a;
            return Math.abs(rest) < NEGLIGIBLE * path.get(t, t) ? 0 : Math.sqrt(rest);
        });
    }

    /** |x_t|, weight norm. */
    public double[] drift() {
        return curve(t -> Math.sqrt(path.get(t, t)));
    }

    /** a_t^2 / |x_t|^2, dimensionless; NaN where the path has not left its start. */
    public double[] share() {
        return curve(t -> {
            double a = direction.along(t);
            return path.get(t, t) > 0 ? a * a / path.get(t, t) : Double.NaN;
        });
    }

    /** (a_t - a_t-1) / steps between, weight norm per step; NaN at the start. */
    public double[] speedAlong() {
        return curve(t -> t == 0 ? Double.NaN : (direction.along(t) - direction.along(t - 1)) / interval(t));
    }

    /** Length of the change of x_t - a_t v from snapshot to snapshot, per step, {@code sqrt(|u_t|^2 - (a_t - a_t-1)^2) / steps between}; NaN at the start. */
    public double[] speedAcross() {
        return curve(t -> {
            if (t == 0) {
                return Double.NaN;
            }
            double a = direction.along(t) - direction.along(t - 1);
            return Math.sqrt(Math.max(0, square(t) - a * a)) / interval(t);
        });
    }

    /** cos(u_t, v) of the increment u_t from the snapshot before, signed; NaN at the start. */
    public double[] updateCosine() {
        return curve(t -> t == 0 ? Double.NaN : direction.cosine(t - 1, t));
    }

    /** {@code |x_t|^2 / sum_{s<=t} |u_s|^2} over the increments u: 1 of orthogonal ones, t of equal ones; dimensionless, NaN at the start. */
    public static double[] coherence(Gram path) {
        double[] curve = new double[path.snapshots()];
        Arrays.fill(curve, Double.NaN);
        Increments increments = Increments.of(path);
        double sum = 0;
        for (int t = 1; t < curve.length; t++) {
            sum += increments.get(t - 1, t - 1);
            curve[t] = sum > 0 ? path.get(t, t) / sum : Double.NaN;
        }
        return curve;
    }

    private interface At {
        double of(int t);
    }

    private double[] curve(At at) {
        double[] curve = new double[path.snapshots()];
        Arrays.setAll(curve, at::of);
        return curve;
    }

    private double interval(int t) {
        long[] steps = path.steps();
        return steps[t] - steps[t - 1];
    }

    private double square(int t) {
        return path.get(t, t) - 2 * path.get(t, t - 1) + path.get(t - 1, t - 1);
    }
}
