package holonomy.train;

import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Fields;
import holonomy.data.UserError;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Stochastic gradient descent, in PyTorch's form: with momentum mu, {@code u = mu u + g} (the first u is g) and the step is {@code lr u}, with Nesterov
 * {@code lr (g + mu u)}.
 */
public record Sgd(double learningRate, double momentum, boolean nesterov, double weightDecay, Optimizer.Decay decay)
        implements Optimizer {
    private static final String KIND = "sgd";

    public Sgd {
        Optimizer.check("SGD", learningRate, weightDecay);
        if (!(momentum >= 0 && momentum < 1) || (nesterov && momentum == 0)) {
            throw new UserError("SGD: expected momentum in [0, 1), above 0 with Nesterov; found momentum " + momentum
                    + (nesterov ? " with Nesterov" : ""));
        }
    }

    /** Plain SGD without decay. */
    public static Sgd of(double learningRate) {
        return new Sgd(learningRate, 0, false, 0, Decay.DECOUPLED);
    }

    /**
     * This rule for a shorter training of a smaller model: {@code rate' = rate (N/N') sqrt(D'/D)} and {@code decay' = decay sqrt(D/D')} with N steps and D weights of one initial deviation. Two groups stay:
     * {@code rate decay N}, by how much decay shrinks, and {@code rate N / |w_0|}, how far gradients of norm 1 reach. Momentum's memory of 1 / (1 - mu) steps does not scale.
     *
     * @param steps N of this rule
     * @param toSteps N'
     * @param weights D of the model that it was made for
     * @param toWeights D'
     */
    public Sgd scaled(long steps, long toSteps, long weights, long toWeights) {
        double smaller = Math.sqrt((double) toWeights / weights);
        double rate = learningRate * steps / toSteps * smaller;
        return new Sgd(rate, momentum, nesterov, weightDecay / smaller, decay);
    }

    @Override
    public int moments() {
        return momentum > 0 ? 1 : 0;
    }

    @Override
    public OptimizerState start(Decaying weights) {
        return new State(this, weights);
    }

    /** Decoupled, or a penalty without momentum, shrinks by 1 - lr decay at each step; with momentum {@code u = mu u + decay w, w -= lr u} from u = 0. */
    @Override
    public double kept(Schedule schedule, long steps, long from, long to) {
        if (decay == Decay.DECOUPLED || momentum == 0) {
            return schedule.shrunk(learningRate, weightDecay, steps, from, to);
        }
        double left = 1;
        double velocity = 0;
        for (long step = from; step < to; step++) {
            double slope = weightDecay * left;
            velocity = momentum * velocity + slope;
            left -= learningRate * schedule.factor(step, steps) * (nesterov ? slope + momentum * velocity : velocity);
        }
        return left;
    }

    @Override
    public ObjectNode spec() {
        return Optimizer.base(KIND, this).put("momentum", momentum).put("nesterov", nesterov);
    }

    /** Reads it. */
    public static final class Kind implements Optimizer.Kind {
        @Override
        public String kind() {
            return KIND;
        }

        @Override
        public Optimizer fromSpec(Fields fields) {
            return new Sgd(
                    fields.number("learningRate"),
                    fields.number("momentum"),
                    fields.flag("nesterov"),
                    fields.number("weightDecay"),
                    fields.oneOf("decay", Decay.class));
        }
    }

    /** The velocity, when there is momentum. */
    private static final class State extends DecayedState {
        private final Sgd settings;
        private final float[] velocity;

        State(Sgd settings, Decaying weights) {
            super(settings, weights);
            this.settings = settings;
            velocity = new float[settings.momentum > 0 ? weights.parameters() : 0];
        }

        @Override
        protected void move(float[] theta, float[] gradient, int from, int to, float shrink, double rate) {
            float lr = (float) rate;
            if (velocity.length == 0) {
                for (int i = from; i < to; i++) {
                    theta[i] = shrink * theta[i] - lr * gradient[i];
                }
                return;
            }
            float mu = (float) settings.momentum;
            boolean nesterov = settings.nesterov;
            for (int i = from; i < to; i++) {
                float u = mu * velocity[i] + gradient[i];
                velocity[i] = u;
                theta[i] = shrink * theta[i] - lr * (nesterov ? gradient[i] + mu * u : u);
            }
        }

        @Override
        protected double[] wouldMove(double[] g, double rate) {
            double mu = settings.momentum;
            double[] step = new double[g.length];
            for (int i = 0; i < step.length; i++) {
                double u = velocity.length == 0 ? g[i] : mu * velocity[i] + g[i];
                step[i] = -rate * (settings.nesterov ? g[i] + mu * u : u);
            }
            return step;
        }

        @Override
        public SortedMap<String, float[]> arrays() {
            return new TreeMap<>(velocity.length > 0 ? Map.of("velocity", velocity) : Map.of());
        }
    }
}
