package holonomy.train;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The step that an optimiser would take next, as a function of (theta, gradient): its state is frozen, so the same arguments always give the same step.
 *
 * <p>The update is computed in float64 from the state's float32 numbers, clipping and weight decay included: nothing is added to theta and subtracted
 * again, and nothing is rounded on the way.
 *
 * <pre>
 *   AdamW: m' = b1 m + (1-b1) g,  v' = b2 v + (1-b2) g^2,  step = -lr / (1-b1^t) m' / (sqrt(v') / sqrt(1-b2^t) + eps) - lr decay theta
 *   SGD:   u' = mu u + g,         step = -lr u' (Nesterov: -lr (g + mu u')) - lr decay theta
 * </pre>
 *
 * With an L2 penalty decay theta is added to g instead.
 */
public final class FrozenStep {
    private final Training training;
    private final OptimizerState state;
    private final double factor;

    /**
     * @param state the optimiser's state. Read whenever a step is asked for, never changed.
     * @param factor the schedule's factor on the learning rate, dimensionless
     */
    public FrozenStep(Training training, OptimizerState state, double factor) {
        this.training = training;
        this.state = state;
        this.factor = factor;
    }

    /**
     * The step [P], in weight units, before it is added to theta.
     *
     * @param theta [P]; not modified
     * @param gradient [P], before clipping; not modified
     */
    public double[] at(double[] theta, double[] gradient) {
        Optimizer optimizer = training.optimizer();
        double rate = optimizer.learningRate() * factor;
        double[] slope = slope(theta, gradient);
        Map<String, float[]> arrays = state.arrays();
        double[] step = optimizer instanceof Optimizer.AdamW adam
                ? adam(adam, rate, slope, arrays.get("first_moment"), arrays.get("second_moment"))
                : sgd((Optimizer.Sgd) optimizer, rate, slope, arrays.get("velocity"));
        double shrink = optimizer.decay() == Optimizer.Decay.DECOUPLED ? rate * optimizer.weightDecay() : 0;
        for (int i = 0; shrink > 0 && i < step.length; i++) {
            step[i] -= shrink * theta[i];
        }
        return step;
    }

    /** The clipped gradient, with the penalty's where there is one; a copy. */
    private double[] slope(double[] theta, double[] gradient) {
        double square = 0;
        for (double g : gradient) {
            square += g * g;
        }
        double norm = Math.sqrt(square);
        double clip = training.clip() > 0 && norm > training.clip() ? training.clip() / norm : 1;
        Optimizer optimizer = training.optimizer();
        double penalty = optimizer.decay() == Optimizer.Decay.L2 ? optimizer.weightDecay() : 0;
        double[] slope = new double[gradient.length];
        for (int i = 0; i < slope.length; i++) {
            slope[i] = clip * gradient[i] + penalty * theta[i];
        }
        return slope;
    }

    private double[] adam(Optimizer.AdamW settings, double rate, double[] g, float[] first, float[] second) {
        double b1 = settings.beta1();
        double b2 = settings.beta2();
        long t = state.steps() + 1;
        double size = rate / (1 - Math.pow(b1, t));
        double scale = 1 / Math.sqrt(1 - Math.pow(b2, t));
        double[] step = new double[g.length];
        for (int i = 0; i < step.length; i++) {
            double m = b1 * first[i] + (1 - b1) * g[i];
            double v = b2 * second[i] + (1 - b2) * g[i] * g[i];
            step[i] = -size * m / (Math.sqrt(v) * scale + settings.epsilon());
        }
        return step;
    }

    private static double[] sgd(Optimizer.Sgd settings, double rate, double[] g, float @Nullable [] velocity) {
        double mu = settings.momentum();
        double[] step = new double[g.length];
        for (int i = 0; i < step.length; i++) {
            double u = velocity == null ? g[i] : mu * velocity[i] + g[i];
            step[i] = -rate * (settings.nesterov() ? g[i] + mu * u : u);
        }
        return step;
    }
}
