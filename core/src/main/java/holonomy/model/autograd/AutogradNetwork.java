package holonomy.model.autograd;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import holonomy.model.Architecture;
import holonomy.model.ComputeDevice;
import holonomy.model.Design;
import holonomy.model.Network;
import holonomy.model.Patch;
import holonomy.model.Site;
import holonomy.model.Targets;
import holonomy.model.Trace;
import holonomy.model.TwiceDifferentiable;
import holonomy.task.Batch;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Any architecture on any device, in float32 or float64, by the engine's autograd.
 *
 * <p>A native copy of theta is refreshed at every call (a memory copy of P numbers, small beside the step). Gradients use the engine's thread-local
 * autograd directly, because DJL's GradientCollector is one per JVM.
 */
public final class AutogradNetwork implements TwiceDifferentiable {
    /** A gradient in float64 is taken of so many sequences at a time, or of so many tokens where sequences are short. */
    private static final int FLOAT64_SEQUENCES = 16;

    private static final int FLOAT64_TOKENS = 192;

    private static final int ALIGNMENT_BYTES = 64;

    private final Architecture model;
    private final ComputeDevice device;
    private final Forward forward;
    private final DataType type;
    private final NDManager manager;
    private final ByteBuffer buffer;
    private final PtNDArray theta;
    private final Forward.Constants constants;
    private final boolean shared;
    private Runnable beforeEachCall = () -> {};
    private @Nullable SecondDerivatives second;

    /** @param type float32 or float64 */
    public AutogradNetwork(Architecture model, ComputeDevice device, DataType type) {
        this.model = model;
        this.device = device;
        this.type = type;
        forward = new Forward(model);
        manager = ComputeDevice.engine().newBaseManager(device.device());
        int size = model.layout().size();
        buffer = aligned(size * type.getNumOfBytes());
        JniUtils.setGradMode(false);
        // On the CPU the engine's tensor is this very buffer; elsewhere the buffer is copied over at each call.
        shared = device.equals(ComputeDevice.CPU);
        theta = (PtNDArray) manager.create(buffer, new Shape(size), type);
        theta.setRequiresGradient(true);
        float[] scale = {(float) (1 / Math.sqrt((double) model.width() / model.heads()))};
        float[] logitScale = {(float) model.design().logitScale()};
        float[] epsilon = {(float) Forward.NORM_EPSILON};
        constants = new Forward.Constants(
                constant(causalMask(model.length()), new Shape(model.length(), model.length())),
                constant(scale, new Shape()),
                constant(logitScale, new Shape()),
                constant(epsilon, new Shape()),
                model.rotatesKeys() ? new Forward.Turns(turns(true), turns(false)) : null);
    }

    /** Every architecture. */
    public static final class Maker implements Network.Maker {
        @Override
        public Optional<Network> open(Architecture model, ComputeDevice device, DataType type) {
            return Optional.of(new AutogradNetwork(model, device, type));
        }
    }

    @Override
    public Network openTwinInFloat64() {
        return model.openFloat64(device);
    }

    @Override
    public Architecture model() {
        return model;
    }

    @Override
    public void beforeEachCall(Runnable action) {
        beforeEachCall = action;
    }

    @Override
    public double gradient(float[] weights, Batch batch, float[] gradient) {
        load(weights);
        return withGradient(batch, batch.size(), bytes -> bytes.asFloatBuffer().get(gradient));
    }

    @Override
    public double gradient(double[] weights, Batch batch, double[] gradient) {
        load(weights);
        return withGradient(batch, most(batch), bytes -> bytes.asDoubleBuffer().get(gradient));
    }

    private static int most(Batch batch) {
        return Math.max(FLOAT64_SEQUENCES, FLOAT64_TOKENS / batch.length());
    }

    /** The engine adds up the gradients of the parts, each with its share of the batch. */
    private double withGradient(Batch batch, int most, Function<ByteBuffer, Object> reader) {
        beforeEachCall.run();
        double sum = 0;
        for (int from = 0; from < batch.size(); from += most) {
            Batch part = batch.part(from, Math.min(batch.size(), from + most));
            boolean first = from == 0;
            sum += scoped(step -> addGradient(step, part, (double) part.size() / batch.size(), first));
        }
        JniUtils.setGradMode(false);
        try (PtNDArray gradient = JniUtils.getGradient(theta)) {
            reader.apply(gradient.toByteBuffer().order(ByteOrder.nativeOrder()));
        }
        return sum;
    }

