package holonomy.geometry;

import java.util.ArrayList;
import java.util.List;

/**
 * Displacements d_e = w_to - w_from between pairs of snapshots of one path, by its Gram matrix alone (arXiv 2602.23696: between a peak of an accuracy and the next trough; spec/backbone.md, 4.18 and 4.22).
 *
 * <pre>
 *   cosines     c_ef = d_e'd_f / |d_e| |d_f|
 *   residuals   r_e = share of |d_e| that is left after those before are projected out: the diagonal of c's Cholesky factor
 *   dimension   n^2 / sum_ef c_ef^2, the participation ratio: 1 of parallel ones, n of orthogonal ones
 * </pre>
 *
 * <p>Published is the number of residuals above 1e-8: n, whatever the path. Immutable.
 *
 * @param path whose snapshots they are
 * @param pairs which of them, in order; each of different snapshots
 */
public record Switches(Gram path, List<Pair> pairs) {
    /** Below this a residual is rounding: the displacement lies in the span of those before, and adds nothing to it. */
    private static final double NEGLIGIBLE = 1e-8;

    /** Two snapshots of a path, by their places in it. */
    public record Pair(int from, int to) {
        /** The earlier one. */
        public int first() {
            return Math.min(from, to);
        }

        int last() {
            return Math.max(from, to);
        }

        int lag() {
            return last() - first();
        }

        private Pair moved(int by) {
            return new Pair(from + by, to + by);
        }
    }

    public Switches {
        pairs = List.copyOf(pairs);
    }

    /**
     * The same pairs at other times of the same path: all moved together by each number of snapshots up to the longest lag, either way, that keeps them in it. Lags, order and shared
     * ends stay, and the time as nearly as it can if the phase is to be another one (null N5 of spec/backbone.md).
     */
    public List<Switches> atOtherTimes() {
        int longest = pairs.stream().mapToInt(Pair::lag).max().orElse(0);
        int first = pairs.stream().mapToInt(Pair::first).min().orElse(0);
        int last = pairs.stream().mapToInt(Pair::last).max().orElse(0);
        List<Switches> others = new ArrayList<>();
        for (int by = -longest; by <= longest; by++) {
            if (by != 0 && first + by >= 0 && last + by < path.snapshots()) {
                int moved = by;
                others.add(new Switches(
                        path, pairs.stream().map(pair -> pair.moved(moved)).toList()));
            }
        }
        return others;
    }

    /** |d_e|, [n], weight norm. */
    public double[] lengths() {
        return pairs.stream()
                .mapToDouble(pair -> Math.sqrt(
                        path.get(pair.from, pair.from) - 2 * path.get(pair.from, pair.to) + path.get(pair.to, pair.to)))
                .toArray();
    }

    /** c, [n, n], dimensionless. */
    public SymmetricMatrix cosines() {
        List<PathDirection> directions = directions();
        return SymmetricMatrix.of(pairs.size(), (i, j) -> directions.get(i).cosine(pairs.get(j).from, pairs.get(j).to));
    }

    /** r, [n], dimensionless. */
    public double[] residuals() {
        double[][] c = cosines().toArray();
        double[] residuals = new double[c.length];
        double[][] factor = new double[c.length][c.length];
        for (int i = 0; i < c.length; i++) {
            double left = c[i][i];
            for (int j = 0; j < i; j++) {
                double sum = c[i][j];
                for (int k = 0; k < j; k++) {
                    sum -= factor[i][k] * factor[j][k];
                }
                factor[i][j] = residuals[j] > NEGLIGIBLE ? sum / residuals[j] : 0;
                left -= factor[i][j] * factor[i][j];
            }
            residuals[i] = Math.sqrt(Math.max(0, left));
        }
        return residuals;
    }

    /** n^2 / sum c^2, dimensionless; NaN without pairs. */
    public double dimension() {
        SymmetricMatrix c = cosines();
        double squares = 0;
        for (int i = 0; i < c.size(); i++) {
            for (int j = 0; j < c.size(); j++) {
                squares += c.get(i, j) * c.get(i, j);
            }
        }
        return (double) c.size() * c.size() / squares;
    }

    /** |cos(d_e, v)| with another direction of the path, [n], dimensionless. */
    public double[] alignment(PathDirection v) {
        return pairs.stream()
                .mapToDouble(pair -> Math.abs(v.cosine(pair.from, pair.to)))
                .toArray();
    }

    /**
     * cos(u_t, d_e) of each increment u_t from snapshot t - 1 to t that lies outside of the pair's own time, which d_e is the sum of; NaN within it and at the path's first snapshot. [n, snapshots], signed.
     */
    public double[][] updateCosines() {
        List<PathDirection> directions = directions();
        double[][] cosines = new double[pairs.size()][path.snapshots()];
        for (int e = 0; e < cosines.length; e++) {
            Pair pair = pairs.get(e);
            for (int t = 0; t < cosines[e].length; t++) {
                boolean own = t > pair.first() && t <= pair.last();
                cosines[e][t] = t == 0 || own ? Double.NaN : directions.get(e).cosine(t - 1, t);
            }
        }
        return cosines;
    }

    private List<PathDirection> directions() {
        return pairs.stream()
                .map(pair -> PathDirection.between(path, pair.from, pair.to))
                .toList();
    }
}
