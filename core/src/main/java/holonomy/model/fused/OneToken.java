package holonomy.model.fused;

import ai.djl.ndarray.NDManager;
import holonomy.model.Architecture;
import holonomy.model.Design;
import holonomy.model.Targets;
import holonomy.task.Batch;
import java.util.List;

/**
 * Models with biases and a head of their own that are read out at one token which sees all others: of the last layer only that token is computed, and
 * attention goes element-wise over many sequences, as short ones need it.
 */
final class OneToken implements Computation {
    /** Sequences evaluated at once when no gradient is asked for. */
    private static final int CHUNK = 256;

    private final Architecture model;
    private final Recent<OneTokenPass> passes;

    OneToken(NDManager manager, Architecture model) {
        this.model = model;
        passes = new Recent<>(batch -> new OneTokenPass(manager, model, batch));
    }

    static boolean knows(Architecture model) {
        List<Integer> readouts = model.readouts();
        boolean seesAll = !model.causal() || readouts.get(0) == model.length() - 1;
        return readouts.size() == 1
                && seesAll
                && model.design().biases()
                && model.design().head() == Design.Head.OWN;
    }

    @Override
    public double gradient(float[] theta, Batch batch, Targets targets, float[] gradient) {
        OneTokenPass pass = passes.of(batch.size());
        pass.forward(theta, batch, 0);
        double loss = targets.loss(pass.crossEntropies(targets, 0));
        pass.backward(theta, gradient);
        return loss;
    }

    @Override
    public float[] logits(float[] theta, Batch batch) {
        float[] result = new float[batch.size() * model.classes()];
        inChunks(theta, batch, (pass, logits, first) -> {
            for (int c = 0; c < logits.length; c++) {
                for (int b = 0; b < logits[c].length; b++) {
                    result[(first + b) * model.classes() + c] = logits[c][b];
                }
            }
        });
        return result;
    }

    @Override
    public double loss(float[] theta, Batch batch, Targets targets) {
        double[] sums = new double[batch.weights().length];
        inChunks(theta, batch, (pass, logits, first) -> {
            double[] ofChunk = pass.crossEntropies(targets, first);
            for (int g = 0; g < sums.length; g++) {
                sums[g] += ofChunk[g];
            }
        });
        return targets.loss(sums);
    }

    private interface Reader {
        void read(OneTokenPass pass, float[][] logits, int first);
    }

    private void inChunks(float[] theta, Batch batch, Reader reader) {
        for (int first = 0; first < batch.size(); first += CHUNK) {
            OneTokenPass pass = passes.of(Math.min(CHUNK, batch.size() - first));
            reader.read(pass, pass.forward(theta, batch, first), first);
        }
    }

    @Override
    public void close() {
        passes.close();
    }
}