    /** Adds share times the gradient of a part's loss to theta's; returns share times the loss. */
    private double addGradient(NDManager step, Batch part, double share, boolean first) {
        if (first) {
            JniUtils.zeroGrad(theta);
        }
        JniUtils.setGradMode(true);
        try {
            PtNDArray logits = logits(step, part);
            PtNDArray loss = loss(step, logits, part);
            JniUtils.setGradMode(false);
            PtNDArray weight = (PtNDArray) loss.onesLike();
            if (share != 1) {
                weight.muli(share);
            }
            JniUtils.backward(loss, weight, false, false);
            return share * scalar(loss);
        } finally {
            JniUtils.setGradMode(false);
        }
    }

    @Override
    public double[] hessianTimes(double[] weights, Batch batch, double[] v) {
        return product(weights, batch, v, (step, part, along) -> second().hessianTimes(
                        loss(step, logits(step, part), part), theta, along));
    }

    @Override
    public double[] gaussNewtonTimes(double[] weights, Batch batch, double[] v) {
        return product(weights, batch, v, (step, part, along) -> second().gaussNewtonTimes(
                        logits(step, part), theta, z -> loss(step, z, part), along));
    }

    /** A part's product with a vector [P]. */
    private interface Product {
        PtNDArray of(NDManager step, Batch part, PtNDArray v);
    }

    /** The mean over a batch's sequences of the products of its parts. */
    private double[] product(double[] weights, Batch batch, double[] v, Product product) {
        load(weights);
        beforeEachCall.run();
        double[] sum = new double[v.length];
        for (int from = 0; from < batch.size(); from += most(batch)) {
            Batch part = batch.part(from, Math.min(batch.size(), from + most(batch)));
            double[] own = scoped(step -> {
                PtNDArray along = (PtNDArray) step.create(v);
                JniUtils.setGradMode(true);
                try {
                    return product.of(step, part, along).toDoubleArray();
                } finally {
                    JniUtils.setGradMode(false);
                }
            });
            double share = (double) part.size() / batch.size();
            for (int i = 0; i < sum.length; i++) {
                sum[i] += share * own[i];
            }
        }
        return sum;
    }

    private SecondDerivatives second() {
        if (second == null) {
            second = new SecondDerivatives(manager);
        }
        return second;
    }

    @Override
    public float[] logits(float[] weights, Batch batch) {
        load(weights);
        return inside(step -> floats(logits(step, batch)));
    }

    @Override
    public double loss(float[] weights, Batch batch) {
        load(weights);
        return inside(step -> scalar(loss(step, logits(step, batch), batch)));
    }

    @Override
    public double loss(double[] weights, Batch batch) {
        load(weights);
        return inside(step -> scalar(loss(step, logits(step, batch), batch)));
    }

    @Override
    public Trace trace(float[] weights, Batch batch, Set<Site> record, List<Patch> patches) {
        checkSites(batch, record, patches);
        load(weights);
        Map<Site, float[]> recorded = new HashMap<>();
        float[] logits = inside(step -> {
            Forward.Hook hook = (site, values) -> {
                PtNDArray patched = patched(step, site, values, patches);
                if (record.contains(site)) {
                    recorded.put(site, floats(patched));
                }
                return patched;
            };
            return floats(forward.logits(theta, tokens(step, batch), constants, hook));
        });
        return new Trace(logits, Map.copyOf(recorded));
    }

    private void checkSites(Batch batch, Set<Site> record, List<Patch> patches) {
        record.forEach(site -> site.check(model));
        for (Patch patch : patches) {
            if (patch instanceof Patch.Replace replace) {
                replace.site().check(model);
                int expected = replace.site().size(model, batch.size());
                if (replace.values().length != expected) {
                    throw new IllegalArgumentException("patch at " + replace.site() + ": expected " + expected
                            + " values, found " + replace.values().length);
                }
            }
        }
    }

    private PtNDArray patched(NDManager step, Site site, PtNDArray values, List<Patch> patches) {
        PtNDArray result = values;
        for (Patch patch : patches) {
            float @Nullable [] changed = null;
            if (patch instanceof Patch.Replace replace && replace.site().equals(site)) {
                changed = replace.values();
            } else if (patch instanceof Patch.TopAttention top && site.kind() == Site.Kind.ATTENTION) {
                changed = floats(result);
                top.apply(changed, model.length());
            }
            if (changed != null) {
                result = (PtNDArray) step.create(changed, values.getShape()).toType(type, false);
            }
        }
        return result;
    }

    @Override
    public int nativeArrays() {
        return manager.getManagedArrays().size();
    }

    @Override
    public void close() {
        manager.close();
    }

