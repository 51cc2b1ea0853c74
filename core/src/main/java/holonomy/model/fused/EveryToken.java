package holonomy.model.fused;

import ai.djl.ndarray.NDManager;
import holonomy.model.Answers;
import holonomy.model.Architecture;
import holonomy.model.Targets;
import holonomy.task.Batch;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * Models that are read out at any tokens, with biases or without, with a tied head or one of their own. A batch is taken by {@link Part}s, whose gradients are
 * added up: memory doesn't grow with the batch, and what a layer computes stays in the cache.
 */
final class EveryToken implements Computation {
    private final Architecture model;
    private final List<Integer> readouts;
    private final SequencePass pass;
    /** The gradient of one part [P], where a batch has several. */
    private float[] other = {};

    EveryToken(NDManager manager, Architecture model) {
        this.model = model;
        readouts = model.readouts();
        pass = new SequencePass(manager, model);
    }

    @Override
    public double gradient(float[] theta, Batch batch, Targets targets, float[] gradient) {
        double[] sums = new double[batch.weights().length];
        List<Part> parts = Part.of(model, targets, batch.size(), false);
        if (parts.isEmpty()) {
            Arrays.fill(gradient, 0f);
        } else if (parts.size() > 1 && other.length == 0) {
            other = new float[gradient.length];
        }
        pass.load(theta);
        for (Part part : parts) {
            boolean first = part == parts.get(0);
            pass.forward(theta, batch, part, Asked.of(readouts, targets, part, false));
            pass.backward(theta, targets, sums, first ? gradient : other);
            if (!first) {
                Rows.add(gradient, other, other.length);
            }
        }
        return targets.loss(sums);
    }

    /** Forward passes that nothing goes back through. */
    private void answer(float[] theta, Batch batch, Targets targets, boolean all, Consumer<Part> reader) {
        pass.load(theta);
        for (Part part : Part.of(model, targets, batch.size(), all)) {
            pass.forwardToAsked(theta, batch, part, Asked.of(readouts, targets, part, all));
            reader.accept(part);
        }
    }

    @Override
    public double loss(float[] theta, Batch batch, Targets targets) {
        double[] sums = new double[batch.weights().length];
        answer(theta, batch, targets, false, part -> pass.loss(targets, sums));
        return targets.loss(sums);
    }

    @Override
    public float[] logits(float[] theta, Batch batch) {
        Targets targets = Targets.of(batch, readouts);
        float[] result = new float[Math.multiplyExact(targets.classes().length, model.classes())];
        int each = readouts.size() * model.classes();
        answer(theta, batch, targets, true, part -> pass.logits(result, part.sequences()[0] * each));
        return result;
    }

    /** What the model says to a batch's targets: logits of no other position are made. */
    Answers answers(float[] theta, Batch batch) {
        Targets targets = Targets.of(batch, readouts);
        Answers answers = new Answers();
        answer(theta, batch, targets, false, part -> pass.answer(targets, answers));
        return answers;
    }

    @Override
    public void close() {
        pass.close();
    }
}
