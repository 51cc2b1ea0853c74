package holonomy.geometry;

import java.util.Arrays;

/**
 * A unit vector in the span of a path's displacements, {@code v = sum_i c_i x_i} with x_i = w_i - w_0, by its coefficients alone: every product with the path, with another such vector
 * or with the initial weights is a sum of n or n^2 terms of the Gram matrix, whatever the number of weights.
 *
 * <p>Where the path doesn't move (or, row-normalised, a snapshot equals the one it is told from) there is no direction and every number is NaN. Immutable.
 */
public final class PathDirection {
    private final Gram path;
    private final double[] coefficients;

    private PathDirection(Gram path, double[] coefficients) {
        this.path = path;
        this.coefficients = coefficients;
    }

    /** The first principal direction of the whole path, uncentred from its start. */
    public static PathDirection principal(Gram path, Centring centring) {
        return principal(path, 0, 1, path.snapshots(), centring);
    }

    /**
     * The first principal direction of the displacements of snapshots {@code from .. to - 1} from snapshot {@code anchor}, uncentred: {@code v = X'u / sqrt(lambda)}. The last of them
     * projects on it positively, which fixes the sign.
     *
     * @param centring {@link Centring#FROM_START} or {@link Centring#ROW_NORMALISED}
     */
    public static PathDirection principal(Gram path, int anchor, int from, int to, Centring centring) {
        Gram window = path.from(anchor, from, to);
        double[] coefficients = new double[path.snapshots()];
        if (!Spectrum.of(window, centring).isDefined()) {
            Arrays.fill(coefficients, Double.NaN);
            return new PathDirection(path, coefficients);
        }
        double[] weights = PrincipalDirections.weights(window, centring, 1)[0];
        for (int i = from; i < to; i++) {
            coefficients[i] = weights[i - from + 1];
            coefficients[anchor] -= weights[i - from + 1];
        }
        return new PathDirection(path, coefficients);
    }

    /** {@code (w_to - w_from) / |w_to - w_from|}. */
    public static PathDirection between(Gram path, int from, int to) {
        double[] coefficients = new double[path.snapshots()];
        double length = distance(path, from, to);
        coefficients[to] += 1 / length;
        coefficients[from] -= 1 / length;
        return new PathDirection(path, length > 0 ? coefficients : undefined(path));
    }

    /** {@code v'x_i}, weight norm. */
    public double along(int i) {
        double sum = 0;
        for (int j = 0; j < coefficients.length; j++) {
            sum += coefficients[j] * path.get(i, j);
        }
        return sum;
    }

    /** {@code cos(v, w_to - w_from)}, signed; NaN between equal snapshots. */
    public double cosine(int from, int to) {
        double length = distance(path, from, to);
        return length > 0 ? (along(to) - along(from)) / length : Double.NaN;
    }

    /**
     * {@code v'v'}, signed: the cosine of two directions of one path.
     *
     * @throws IllegalArgumentException if the other one is of another path
     */
    public double cosine(PathDirection other) {
        if (other.path != path) {
            throw new IllegalArgumentException("directions of the paths of '" + path.block() + "' and '"
                    + other.path.block() + "': only those of one path have a cosine");
        }
        double sum = 0;
        for (int i = 0; i < coefficients.length; i++) {
            sum += coefficients[i] == 0 ? 0 : coefficients[i] * other.along(i);
        }
        return sum;
    }

    /** {@code cos(v, w_0)}, signed: decay takes every path along -w_0. NaN where w_0 = 0. */
    public double cosineToInitial(InitialDirection start) {
        double[] along = start.along();
        double sum = 0;
        for (int i = 0; i < coefficients.length; i++) {
            sum += coefficients[i] * along[i];
        }
        return sum;
    }

    /**
     * v itself, in one block of the snapshots that the path is told of: {@code sum_i c_i (w_i - w_0)}, [D of the block]. Of a path of several
     * blocks the parts together have length 1.
     */
    public double[] weights(Trajectory snapshots, String block) {
        double[] v = new double[Math.toIntExact(snapshots.dimension(block))];
        float[] w = new float[v.length];
        float[] first = new float[v.length];
        snapshots.read(0, block, 0, first, first.length);
        for (int i = 1; i < coefficients.length; i++) {
            snapshots.read(i, block, 0, w, w.length);
            for (int d = 0; d < v.length; d++) {
                v[d] += coefficients[i] * ((double) w[d] - first[d]);
            }
        }
        return v;
    }

    /** Coefficients c_i, [n], per weight norm. */
    public double[] coefficients() {
        return coefficients.clone();
    }

    private static double distance(Gram path, int from, int to) {
        return Math.sqrt(Math.max(0, path.get(from, from) - 2 * path.get(from, to) + path.get(to, to)));
    }

    private static double[] undefined(Gram path) {
        double[] none = new double[path.snapshots()];
        Arrays.fill(none, Double.NaN);
        return none;
    }
}
