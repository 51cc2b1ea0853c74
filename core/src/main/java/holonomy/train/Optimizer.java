package holonomy.train;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Fields;
import holonomy.data.UserError;

/** The rule that turns a gradient into a step, as a value; {@link #start} makes its state. */
public sealed interface Optimizer {
    /** Bumped by hand whenever the same gradients would give other steps. */
    int SEMANTICS = 1;

    /** What weight decay does. */
    enum Decay {
        /** theta shrinks by the factor 1 - lr x decay, apart from the gradient (AdamW). */
        DECOUPLED,
        /** decay x theta is added to the gradient (L2 penalty). */
        L2
    }

    /** Learning rate lr before the schedule's factor. */
    double learningRate();

    /** Weight decay, dimensionless; applied to every weight. */
    double weightDecay();

    Decay decay();

    /** Fresh state for P weights: all zero. */
    OptimizerState start(int parameters);

    ObjectNode spec();

    /**
     * Adam with weight decay (Kingma and Ba 2015; Loshchilov and Hutter 2019), in PyTorch's form:
     *
     * <pre>
     *   m = b1 m + (1-b1) g,   v = b2 v + (1-b2) g^2,   theta -= lr / (1-b1^t) m / (sqrt(v) / sqrt(1-b2^t) + eps)
     * </pre>
     */
    record AdamW(double learningRate, double beta1, double beta2, double epsilon, double weightDecay, Decay decay)
            implements Optimizer {
        public AdamW {
            check("AdamW", learningRate, weightDecay);
            if (!(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1 && epsilon > 0)) {
                throw new UserError("AdamW: expected betas in [0, 1) and epsilon > 0, found betas " + beta1 + ", "
                        + beta2 + " and epsilon " + epsilon);
            }
        }

        /** Betas .9 and .999, epsilon 1e-8, decoupled decay .01: the published settings. */
        public static AdamW of(double learningRate) {
            return new AdamW(learningRate, .9, .999, 1e-8, .01, Decay.DECOUPLED);
        }

        @Override
        public OptimizerState start(int parameters) {
            return new AdamState(this, parameters);
        }

        @Override
        public ObjectNode spec() {
            ObjectNode node = base("adamw", this);
            return node.put("beta1", beta1).put("beta2", beta2).put("epsilon", epsilon);
        }
    }

    /**
     * Stochastic gradient descent, in PyTorch's form: with momentum mu, {@code u = mu u + g} (the first u is g) and the step is
     * {@code lr u}, with Nesterov {@code lr (g + mu u)}.
     */
    record Sgd(double learningRate, double momentum, boolean nesterov, double weightDecay, Decay decay)
            implements Optimizer {
        public Sgd {
            check("SGD", learningRate, weightDecay);
            if (!(momentum >= 0 && momentum < 1) || (nesterov && momentum == 0)) {
                throw new UserError("SGD: expected momentum in [0, 1), above 0 with Nesterov; found momentum "
                        + momentum + (nesterov ? " with Nesterov" : ""));
            }
        }

        /** Plain SGD without decay. */
        public static Sgd of(double learningRate) {
            return new Sgd(learningRate, 0, false, 0, Decay.DECOUPLED);
        }

        @Override
        public OptimizerState start(int parameters) {
            return new SgdState(this, parameters);
        }

        @Override
        public ObjectNode spec() {
            return base("sgd", this).put("momentum", momentum).put("nesterov", nesterov);
        }
    }

    /** The optimiser whose {@link #spec()} this is. */
    static Optimizer fromSpec(Fields fields) {
        double rate = fields.number("learningRate");
        double weightDecay = fields.number("weightDecay");
        Decay decay = fields.oneOf("decay", Decay.class);
        return switch (fields.text("kind")) {
            case "adamw" ->
                new AdamW(
                        rate,
                        fields.number("beta1"),
                        fields.number("beta2"),
                        fields.number("epsilon"),
                        weightDecay,
                        decay);
            case "sgd" -> new Sgd(rate, fields.number("momentum"), fields.flag("nesterov"), weightDecay, decay);
            default ->
                throw new UserError(fields.place() + ": optimiser of kind '" + fields.text("kind") + "'"
                        + " is unknown to this version of Holonomy; known: adamw, sgd");
        };
    }

    private static ObjectNode base(String kind, Optimizer optimizer) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("kind", kind).put("semantics", SEMANTICS).put("learningRate", optimizer.learningRate());
        return node.put("weightDecay", optimizer.weightDecay())
                .put("decay", optimizer.decay().name());
    }

    private static void check(String name, double learningRate, double weightDecay) {
        if (!(learningRate > 0 && Double.isFinite(learningRate) && weightDecay >= 0 && Double.isFinite(weightDecay))) {
            throw new UserError(name + ": expected a learning rate above 0 and a weight decay of at least 0, found "
                    + learningRate + " and " + weightDecay);
        }
    }
}
