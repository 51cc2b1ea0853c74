package holonomy.model.fused;

import ai.djl.ndarray.NDManager;
import holonomy.model.Answers;
import holonomy.model.Architecture;
import holonomy.model.Targets;
import holonomy.task.Batch;
import java.util.List;

/**
 * Models that are read out at any tokens, with biases or without, with a tied head or one of their own. A batch is taken a few sequences at a time, about
 * {@link #COLUMNS} tokens, and their gradients are added up: memory doesn't grow with the batch, and what a layer computes stays in the cache.
 */
final class EveryToken implements Computation {
    private static final int COLUMNS = 1024;

    private final Architecture model;
    private final List<Integer> readouts;
    private final Recent<SequencePass> passes;
    /** The gradient of one part [P], where a batch has several. */
    private float[] part = {};

    EveryToken(NDManager manager, Architecture model) {
        this.model = model;
        readouts = model.readouts();
        passes = new Recent<>(sequences -> new SequencePass(manager, model, sequences));
    }

    /** What is done with some sequences after their forward pass. */
    private interface Reader {
        void read(SequencePass pass, int from, int to);
    }

    private void inParts(float[] theta, Batch batch, Reader reader) {
        int parts = Math.max(1, Math.min(batch.size(), batch.size() * batch.length() / COLUMNS));
        int most = (batch.size() + parts - 1) / parts;
        for (int from = 0; from < batch.size(); from += most) {
            int to = Math.min(batch.size(), from + most);
            SequencePass pass = passes.of(to - from);
            if (from == 0 || to - from < most) {
                pass.load(theta);
            }
            pass.forward(theta, batch, from);
            reader.read(pass, from, to);
        }
    }

    private Asked asked(Targets targets, int from, int to, boolean all) {
        return Asked.of(readouts, model.length(), targets, from, to, all);
    }

    @Override
    public double gradient(float[] theta, Batch batch, Targets targets, float[] gradient) {
        double[] sums = new double[batch.weights().length];
        inParts(theta, batch, (pass, from, to) -> {
            if (from > 0 && part.length == 0) {
                part = new float[gradient.length];
            }
            float[] own = from == 0 ? gradient : part;
            pass.backward(theta, asked(targets, from, to, false), targets, sums, own);
            if (from > 0) {
                Rows.add(gradient, own, own.length);
            }
        });
        return targets.loss(sums);
    }

    @Override
    public double loss(float[] theta, Batch batch, Targets targets) {
        double[] sums = new double[batch.weights().length];
        inParts(theta, batch, (pass, from, to) -> pass.loss(asked(targets, from, to, false), targets, sums));
        return targets.loss(sums);
    }

    @Override
    public float[] logits(float[] theta, Batch batch) {
        Targets targets = Targets.of(batch, readouts);
        float[] result = new float[Math.multiplyExact(targets.classes().length, model.classes())];
        int each = readouts.size() * model.classes();
        inParts(theta, batch, (pass, from, to) -> pass.logits(asked(targets, from, to, true), result, from * each));
        return result;
    }

    /** What the model says to a batch's targets: logits of no other position are made. */
    Answers answers(float[] theta, Batch batch) {
        Targets targets = Targets.of(batch, readouts);
        Answers answers = new Answers();
        inParts(theta, batch, (pass, from, to) -> pass.answer(asked(targets, from, to, false), targets, answers));
        return answers;
    }

    @Override
    public void close() {
        passes.close();
    }
}
