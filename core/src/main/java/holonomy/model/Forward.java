package holonomy.model;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The transformer's forward pass: a pure function of (theta, tokens). Results belong to theta's manager. */
final class Forward {
    private static final double NORM_EPSILON = 1e-5;

    private final Transformer model;
    private final List<Block> blocks;
    private final long[] sizes;

    Forward(Transformer model) {
        this.model = model;
        blocks = model.layout().blocks();
        sizes = blocks.stream().mapToLong(Block::size).toArray();
    }

    /**
     * Arrays that every call uses and none changes. They must outlive the backward pass, which reads them again: DJL's {@code mul(Number)} would
     * free its scalar before.
     *
     * @param mask [T, T], 0 where token t may look and -infinity elsewhere
     * @param scale scalar, 1 / sqrt(d/H)
     */
    record Constants(PtNDArray mask, PtNDArray scale) {}

    /** Sees and may replace what stands at a site. */
    interface Hook {
        PtNDArray at(Site site, PtNDArray values);
    }

    /**
     * The logits [B, C]. Without a hook the last layer is computed for the query of the token read out only.
     *
     * @param theta [P]
     * @param tokens [B, T], int64
     * @param constants the model's constants, on theta's device
     * @param hook called at every site, or null
     */
    PtNDArray logits(PtNDArray theta, PtNDArray tokens, Constants constants, @Nullable Hook hook) {
        Parameters at = new Parameters(JniUtils.split(theta, sizes, 0));
        PtNDArray x = add(JniUtils.embedding(tokens, at.matrix(), false), at.matrix()); // [B, T, d]
        if (hook != null) {
            x = hook.at(Site.residual(-1), x);
        }
        for (int layer = 0; layer < model.layers(); layer++) {
            boolean trimmed = hook == null && layer == model.layers() - 1;
            x = attention(at, x, constants, layer, trimmed, hook); // [B, T, d], trimmed [B, 1, d]
            if (model.hidden() > 0) {
                x = mlp(at, x);
            }
            if (hook != null) {
                x = hook.at(Site.residual(layer), x);
            }
        }
        x = readout(x);
        x = JniUtils.reshape(x, new long[] {-1, model.width()}); // [B, d]
        x = norm(x, at);
        return JniUtils.linear(x, at.matrix(), at.next()); // [B, C]
    }

    private PtNDArray attention(
            Parameters at, PtNDArray x, Constants constants, int layer, boolean trimmed, @Nullable Hook hook) {
        PtNDArray normed = norm(x, at); // [B, T, d]
        PtNDArray q = JniUtils.linear(trimmed ? readout(normed) : normed, at.matrix(), at.next());
        PtNDArray k = JniUtils.linear(normed, at.matrix(), at.next());
        PtNDArray v = JniUtils.linear(normed, at.matrix(), at.next());
        q = heads(JniUtils.mul(q, constants.scale())); // [B, H, T, d/H], trimmed [B, H, 1, d/H]
        PtNDArray scores = product(q, transposed(heads(k), 0, 1, 3, 2)); // [B, H, T, T]
        if (!trimmed && model.causal()) {
            scores = add(scores, constants.mask());
        }
        PtNDArray pattern = JniUtils.softmax(scores, -1, scores.getDataType());
        if (hook != null) {
            pattern = hook.at(Site.attention(layer), pattern);
        }
        PtNDArray mixed = transposed(product(pattern, heads(v)), 0, 2, 1, 3); // [B, T, H, d/H]
        mixed = JniUtils.reshape(mixed, new long[] {x.getShape().get(0), -1, model.width()}); // [B, T, d]
        return add(trimmed ? readout(x) : x, JniUtils.linear(mixed, at.matrix(), at.next()));
    }

    private PtNDArray mlp(Parameters at, PtNDArray x) {
        PtNDArray hidden = JniUtils.gelu(JniUtils.linear(norm(x, at), at.matrix(), at.next())); // [B, T, hidden]
        return add(x, JniUtils.linear(hidden, at.matrix(), at.next())); // [B, T, d]
    }

    private PtNDArray norm(PtNDArray x, Parameters at) {
        return JniUtils.layerNorm(x, new Shape(model.width()), at.next(), at.next(), NORM_EPSILON);
    }

    /** [B, T, d] to [B, H, T, d/H]. */
    private PtNDArray heads(PtNDArray x) {
        long[] shape = {x.getShape().get(0), x.getShape().get(1), model.heads(), model.width() / model.heads()};
        return transposed(JniUtils.reshape(x, shape), 0, 2, 1, 3);
    }

    /** [B, T, d] to [B, 1, d], the token that is read out. */
    private PtNDArray readout(PtNDArray x) {
        int at = model.readout();
        return x.getShape().get(1) == 1 ? x : JniUtils.slice(x, 1, at, at + 1, 1);
    }

    private static PtNDArray product(PtNDArray a, PtNDArray b) {
        return (PtNDArray) a.matMul(b);
    }

    private static PtNDArray transposed(PtNDArray x, int... axes) {
        return x.transpose(axes);
    }

    private static PtNDArray add(PtNDArray a, PtNDArray b) {
        return JniUtils.add(a, b);
    }

    /** Mean cross-entropy of logits [B, C] and labels [B, 1], in nats; a scalar. */
    static PtNDArray loss(PtNDArray logits, PtNDArray labels, DataType type) {
        PtNDArray logProbabilities = JniUtils.logSoftmax(logits, 1, type); // [B, C]
        return JniUtils.neg(JniUtils.mean(JniUtils.gather(logProbabilities, labels, 1)));
    }

    /** Walks the blocks of theta in their order, each in its shape. */
    private final class Parameters {
        private final NDList parts;
        private int next;

        Parameters(NDList parts) {
            this.parts = parts;
        }

        PtNDArray next() {
            return (PtNDArray) parts.get(next++);
        }

        PtNDArray matrix() {
            Block block = blocks.get(next);
            return JniUtils.reshape(next(), new long[] {block.rows(), block.columns()});
        }
    }
}
