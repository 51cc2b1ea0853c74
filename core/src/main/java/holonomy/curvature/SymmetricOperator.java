package holonomy.curvature;

import holonomy.geometry.SymmetricMatrix;
import java.util.List;
import java.util.function.UnaryOperator;

/** A symmetric linear map {@code v -> A v} of R^d, in float64: what of a matrix [d, d] can be had without writing it down. */
public interface SymmetricOperator {
    /** d. */
    int dimension();

    /** A v, a new vector [d]. @param v [d]; not modified */
    double[] times(double[] v);

    /** The map of this dimension with these products. */
    static SymmetricOperator of(int dimension, UnaryOperator<double[]> product) {
        return new SymmetricOperator() {
            @Override
            public int dimension() {
                return dimension;
            }

            @Override
            public double[] times(double[] v) {
                return product.apply(v);
            }
        };
    }

    /** A matrix that is written down. */
    static SymmetricOperator of(SymmetricMatrix matrix) {
        return of(matrix.size(), v -> {
            double[] result = new double[v.length];
            for (int i = 0; i < v.length; i++) {
                for (int j = 0; j < v.length; j++) {
                    result[i] += matrix.get(i, j) * v[j];
                }
            }
            return result;
        });
    }

    /** (A_1 + ... + A_n) / n, of one dimension; at least one. */
    static SymmetricOperator mean(List<SymmetricOperator> all) {
        return of(all.get(0).dimension(), v -> {
            double[] result = new double[v.length];
            for (SymmetricOperator each : all) {
                double[] product = each.times(v);
                for (int i = 0; i < v.length; i++) {
                    result[i] += product[i] / all.size();
                }
            }
            return result;
        });
    }

    /** The rows and columns of A that belong to a part. */
    default SymmetricOperator within(Part part) {
        return of(part.size(), v -> part.of(times(part.in(dimension(), v))));
    }

    /** A + diag(p); of a loss's Hessian, p the weight decay of each weight: the penalty counted in. @param p [d] */
    default SymmetricOperator plus(double[] p) {
        return of(dimension(), v -> {
            double[] result = times(v);
            for (int i = 0; i < v.length; i++) {
                result[i] += p[i] * v[i];
            }
            return result;
        });
    }

    /** P^-1/2 A P^-1/2 with P = diag(p): its eigenvalues are those of P^-1 A. @param p [d], above 0 */
    default SymmetricOperator preconditioned(double[] p) {
        return of(dimension(), v -> divided(times(divided(v, p)), p));
    }

    /** v_i / sqrt(p_i). */
    private static double[] divided(double[] v, double[] p) {
        double[] result = new double[v.length];
        for (int i = 0; i < v.length; i++) {
            result[i] = v[i] / Math.sqrt(p[i]);
        }
        return result;
    }
}
