package holonomy.train;

import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Fields;
import holonomy.data.UserError;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Adam with weight decay (Kingma and Ba 2015; Loshchilov and Hutter 2019), in PyTorch's form:
 *
 * <pre>
 *   m = b1 m + (1-b1) g,   v = b2 v + (1-b2) g^2,   theta -= lr / (1-b1^t) m / (sqrt(v) / sqrt(1-b2^t) + eps)
 * </pre>
 *
 * <p>With b1 = 0 it is Adam without momentum; with b1 = b2 = 0 sign descent, {@code theta -= lr g / (|g| + eps)}: the sign of g, up to eps / |g|. With b2 = 0 alone the first moment is divided by
 * the latest gradient, a ratio without bound.
 */
public record AdamW(
        double learningRate, double beta1, double beta2, double epsilon, double weightDecay, Optimizer.Decay decay)
        implements Optimizer {
    private static final String KIND = "adamw";

    public AdamW {
        Optimizer.check("AdamW", learningRate, weightDecay);
        if (!(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1 && epsilon > 0)) {
            throw new UserError("AdamW: expected betas in [0, 1) and epsilon > 0, found betas " + beta1 + ", " + beta2
                    + " and epsilon " + epsilon);
        }
    }

    /** Betas .9 and .999, epsilon 1e-8, decoupled decay .01: the published settings. */
    public static AdamW of(double learningRate) {
        return new AdamW(learningRate, .9, .999, 1e-8, .01, Decay.DECOUPLED);
    }

    @Override
    public int moments() {
        return 2;
    }

    @Override
    public boolean normalises() {
        return true;
    }

    @Override
    public OptimizerState start(Decaying weights) {
        return new State(this, weights);
    }

    /** Adam divides a penalty by the size of the gradient it is mixed with, so only decoupled decay is a share. */
    @Override
    public double kept(Schedule schedule, long steps, long from, long to) {
        return decay == Decay.DECOUPLED ? schedule.shrunk(learningRate, weightDecay, steps, from, to) : 1;
    }

    /**
     * Adam's preconditioner {@code p = (1 - b1^t) (sqrt(v / (1 - b2^t)) + eps)} after t steps, [P], v the second moment: locally Adam moves as gradient
     * descent with momentum does in P^-1 H, stable while {@code lambda_1(P^-1 H) < (2 + 2 b1) / ((1 - b1) eta)}, 38/eta at b1 = .9. Source: arXiv 2207.14484.
     *
     * @throws UserError before the first step, where there is no second moment yet
     */
    public double[] preconditioner(OptimizerState state) {
        if (state.steps() < 1) {
            throw new UserError(
                    "preconditioned sharpness: expected an optimiser that has taken at least 1 step, found 0;"
                            + " measure it later in the training");
        }
        float[] v = state.arrays().get("second_moment");
        double first = 1 - Math.pow(beta1, state.steps());
        double second = 1 - Math.pow(beta2, state.steps());
        double[] p = new double[v.length];
        for (int i = 0; i < p.length; i++) {
            p[i] = first * (Math.sqrt(v[i] / second) + epsilon);
        }
        return p;
    }

    @Override
    public ObjectNode spec() {
        return Optimizer.base(KIND, this)
                .put("beta1", beta1)
                .put("beta2", beta2)
                .put("epsilon", epsilon);
    }

    /** Reads it. */
    public static final class Kind implements Optimizer.Kind {
        @Override
        public String kind() {
            return KIND;
        }

        @Override
        public Optimizer fromSpec(Fields fields) {
            return new AdamW(
                    fields.number("learningRate"),
                    fields.number("beta1"),
                    fields.number("beta2"),
                    fields.number("epsilon"),
                    fields.number("weightDecay"),
                    fields.oneOf("decay", Decay.class));
        }
    }

    private static final class State extends DecayedState {
        private final AdamW settings;
        private final float[] first;
        private final float[] second;

        State(AdamW settings, Decaying weights) {
            super(settings, weights);
            this.settings = settings;
            first = new float[weights.parameters()];
            second = new float[weights.parameters()];
        }

        @Override
        protected void move(float[] theta, float[] gradient, int from, int to, float shrink, double rate) {
            float b1 = (float) settings.beta1;
            float b2 = (float) settings.beta2;
            float c1 = (float) (1 - settings.beta1);
            float c2 = (float) (1 - settings.beta2);
            float epsilon = (float) settings.epsilon;
            float stepSize = (float) (rate / (1 - Math.pow(settings.beta1, steps() + 1)));
            float scale = (float) (1 / Math.sqrt(1 - Math.pow(settings.beta2, steps() + 1)));
            float[] m = first;
            float[] v = second;
            for (int i = from; i < to; i++) {
                float g = gradient[i];
                float mi = b1 * m[i] + c1 * g;
                float vi = b2 * v[i] + c2 * g * g;
                m[i] = mi;
                v[i] = vi;
                theta[i] = shrink * theta[i] - stepSize * mi / ((float) Math.sqrt(vi) * scale + epsilon);
            }
        }

        @Override
        protected double[] wouldMove(double[] g, double rate) {
            double b1 = settings.beta1;
            double b2 = settings.beta2;
            double size = rate / (1 - Math.pow(b1, steps() + 1));
            double scale = 1 / Math.sqrt(1 - Math.pow(b2, steps() + 1));
            double[] step = new double[g.length];
            for (int i = 0; i < step.length; i++) {
                double m = b1 * first[i] + (1 - b1) * g[i];
                double v = b2 * second[i] + (1 - b2) * g[i] * g[i];
                step[i] = -size * m / (Math.sqrt(v) * scale + settings.epsilon);
            }
            return step;
        }

        @Override
        public SortedMap<String, float[]> arrays() {
            return new TreeMap<>(Map.of("first_moment", first, "second_moment", second));
        }
    }
}
