package holonomy.model.fused;

import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import holonomy.model.Transformer;
import holonomy.task.Batch;
import java.lang.ref.Reference;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Logits, loss and gradient of a transformer on the CPU in float32, by hand-written passes; agrees with the engine's autograd within rounding.
 *
 * <p>Keeps the memory of the batch sizes used last. For one thread at a time.
 */
public final class FusedTransformer implements AutoCloseable {
    /** Sequences evaluated at once when no gradient is asked for. */
    private static final int CHUNK = 256;

    private static final int KEPT = 3;

    private final NDManager manager;
    private final Transformer model;
    /** Per number of sequences, the one used last at the end. */
    private final Map<Integer, Pass> passes = new LinkedHashMap<>(8, .75f, true);

    /** @param manager owns the native arrays; on the CPU */
    public FusedTransformer(NDManager manager, Transformer model) {
        this.manager = manager;
        this.model = model;
    }

    /** As {@link holonomy.model.Network#gradient(float[], Batch, float[])}. */
    public double gradient(float[] theta, Batch batch, float[] gradient) {
        JniUtils.setGradMode(false);
        Pass pass = pass(batch.size());
        try {
            pass.forward(theta, batch, 0);
            double loss = pass.loss(batch, 0) / batch.size();
            pass.backward(theta, gradient);
            return loss;
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** The logits [B, C]. */
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

    /** Mean cross-entropy in nats. */
    public double loss(float[] theta, Batch batch) {
        double[] sum = {0};
        inChunks(theta, batch, (pass, logits, first) -> sum[0] += pass.loss(batch, first));
        return sum[0] / batch.size();
    }

    private interface Reader {
        void read(Pass pass, float[][] logits, int first);
    }

    private void inChunks(float[] theta, Batch batch, Reader reader) {
        JniUtils.setGradMode(false);
        for (int first = 0; first < batch.size(); first += CHUNK) {
            Pass pass = pass(Math.min(CHUNK, batch.size() - first));
            try {
                reader.read(pass, pass.forward(theta, batch, first), first);
            } finally {
            }
        }
        Reference.reachabilityFence(this);
    }

    private Pass pass(int batch) {
        Pass pass = passes.get(batch);
        if (pass == null) {
            pass = new Pass(manager, model, batch);
            passes.put(batch, pass);
            Iterator<Pass> oldest = passes.values().iterator();
            if (passes.size() > KEPT) {
                oldest.next().close();
                oldest.remove();
            }
        }
        return pass;
    }

    @Override
    public void close() {
        passes.values().forEach(Pass::close);
        passes.clear();
    }
}
