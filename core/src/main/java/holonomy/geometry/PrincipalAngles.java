package holonomy.geometry;

import java.util.Arrays;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.SingularValueDecomposition_F64;

/**
 * The principal angles theta_i between two subspaces, ascending, min(k1, k2) of them: {@code cos theta_i} are the singular values of Q1'Q2, and for
 * angles below 45 degrees {@code sin theta_i} those of {@code (I - Q1 Q1') Q2 V}, V the right singular vectors of those angles (Bjorck and
 * Golub): a cosine alone cannot tell angles below 1e-8 apart.
 */
public final class PrincipalAngles {
    private final double[] cosines;
    private final double[] radians;

    private PrincipalAngles(double[] cosines, double[] radians) {
        this.cosines = cosines;
        this.radians = radians;
    }

    static PrincipalAngles between(Subspace one, Subspace two) {
        int count = Math.min(one.size(), two.size());
        if (count == 0) {
            return new PrincipalAngles(new double[0], new double[0]);
        }
        SingularValueDecomposition_F64<DMatrixRMaj> svd = decomposed(products(one, two), true);
        Integer[] order = descending(svd.getSingularValues(), count);
        double[] cosines = new double[count];
        Arrays.setAll(cosines, i -> Math.min(svd.getSingularValues()[order[i]], 1));
        double[] radians = Arrays.stream(cosines).map(Math::acos).toArray();
        int small = (int) Arrays.stream(cosines).filter(c -> c * c > .5).count();
        DMatrixRMaj right = svd.getV(null, false);
        double[] sines = sines(one.directions(), two.directions(), right, Arrays.copyOf(order, small));
        for (int i = 0; i < small; i++) {
            radians[i] = Math.asin(Math.min(sines[i], 1));
        }
        return new PrincipalAngles(cosines, radians);
    }

    /** cos theta_i, descending; dimensionless. */
    public double[] cosines() {
        return cosines.clone();
    }

    /** theta_i, ascending, in radians. */
    public double[] radians() {
        return radians.clone();
    }

    /** Mean cos^2 theta_i, between 0 (orthogonal) and 1 (one contains the other); NaN if a subspace is empty. Its chance level: {@link OverlapNull}. */
    public double overlap() {
        return Arrays.stream(cosines).map(c -> c * c).average().orElse(Double.NaN);
    }

    private static DMatrixRMaj products(Subspace one, Subspace two) {
        DMatrixRMaj products = new DMatrixRMaj(one.size(), two.size());
        for (int i = 0; i < one.size(); i++) {
            for (int j = 0; j < two.size(); j++) {
                products.set(i, j, one.directions().get(i).dot(two.directions().get(j)));
            }
        }
        return products;
    }

    /** Ascending sines of the chosen right singular vectors; holds one dense vector of the directions' range for each. */
    private static double[] sines(List<Direction> one, List<Direction> two, DMatrixRMaj right, Integer[] chosen) {
        if (chosen.length == 0) {
            return new double[0];
        }
        int from = Math.min(start(one), start(two));
        int to = Math.max(end(one), end(two));
        double[][] residuals = new double[chosen.length][to - from];
        for (int c = 0; c < chosen.length; c++) {
            for (int j = 0; j < two.size(); j++) {
                two.get(j).addTo(residuals[c], right.get(j, chosen[c]), from);
            }
            Direction vector = new Direction(from, residuals[c]);
            for (Direction direction : one) {
                direction.addTo(residuals[c], -direction.dot(vector), from);
            }
        }
        DMatrixRMaj triangular = new DMatrixRMaj(Orthonormal.triangular(residuals));
        double[] sines = decomposed(triangular, false).getSingularValues();
        double[] sorted = Arrays.copyOf(sines, chosen.length);
        Arrays.sort(sorted);
        return sorted;
    }

    private static int start(List<Direction> directions) {
        return directions.stream().mapToInt(Direction::offset).min().orElseThrow();
    }

    private static int end(List<Direction> directions) {
        return directions.stream().mapToInt(Direction::end).max().orElseThrow();
    }

    private static SingularValueDecomposition_F64<DMatrixRMaj> decomposed(DMatrixRMaj matrix, boolean right) {
        SingularValueDecomposition_F64<DMatrixRMaj> svd =
                DecompositionFactory_DDRM.svd(matrix.getNumRows(), matrix.getNumCols(), false, right, true);
        if (!svd.decompose(matrix)) {
            throw new ArithmeticException("singular values of a " + matrix.getNumRows() + " x " + matrix.getNumCols()
                    + " matrix did not converge; are all entries finite?");
        }
        return svd;
    }

    private static Integer[] descending(double[] values, int count) {
        Integer[] order = new Integer[count];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, (a, b) -> Double.compare(values[b], values[a]));
        return order;
    }
}
