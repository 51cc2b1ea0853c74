package holonomy.model;

import ai.djl.ndarray.types.DataType;
import holonomy.data.Services;
import holonomy.task.Batch;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A model made runnable on a device: pure functions of (theta, batch) that leave no native array behind.
 *
 * <p>theta lives in Java arrays. Each thread needs a Network of its own. A network computes in float32 or in float64 and takes theta in that type only.
 */
public interface Network extends AutoCloseable {
    /** One way to compute architectures; listed in {@code META-INF/services}, the one to be preferred first. */
    interface Maker {
        /** A network, if this way can compute the architecture there and in that type; the caller closes it. */
        Optional<Network> open(Architecture model, ComputeDevice device, DataType type);
    }

    /** A network by the first way that can. */
    static Network open(Architecture model, ComputeDevice device, DataType type) {
        for (Maker maker : Services.of(Maker.class)) {
            Optional<Network> network = maker.open(model, device, type);
            if (network.isPresent()) {
                return network.get();
            }
        }
        throw new IllegalStateException("no way to compute " + model + " on " + device + " in " + type);
    }

    Model model();

    /** A float64 network of the same model on the same device. The caller closes it. */
    Network openTwinInFloat64();

    /** Runs something before each computation from now on; what it throws ends the computation before it begins. */
    void beforeEachCall(Runnable action);

    /**
     * Loss of a batch, as {@link Batch} defines it, and its gradient with respect to theta.
     *
     * @param weights theta [P]; not modified
     * @param gradient receives d loss / d theta [P]. Modified.
     * @return the loss in nats
     */
    double gradient(float[] weights, Batch batch, float[] gradient);

    /**
     * {@link #gradient(float[], Batch, float[])} of a float64 network: a few sequences at a time, so that a check in float64 needs no more memory
     * than the training.
     */
    double gradient(double[] weights, Batch batch, double[] gradient);

    /** The logits [B, R, C] of a batch. */
    float[] logits(float[] weights, Batch batch);

    /** What it says to the targets of a batch. */
    default Answers answers(float[] weights, Batch batch) {
        return Answers.byLogits(this, weights, batch);
    }

    /** Loss of a batch in nats. */
    double loss(float[] weights, Batch batch);

    /** {@link #loss(float[], Batch)} of a float64 network. */
    double loss(double[] weights, Batch batch);

    /**
     * A forward pass that records sites and applies patches, in the order given, before the site is recorded.
     *
     * @param weights theta [P]; not modified
     * @param record sites to record
     * @param patches changes to make on the way
     */
    Trace trace(float[] weights, Batch batch, Set<Site> record, List<Patch> patches);

    /** Number of native arrays this network holds between calls: a constant, unless something leaks. */
    int nativeArrays();

    @Override
    void close();
}