    /** Runs a computation whose arrays all belong to a manager of its own; theta moves there and back. */
    private <R> R inside(Function<NDManager, R> computation) {
        beforeEachCall.run();
        return scoped(computation);
    }

    private <R> R scoped(Function<NDManager, R> computation) {
        try (NDManager step = manager.newSubManager()) {
            JniUtils.setGradMode(false);
            theta.attach(step);
            try {
                return computation.apply(step);
            } finally {
                theta.attach(manager);
            }
        }
    }

    /** Aligned as the engine aligns its own arrays: its matrix products may round differently at another alignment. */
    private static ByteBuffer aligned(int bytes) {
        return ByteBuffer.allocateDirect(bytes + 2 * ALIGNMENT_BYTES)
                .alignedSlice(ALIGNMENT_BYTES)
                .limit(bytes)
                .slice()
                .order(ByteOrder.nativeOrder());
    }

    private void load(float[] weights) {
        checkLoad(weights.length, DataType.FLOAT32);
        buffer.asFloatBuffer().put(weights);
        upload();
    }

    private void load(double[] weights) {
        checkLoad(weights.length, DataType.FLOAT64);
        buffer.asDoubleBuffer().put(weights);
        upload();
    }

    private void checkLoad(int length, DataType given) {
        int expected = model.layout().size();
        if (length != expected || given != type) {
            throw new IllegalArgumentException(
                    "theta: expected " + expected + " weights in " + type + ", found " + length + " in " + given);
        }
    }

    private void upload() {
        if (!shared) {
            JniUtils.setGradMode(false);
            theta.set(buffer);
        }
    }

    private static PtNDArray tokens(NDManager step, Batch batch) {
        return ints(step, batch.tokens(), new Shape(batch.size(), batch.length()));
    }

    private PtNDArray logits(NDManager step, Batch batch) {
        return forward.logits(theta, tokens(step, batch), constants, null);
    }

    /** The loss of logits [B R, C]; a scalar. */
    private PtNDArray loss(NDManager step, PtNDArray logits, Batch batch) {
        Targets targets = Targets.of(batch, model.readouts());
        Shape shape = new Shape(targets.classes().length, 1);
        if (targets.plain()) {
            return Forward.loss(logits, ints(step, targets.classes(), shape), type);
        }
        int[] asked = Arrays.stream(targets.classes())
                .map(target -> Math.max(target, 0))
                .toArray();
        PtNDArray factors = (PtNDArray) step.create(targets.factors(), shape).toType(type, false);
        return Forward.loss(logits, ints(step, asked, shape), factors, type);
    }

    private static PtNDArray ints(NDManager step, int[] values, Shape shape) {
        long[] wide = new long[values.length];
        for (int i = 0; i < values.length; i++) {
            wide[i] = values[i];
        }
        return (PtNDArray) step.create(wide, shape);
    }

    private static float[] causalMask(int length) {
        float[] values = new float[length * length];
        for (int t = 0; t < length; t++) {
            for (int s = t + 1; s < length; s++) {
                values[t * length + s] = Float.NEGATIVE_INFINITY;
            }
        }
        return values;
    }

    /** Cosines or sines [T, d/H] of rotary positions, the float32 numbers in every network; sines as {@link Forward.Turns} has them. */
    private PtNDArray turns(boolean cosines) {
        int features = model.width() / model.heads();
        float[] values = new float[model.length() * features];
        for (int t = 0; t < model.length(); t++) {
            for (int i = 0; i < features / 2; i++) {
                double angle = t * Math.pow(Design.ROTARY_BASE, -2.0 * i / features);
                double value = cosines ? Math.cos(angle) : Math.sin(angle);
                values[t * features + i] = (float) (cosines ? value : -value);
                values[t * features + i + features / 2] = (float) value;
            }
        }
        return constant(values, new Shape(model.length(), features));
    }

    /**
     * An array in memory of the engine's own. One made from Java values lives in a Java buffer that goes with it, and {@code toType} to the same type
     * shares that memory whatever its copy argument says: only a duplicate is safe.
     */
    private PtNDArray constant(float[] values, Shape shape) {
        try (NDArray java = manager.create(values, shape);
                NDArray typed = java.toType(type, true)) {
            return (PtNDArray) typed.duplicate();
        }
    }

    private double scalar(PtNDArray value) {
        return type == DataType.FLOAT64 ? value.toDoubleArray()[0] : value.toFloatArray()[0];
    }

    private float[] floats(PtNDArray values) {
        return values.toType(DataType.FLOAT32, false).toFloatArray();
    }
}
