package holonomy.curvature;

import holonomy.inference.Estimate;
import holonomy.inference.Interval;
import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import java.util.random.RandomGenerator;

/**
 * The density of A's eigenvalues by stochastic Lanczos quadrature: {@code 1/d tr f(A) = E[z' f(A) z]}, z uniform on the unit sphere; m steps of Lanczos from z give
 * nodes lambda_i and weights w_i with {@code z' f(A) z = sum_i w_i f(lambda_i)}, exactly for polynomials up to degree 2m - 1.
 *
 * <p>Every number is a mean over probes z with its Student interval. Source: Ubaru, Chen and Saad 2017. Costs probes x m products.
 *
 * @param nodes lambda [probes][m]
 * @param weights w [probes][m], each probe's sum to 1
 */
public record SpectralDensity(double[][] nodes, double[][] weights) {
    /** @param probes at least 2, for an interval */
    public static SpectralDensity of(SymmetricOperator a, int probes, int steps, RandomGenerator random) {
        double[][] nodes = new double[probes][];
        double[][] weights = new double[probes][];
        for (int p = 0; p < probes; p++) {
            Lanczos lanczos = Lanczos.from(a, Lanczos.gaussian(a.dimension(), random), steps);
            nodes[p] = new double[lanczos.size()];
            weights[p] = new double[lanczos.size()];
            Arrays.setAll(nodes[p], lanczos::value);
            Arrays.setAll(weights[p], lanczos::weight);
        }
        return new SpectralDensity(nodes, weights);
    }

    /** 1/d tr f(A), for instance a moment, {@code f(x) = x^p}. */
    public Estimate mean(DoubleUnaryOperator f) {
        double[] values = new double[nodes.length];
        for (int p = 0; p < values.length; p++) {
            for (int i = 0; i < nodes[p].length; i++) {
                values[p] += weights[p][i] * f.applyAsDouble(nodes[p][i]);
            }
        }
        return Interval.studentT(values);
    }

    /** The share of eigenvalues below x, dimensionless. */
    public Estimate below(double x) {
        return mean(node -> node < x ? 1 : 0);
    }

    /** The density at x, each node blurred into a normal curve of this standard deviation; 1 / the eigenvalues' unit. */
    public double at(double x, double width) {
        double scale = 1 / (width * Math.sqrt(2 * Math.PI));
        return mean(node -> scale * Math.exp(-.5 * (x - node) * (x - node) / (width * width)))
                .value();
    }
}
