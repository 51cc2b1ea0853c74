package holonomy.model.fused;

import holonomy.model.Targets;
import holonomy.task.Batch;

/** Logits, loss and gradient of one model, written out; for one thread at a time. */
interface Computation extends AutoCloseable {
    /** The loss in nats, and its derivative. Modified: gradient [P]. */
    double gradient(float[] theta, Batch batch, Targets targets, float[] gradient);

    /** The loss in nats. */
    double loss(float[] theta, Batch batch, Targets targets);

    /** The logits [B, R, C]. */
    float[] logits(float[] theta, Batch batch);

    @Override
    void close();
}
