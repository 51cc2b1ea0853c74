package holonomy.curvature;

import holonomy.data.UserError;
import holonomy.geometry.Orthonormal;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** The loss {@code L(o + x u + y w)} on a plane of weight space through o, u and w orthonormal [P]. x and y are weight norms. */
public final class LossPlane {
    private final double[] origin;
    private final List<double[]> axes;

    private LossPlane(double[] origin, List<double[]> axes) {
        this.origin = origin;
        this.axes = axes;
    }

    /**
     * Where a point lies: its nearest point of the plane, and how far off the plane it is; all weight norms.
     *
     * @param distance |theta - o - x u - y w|
     */
    public record Place(double x, double y, double distance) {}

    /**
     * The plane through a point along two directions; x is along the first.
     *
     * @param origin o [P]. Copied.
     * @throws UserError if the directions don't span a plane
     */
    public static LossPlane along(double[] origin, double[] first, double[] second) {
        List<double[]> axes = Orthonormal.of(new double[][] {first.clone(), second.clone()});
        if (axes.size() < 2) {
            throw new UserError("loss plane: expected two directions that span a plane, found "
                    + (Orthonormal.norm(first) == 0 || Orthonormal.norm(second) == 0
                            ? "one of length 0"
                            : "parallel ones")
                    + "; choose another direction");
        }
        return new LossPlane(origin.clone(), axes);
    }

    /**
     * The plane through three points, for instance a parent and two runs that began there; the first is its origin, x goes to the second.
     *
     * @throws UserError if two are equal or all lie on a line
     */
    public static LossPlane through(double[] a, double[] b, double[] c) {
        if (Arrays.equals(a, b) || Arrays.equals(b, c) || Arrays.equals(a, c)) {
            throw new UserError("loss plane: expected three different points, found "
                    + (Arrays.equals(a, b)
                            ? "the first and the second"
                            : Arrays.equals(b, c) ? "the second and the third" : "the first and the third")
                    + " equal; a plane needs a third point, a line a barrier");
        }
        return along(a, LossCurvature.moved(b, a, -1), LossCurvature.moved(c, a, -1));
    }

    /** o + x u + y w, a new vector [P]. */
    public double[] at(double x, double y) {
        return LossCurvature.moved(LossCurvature.moved(origin, axes.get(0), x), axes.get(1), y);
    }

    /** Where theta [P] lies. */
    public Place locate(double[] theta) {
        double[] from = LossCurvature.moved(theta, origin, -1);
        double x = Orthonormal.dot(axes.get(0), from);
        double y = Orthonormal.dot(axes.get(1), from);
        Orthonormal.without(from, axes);
        return new Place(x, y, Orthonormal.norm(from));
    }

    /** The losses at all (x, y), [ys][xs]; costs as many forward passes. @param loss of theta [P] */
    public double[][] losses(ToDoubleFunction<double[]> loss, double[] xs, double[] ys) {
        double[][] losses = new double[ys.length][xs.length];
        for (int j = 0; j < ys.length; j++) {
            for (int i = 0; i < xs.length; i++) {
                losses[j][i] = loss.applyAsDouble(at(xs[i], ys[j]));
            }
        }
        return losses;
    }
}
