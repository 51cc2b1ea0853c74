package holonomy.curvature;

import holonomy.data.UserError;
import holonomy.geometry.GradientField;
import holonomy.geometry.Orthonormal;
import holonomy.model.Block;
import holonomy.model.Layout;
import holonomy.model.Network;
import holonomy.model.TwiceDifferentiable;
import holonomy.task.Batch;

/** Second derivatives of a batch's loss at theta, weight decay left out ({@link SymmetricOperator#plus} counts it in). */
public final class LossCurvature {
    /**
     * Length of a difference's step, weight norm: {@code eps^(1/5) l}, where Richardson's truncation (step/l)^4 and rounding (eps l/step) are equal; l the length over which
     * gradients change, taken as a quarter, for LayerNorm's derivatives grow with one over what it divides by.
     */
    private static final double STEP = Math.pow(Math.ulp(1.0), .2) / 4;

    private LossCurvature() {}

    /**
     * The Hessian H of the loss: exact if the network knows second derivatives (a product costs about 4 gradients), else by {@link #byDifferences}.
     *
     * @param network in float64, open as long as products are asked for
     * @param theta [P]; not modified, not copied
     */
    public static SymmetricOperator hessian(Network network, double[] theta, Batch batch) {
        return network instanceof TwiceDifferentiable exact
                ? SymmetricOperator.of(theta.length, v -> exact.hessianTimes(theta, batch, v))
                : byDifferences(field(network, batch), theta);
    }

    /**
     * The generalised Gauss-Newton matrix G = J' D J, exact; with cross-entropy it is the Fisher information of the batch's tokens under the model's own
     * answers. A product costs about 3 gradients.
     *
     * @throws UserError if the network knows no second derivatives
     */
    public static SymmetricOperator gaussNewton(Network network, double[] theta, Batch batch) {
        if (network instanceof TwiceDifferentiable exact) {
            return SymmetricOperator.of(theta.length, v -> exact.gaussNewtonTimes(theta, batch, v));
        }
        throw new UserError("Gauss-Newton matrix: expected a network that computes second derivatives, found "
                + network.getClass().getSimpleName() + "; use the Hessian, which differences of gradients give");
    }

    /**
     * The Hessian of any loss by central differences of its gradient g along u = v/|v|, extrapolated (Richardson): {@code H u = (4 D(s/2) - D(s))/3},
     * {@code D(s) = (g(theta + s u) - g(theta - s u)) / 2s}. Its relative error is about eps^(4/5) = 3e-13 where g changes over a quarter of a weight; a
     * product costs 4 gradients.
     */
    public static SymmetricOperator byDifferences(GradientField gradient, double[] theta) {
        return SymmetricOperator.of(theta.length, v -> {
            double length = Orthonormal.norm(v);
            double[] wide = difference(gradient, theta, v, STEP, length);
            double[] narrow = difference(gradient, theta, v, STEP / 2, length);
            for (int i = 0; i < v.length; i++) {
                narrow[i] = length * (4 * narrow[i] - wide[i]) / 3;
            }
            return narrow;
        });
    }

    /** D(s) along v/|v|; 0 along 0. */
    private static double[] difference(GradientField gradient, double[] theta, double[] v, double s, double length) {
        if (length == 0) {
            return new double[v.length];
        }
        double[] above = gradient.at(moved(theta, v, s / length));
        double[] below = gradient.at(moved(theta, v, -s / length));
        for (int i = 0; i < above.length; i++) {
            above[i] = (above[i] - below[i]) / (2 * s);
        }
        return above;
    }

    /** theta + factor v, a new vector. */
    static double[] moved(double[] theta, double[] v, double factor) {
        double[] result = theta.clone();
        for (int i = 0; i < v.length; i++) {
            result[i] += factor * v[i];
        }
        return result;
    }

    /** The gradient of a batch's loss. */
    public static GradientField field(Network network, Batch batch) {
        return at -> {
            double[] gradient = new double[at.length];
            network.gradient(at, batch, gradient);
            return gradient;
        };
    }

    /** The second derivative of the penalty {@code decay/2 |theta|^2} over the blocks that decay, [P], for {@link SymmetricOperator#plus}. */
    public static double[] decay(Layout layout, double decay) {
        double[] diagonal = new double[layout.size()];
        for (Block block : layout.blocks()) {
            java.util.Arrays.fill(diagonal, block.offset(), block.offset() + block.size(), block.decays() ? decay : 0);
        }
        return diagonal;
    }
}
