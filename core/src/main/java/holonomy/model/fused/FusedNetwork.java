package holonomy.model.fused;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.pytorch.jni.JniUtils;
import holonomy.model.Answers;
import holonomy.model.Architecture;
import holonomy.model.ComputeDevice;
import holonomy.model.Design;
import holonomy.model.Network;
import holonomy.model.Patch;
import holonomy.model.Site;
import holonomy.model.Targets;
import holonomy.model.Trace;
import holonomy.model.autograd.AutogradNetwork;
import holonomy.task.Batch;
import java.lang.ref.Reference;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Logits, loss and gradient of a transformer on the CPU in float32, by hand-written passes; agrees with the engine's autograd within rounding. What
 * they don't know, recording and patching, is the engine's.
 *
 * <p>Keeps the memory of the batch sizes used last. For one thread at a time.
 */
public final class FusedNetwork implements Network {
    private final NDManager manager;
    private final Architecture model;
    private final int size;
    private final Computation computation;

    private @Nullable AutogradNetwork tracing;
    private Runnable beforeEachCall = () -> {};

    private FusedNetwork(Architecture model) {
        this.model = model;
        size = model.layout().size();
        manager = ComputeDevice.engine().newBaseManager(ComputeDevice.CPU.device());
        computation = OneToken.knows(model) ? new OneToken(manager, model) : new EveryToken(manager, model);
    }

    /** Pre-norm transformers with GELU and learned positions, in float32 on the CPU. */
    public static final class Maker implements Network.Maker {
        @Override
        public Optional<Network> open(Architecture model, ComputeDevice device, DataType type) {
            Design design = model.design();
            boolean known = design.norm() == Design.Norm.PRE
                    && design.activation() == Design.Activation.GELU
                    && design.positions() == Design.Positions.LEARNED;
            return known && device.equals(ComputeDevice.CPU) && type == DataType.FLOAT32
                    ? Optional.of(new FusedNetwork(model))
                    : Optional.empty();
        }
    }

    @Override
    public Architecture model() {
        return model;
    }

    @Override
    public Network openTwinInFloat64() {
        return model.openFloat64(ComputeDevice.CPU);
    }

    @Override
    public void beforeEachCall(Runnable action) {
        beforeEachCall = action;
        if (tracing != null) {
            tracing.beforeEachCall(action);
        }
    }

    private void begin(float[] theta) {
        beforeEachCall.run();
        if (theta.length != size) {
            throw new IllegalArgumentException(
                    "theta: expected " + size + " weights in float32, found " + theta.length + " in float32");
        }
        JniUtils.setGradMode(false);
    }

    @Override
    public double gradient(float[] theta, Batch batch, float[] gradient) {
        begin(theta);
        try {
            return computation.gradient(theta, batch, Targets.of(batch, model.readouts()), gradient);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public double gradient(double[] theta, Batch batch, double[] gradient) {
        throw inFloat64(theta);
    }

    @Override
    public double loss(double[] theta, Batch batch) {
        throw inFloat64(theta);
    }

    private IllegalArgumentException inFloat64(double[] theta) {
        return new IllegalArgumentException(
                "theta: expected " + size + " weights in float32, found " + theta.length + " in float64");
    }

    @Override
    public float[] logits(float[] theta, Batch batch) {
        begin(theta);
        try {
            return computation.logits(theta, batch);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public Answers answers(float[] theta, Batch batch) {
        if (!(computation instanceof EveryToken everyToken)) {
            return Network.super.answers(theta, batch);
        }
        begin(theta);
        try {
            return everyToken.answers(theta, batch);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public double loss(float[] theta, Batch batch) {
        begin(theta);
        try {
            return computation.loss(theta, batch, Targets.of(batch, model.readouts()));
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public Trace trace(float[] theta, Batch batch, Set<Site> record, List<Patch> patches) {
        if (tracing == null) {
            tracing = new AutogradNetwork(model, ComputeDevice.CPU, DataType.FLOAT32);
            tracing.beforeEachCall(beforeEachCall);
        }
        return tracing.trace(theta, batch, record, patches);
    }

    @Override
    public int nativeArrays() {
        return manager.getManagedArrays().size() + (tracing == null ? 0 : tracing.nativeArrays());
    }

    @Override
    public void close() {
        computation.close();
        if (tracing != null) {
            tracing.close();
        }
        manager.close();
    }
}
