package holonomy.geometry;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;

/** {@code A = U diag(lambda) U'} of a symmetric matrix [n, n], eigenvalues descending. */
public final class SymmetricEigen {
    private final double[] values;
    private final double[][] vectors;

    private SymmetricEigen(double[] values, double[][] vectors) {
        this.values = values;
        this.vectors = vectors;
    }

    /** Eigenvalues only, descending [n]: reduction to tridiagonal form and QL, a fifth of the time that vectors take. */
    static double[] values(SymmetricMatrix matrix) {
        return Tridiagonal.of(matrix.toArray()).eigenvalues();
    }

    /**
     * Eigenvalues and eigenvectors.
     *
     * @throws ArithmeticException if the iteration does not converge (an entry that is not finite)
     */
    public static SymmetricEigen of(SymmetricMatrix matrix) {
        int n = matrix.size();
        EigenDecomposition_F64<DMatrixRMaj> solver = DecompositionFactory_DDRM.eig(n, true, true);
        if (n > 0 && !solver.decompose(new DMatrixRMaj(matrix.toArray()))) {
            throw new ArithmeticException("eigenvectors of a " + n + " x " + n + " matrix did not converge");
        }
        Integer[] order = new Integer[n];
        java.util.Arrays.setAll(order, i -> i);
        java.util.Arrays.sort(order, java.util.Comparator.comparingDouble(i -> -solver.getEigenvalue(i)
                .getReal()));
        double[] values = new double[n];
        double[][] vectors = new double[n][];
        for (int k = 0; k < n; k++) {
            values[k] = solver.getEigenvalue(order[k]).getReal();
            vectors[k] = solver.getEigenVector(order[k]).getData();
        }
        return new SymmetricEigen(values, vectors);
    }

    /** n. */
    public int size() {
        return values.length;
    }

    /** The k-th largest eigenvalue, k from 0. */
    public double value(int k) {
        return values[k];
    }

    /** Component i of the eigenvector of the k-th largest eigenvalue. */
    public double vector(int k, int i) {
        return vectors[k][i];
    }
}
