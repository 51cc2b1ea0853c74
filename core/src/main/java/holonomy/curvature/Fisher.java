package holonomy.curvature;

import holonomy.geometry.Orthonormal;
import holonomy.model.Network;
import holonomy.task.Batch;

/**
 * The empirical Fisher matrix {@code F = 1/B sum_b g_b g_b'} of the gradients g_b [P] of single sequences, whose mean is the batch's gradient.
 *
 * <p>Single sequences, for the mean gradient of a batch dominates a matrix made of batches and its scale depends on B. B gradients are kept: B P float64.
 */
public final class Fisher implements SymmetricOperator {
    private final double[][] gradients;

    private Fisher(double[][] gradients) {
        this.gradients = gradients;
    }

    /** Of these gradients [B, P], at least one. Not copied. */
    public static Fisher of(double[][] gradients) {
        if (gradients.length == 0) {
            throw new IllegalArgumentException("Fisher matrix: no gradient given, expected at least one");
        }
        return new Fisher(gradients);
    }

    /** Of a batch's sequences at theta [P]; costs the gradient of the batch once, one sequence at a time. */
    public static Fisher of(Network network, double[] theta, Batch batch) {
        double[][] gradients = new double[batch.size()][theta.length];
        for (int b = 0; b < gradients.length; b++) {
            network.gradient(theta, batch.part(b, b + 1), gradients[b]);
        }
        return of(gradients);
    }

    /** {@code 1/B sum_b (g_b - g)(g_b - g)'} with g the mean: the covariance of the gradients. */
    public Fisher centred() {
        double[] mean = mean();
        double[][] rest = new double[gradients.length][];
        for (int b = 0; b < rest.length; b++) {
            rest[b] = LossCurvature.moved(gradients[b], mean, -1);
        }
        return new Fisher(rest);
    }

    /** g = 1/B sum_b g_b, [P]. */
    public double[] mean() {
        double[] mean = new double[dimension()];
        for (double[] gradient : gradients) {
            add(mean, 1.0 / gradients.length, gradient);
        }
        return mean;
    }

    /** tr F = 1/B sum_b |g_b|^2, exactly. */
    public double trace() {
        double sum = 0;
        for (double[] gradient : gradients) {
            sum += Orthonormal.dot(gradient, gradient);
        }
        return sum / gradients.length;
    }

    @Override
    public int dimension() {
        return gradients[0].length;
    }

    @Override
    public double[] times(double[] v) {
        double[] result = new double[v.length];
        for (double[] gradient : gradients) {
            add(result, Orthonormal.dot(gradient, v) / gradients.length, gradient);
        }
        return result;
    }

    private static void add(double[] into, double factor, double[] v) {
        for (int i = 0; i < into.length; i++) {
            into[i] += factor * v[i];
        }
    }
}
