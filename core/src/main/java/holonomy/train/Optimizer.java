package holonomy.train;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Fields;
import holonomy.data.SpecKind;
import holonomy.data.UserError;
import holonomy.task.Batch;
import java.util.Arrays;
import java.util.List;

/**
 * The rule that turns a gradient into a step, as a value; {@link #start} makes its state. A new one is one file: its settings, its state (see {@link
 * DecayedState}) and its {@link Kind}.
 */
public interface Optimizer {
    /** Bumped by hand whenever the same gradients would give other steps. */
    int SEMANTICS = 1;

    /** A kind of optimiser, found by its word in a spec; listed in {@code META-INF/services}. */
    interface Kind extends SpecKind<Optimizer> {}

    /** What weight decay does, to the blocks that decay. */
    enum Decay {
        /** theta shrinks by the factor 1 - lr x decay, apart from the gradient (AdamW). */
        DECOUPLED,
        /** decay x theta is added to the gradient (L2 penalty). */
        L2
    }

    /** Learning rate lr before the schedule's factor. */
    double learningRate();

    /** Weight decay, dimensionless. */
    double weightDecay();

    Decay decay();

    /** Numbers that the state keeps of each weight. */
    int moments();

    /** Whether it divides a gradient by its own size: then noise alone moves every weight by about the learning rate a step, however small it is. */
    default boolean normalises() {
        return false;
    }

    /** Fresh state: all zero. */
    OptimizerState start(Decaying weights);

    /** Fresh state for P weights that all decay. */
    default OptimizerState start(int parameters) {
        return start(Decaying.all(parameters));
    }

    /**
     * The share of a weight that decay alone leaves, with the gradient 0 and a state at rest, from one step to a later one; dimensionless. A penalty that is
     * mixed with the gradient in a way that can't be taken apart counts as gradient: it leaves 1.
     *
     * @param steps of the whole training, which the schedule may depend on
     */
    double kept(Schedule schedule, long steps, long from, long to);

    ObjectNode spec();

    /** Mean loss of a batch in nats; writes its gradient [P]. */
    @FunctionalInterface
    interface Gradient {
        double of(Batch batch, float[] gradient);
    }

    /**
     * The mean gradient of equally large batches (see {@link MicroBatches}), taken one after the other: memory for one is enough.
     *
     * @param parts at least one
     * @param gradient receives the mean [P]. Modified.
     * @return the mean loss in nats
     */
    default double accumulate(List<Batch> parts, Gradient of, float[] gradient) {
        if (parts.size() == 1) {
            return of.of(parts.get(0), gradient);
        }
        Arrays.fill(gradient, 0);
        float[] own = new float[gradient.length];
        float share = 1f / parts.size();
        double loss = 0;
        for (Batch part : parts) {
            loss += of.of(part, own) / parts.size();
            for (int i = 0; i < own.length; i++) {
                gradient[i] += share * own[i];
            }
        }
        return loss;
    }

    /** The optimiser whose {@link #spec()} this is. */
    static Optimizer fromSpec(Fields fields) {
        return SpecKind.read(Kind.class, "optimiser", fields);
    }

    /** What every optimiser's spec says. */
    static ObjectNode base(String kind, Optimizer optimizer) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("kind", kind).put("semantics", SEMANTICS).put("learningRate", optimizer.learningRate());
        return node.put("weightDecay", optimizer.weightDecay())
                .put("decay", optimizer.decay().name());
    }

    /** Makes sure that learning rate and weight decay are numbers one can train with. */
    static void check(String name, double learningRate, double weightDecay) {
        if (!(learningRate > 0 && Double.isFinite(learningRate) && weightDecay >= 0 && Double.isFinite(weightDecay))) {
            throw new UserError(name + ": expected a learning rate above 0 and a weight decay of at least 0, found "
                    + learningRate + " and " + weightDecay);
        }
    }
}
