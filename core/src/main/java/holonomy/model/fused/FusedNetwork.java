package holonomy.model.fused;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.pytorch.jni.JniUtils;
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
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
    /** Sequences evaluated at once when no gradient is asked for. */
    private static final int CHUNK = 256;

    private static final int KEPT = 3;

    private final NDManager manager;
    private final Architecture model;
    private final int size;
    /** Per number of sequences, the one used last at the end. */
    private final Map<Integer, Pass> passes = new LinkedHashMap<>(8, .75f, true);

    private @Nullable AutogradNetwork tracing;
    private Runnable beforeEachCall = () -> {};

    private FusedNetwork(Architecture model) {
        this.model = model;
        size = model.layout().size();
        manager = ComputeDevice.engine().newBaseManager(ComputeDevice.CPU.device());
    }

    /** Pre-norm transformers with biases, GELU and a head of their own, read out at one token that sees all others, in float32 on the CPU. */
    public static final class Maker implements Network.Maker {
        @Override
        public Optional<Network> open(Architecture model, ComputeDevice device, DataType type) {
            Design plain = model.design()
                    .with(Design.DECODER.readout())
                    .with(Design.DECODER.mask())
                    .with(Design.DECODER.start())
                    .with(Design.DECODER.decayed());
            boolean known = (plain.copies() ? Design.DECODER.layersAsCopies() : Design.DECODER).equals(plain);
            List<Integer> readouts = model.readouts();
            boolean seesAll = !model.causal() || readouts.get(0) == model.length() - 1;
            return known
                            && readouts.size() == 1
                            && seesAll
                            && device.equals(ComputeDevice.CPU)
                            && type == DataType.FLOAT32
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
        Pass pass = pass(batch.size());
        try {
            pass.forward(theta, batch, 0);
            Targets targets = Targets.of(batch, model.readouts());
            double loss = targets.loss(pass.crossEntropies(targets, 0));
            pass.backward(theta, gradient);
            return loss;
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
    public double loss(float[] theta, Batch batch) {
        Targets targets = Targets.of(batch, model.readouts());
        double[] sums = new double[batch.weights().length];
        inChunks(theta, batch, (pass, logits, first) -> {
            double[] ofChunk = pass.crossEntropies(targets, first);
            for (int g = 0; g < sums.length; g++) {
                sums[g] += ofChunk[g];
            }
        });
        return targets.loss(sums);
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

    private interface Reader {
        void read(Pass pass, float[][] logits, int first);
    }

    private void inChunks(float[] theta, Batch batch, Reader reader) {
        begin(theta);
        for (int first = 0; first < batch.size(); first += CHUNK) {
            Pass pass = pass(Math.min(CHUNK, batch.size() - first));
            reader.read(pass, pass.forward(theta, batch, first), first);
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
        if (tracing != null) {
            tracing.close();
        }
        manager.close();
    }
}
