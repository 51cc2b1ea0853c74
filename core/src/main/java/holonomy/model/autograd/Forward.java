package holonomy.model.autograd;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import holonomy.model.Architecture;
import holonomy.model.Block;
import holonomy.model.Design;
import holonomy.model.Readout;
import holonomy.model.Role;
import holonomy.model.Site;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The transformer's forward pass: a pure function of (theta, tokens). Results belong to theta's manager. */
final class Forward {
    static final double NORM_EPSILON = 1e-5;

    private final Architecture model;
    private final Design design;
    private final List<Block> blocks;
    private final long[] sizes;
    private final List<Integer> readouts;

    Forward(Architecture model) {
        this.model = model;
        design = model.design();
        blocks = model.layout().blocks();
        sizes = blocks.stream().mapToLong(Block::size).toArray();
        readouts = model.readouts();
    }

    /**
     * Arrays that every call uses and none changes. They must outlive the backward pass, which reads them again: DJL's {@code mul(Number)} would
     * free its scalar before.
     *
     * @param mask [T, T], 0 where token t may look and -infinity elsewhere
     * @param scale scalar, 1 / sqrt(d/H)
     * @param logitScale scalar, the factor on the logits
     * @param epsilon scalar, the norms' 1e-5
     * @param turns of rotary positions; null where positions are others
     */
    record Constants(PtNDArray mask, PtNDArray scale, PtNDArray logitScale, PtNDArray epsilon, @Nullable Turns turns) {}

    /**
     * What rotary positions multiply with.
     *
     * @param cosines [T, d/H], of the angle by which a feature is turned at a position
     * @param sines [T, d/H], of the same angle; in the first half of the features their negative, for that is what the second half adds to the first
     */
    record Turns(PtNDArray cosines, PtNDArray sines) {}

    /** Sees and may replace what stands at a site. */
    interface Hook {
        PtNDArray at(Site site, PtNDArray values);
    }

    /**
     * The logits [B R, C]. Without a hook the last layer is computed for the query of the token read out only, where it is one.
     *
     * @param theta [P]
     * @param tokens [B, T], int64
     * @param constants the model's constants, on theta's device
     * @param hook called at every site, or null
     */
    PtNDArray logits(PtNDArray theta, PtNDArray tokens, Constants constants, @Nullable Hook hook) {
        Parameters at = new Parameters(JniUtils.split(theta, sizes, 0));
        PtNDArray embedding = at.matrix(Role.TOKEN_EMBEDDING, -1);
        PtNDArray x = JniUtils.embedding(tokens, embedding, false); // [B, T, d]
        if (design.positions() == Design.Positions.LEARNED) {
            x = add(x, at.matrix(Role.POSITION_EMBEDDING, -1));
        }
        if (hook != null) {
            x = hook.at(Site.residual(-1), x);
        }
        boolean trimmed = false;
        for (int layer = 0; layer < model.layers(); layer++) {
            trimmed = hook == null && readouts.size() == 1 && layer == model.layers() - 1;
            x = attention(at, x, constants, layer, trimmed, hook); // [B, T, d], trimmed [B, 1, d]
            if (model.hidden() > 0) {
                x = mlp(at, x, constants, layer);
            }
            if (hook != null) {
                x = hook.at(Site.residual(layer), x);
            }
        }
        x = JniUtils.reshape(trimmed ? x : readout(x), new long[] {-1, model.width()}); // [B R, d]
        if (design.norm().before()) {
            x = norm(x, at, constants, Role.FINAL_NORM_GAIN, Role.FINAL_NORM_BIAS, -1);
        }
        PtNDArray logits = design.head() == Design.Head.TIED
                ? JniUtils.linear(x, embedding, null)
                : linear(x, at, Role.HEAD, Role.HEAD_BIAS, -1); // [B R, C]
        return design.logitScale() == 1 ? logits : JniUtils.mul(logits, constants.logitScale());
    }

    private PtNDArray attention(
            Parameters at, PtNDArray x, Constants constants, int layer, boolean trimmed, @Nullable Hook hook) {
        boolean pre = design.norm().before();
        PtNDArray normed = pre ? norm(x, at, constants, Role.ATTENTION_NORM_GAIN, Role.ATTENTION_NORM_BIAS, layer) : x;
        PtNDArray q = linear(trimmed ? readout(normed) : normed, at, Role.QUERY, Role.QUERY_BIAS, layer);
        PtNDArray k = linear(normed, at, Role.KEY, Role.KEY_BIAS, layer);
        PtNDArray v = linear(normed, at, Role.VALUE, Role.VALUE_BIAS, layer);
        // [B, H, T, d/H], trimmed [B, H, 1, d/H]
        q = placed(heads(JniUtils.mul(q, constants.scale())), constants, trimmed);
        k = placed(heads(k), constants, false); // [B, H, T, d/H]
        PtNDArray scores = product(q, transposed(k, 0, 1, 3, 2)); // [B, H, T, T], trimmed [B, H, 1, T]
        if (model.causal() && !(trimmed && readouts.get(0) == model.length() - 1)) {
            scores = add(scores, trimmed ? row(constants.mask(), 0, readouts.get(0)) : constants.mask());
        }
        PtNDArray pattern = JniUtils.softmax(scores, -1, scores.getDataType());
        if (hook != null) {
            pattern = hook.at(Site.attention(layer), pattern);
        }
        PtNDArray mixed = transposed(product(pattern, heads(v)), 0, 2, 1, 3); // [B, T, H, d/H]
        mixed = JniUtils.reshape(mixed, new long[] {x.getShape().get(0), -1, model.width()}); // [B, T, d]
        PtNDArray output = linear(mixed, at, Role.OUTPUT, Role.OUTPUT_BIAS, layer);
        PtNDArray sum = add(trimmed ? readout(x) : x, output);
        return design.norm() == Design.Norm.POST
                ? norm(sum, at, constants, Role.ATTENTION_NORM_GAIN, Role.ATTENTION_NORM_BIAS, layer)
                : sum;
    }

    private PtNDArray mlp(Parameters at, PtNDArray x, Constants constants, int layer) {
        boolean pre = design.norm().before();
        PtNDArray in = pre ? norm(x, at, constants, Role.MLP_NORM_GAIN, Role.MLP_NORM_BIAS, layer) : x;
        PtNDArray inner = linear(in, at, Role.MLP_IN, Role.MLP_IN_BIAS, layer); // [B, T, hidden]
        PtNDArray hidden =
                switch (design.activation()) {
                    case GELU -> JniUtils.gelu(inner);
                    case RELU -> JniUtils.relu(inner);
                    case SWIGLU -> {
                        PtNDArray gate = linear(in, at, Role.MLP_GATE, Role.MLP_GATE_BIAS, layer);
                        yield JniUtils.mul(JniUtils.mul(gate, JniUtils.sigmoid(gate)), inner);
                    }
                };
        PtNDArray sum = add(x, linear(hidden, at, Role.MLP_OUT, Role.MLP_OUT_BIAS, layer)); // [B, T, d]
        return design.norm() == Design.Norm.POST
                ? norm(sum, at, constants, Role.MLP_NORM_GAIN, Role.MLP_NORM_BIAS, layer)
                : sum;
    }

    private PtNDArray norm(PtNDArray x, Parameters at, Constants constants, Role gain, Role bias, int layer) {
        if (design.norm() == Design.Norm.RMS) {
            PtNDArray square = add(JniUtils.mean(JniUtils.mul(x, x), -1, true), constants.epsilon());
            return JniUtils.mul(JniUtils.div(x, JniUtils.sqrt(square)), at.vector(gain, layer));
        }
        return JniUtils.layerNorm(
                x, new Shape(model.width()), at.vector(gain, layer), at.vector(bias, layer), NORM_EPSILON);
    }

    private PtNDArray linear(PtNDArray x, Parameters at, Role matrix, Role bias, int layer) {
        return JniUtils.linear(x, at.matrix(matrix, layer), design.biases() ? at.vector(bias, layer) : null);
    }

    /** Queries or keys [B, H, T, d/H] rotated by their positions, where those are rotary; of a trimmed layer the one query [B, H, 1, d/H] by its own. */
    private PtNDArray placed(PtNDArray x, Constants constants, boolean trimmed) {
        Turns turns = constants.turns();
        if (turns == null) {
            return x;
        }
        int features = model.width() / model.heads();
        PtNDArray first = JniUtils.slice(x, 3, 0, features / 2, 1);
        PtNDArray second = JniUtils.slice(x, 3, features / 2, features, 1);
        PtNDArray swapped = JniUtils.cat(new PtNDArray[] {second, first}, 3);
        PtNDArray cosines = trimmed ? row(turns.cosines(), 0, readouts.get(0)) : turns.cosines();
        PtNDArray sines = trimmed ? row(turns.sines(), 0, readouts.get(0)) : turns.sines();
        return add(JniUtils.mul(x, cosines), JniUtils.mul(swapped, sines));
    }

    /** [B, T, d] to [B, H, T, d/H]. */
    private PtNDArray heads(PtNDArray x) {
        long[] shape = {x.getShape().get(0), x.getShape().get(1), model.heads(), model.width() / model.heads()};
        return transposed(JniUtils.reshape(x, shape), 0, 2, 1, 3);
    }

    /** [B, T, d] to [B, R, d], the tokens that are read out. */
    private PtNDArray readout(PtNDArray x) {
        if (design.readout().place() == Readout.Place.ALL) {
            return x;
        }
        PtNDArray[] rows = readouts.stream().map(at -> row(x, 1, at)).toArray(PtNDArray[]::new);
        return rows.length == 1 ? rows[0] : JniUtils.cat(rows, 1);
    }

    private static PtNDArray row(PtNDArray x, int axis, int at) {
        return JniUtils.slice(x, axis, at, at + 1, 1);
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

    /** Mean cross-entropy of logits [B R, C] and targets [B R, 1], in nats; a scalar. */
    static PtNDArray loss(PtNDArray logits, PtNDArray targets, DataType type) {
        return JniUtils.neg(JniUtils.mean(logProbabilities(logits, targets, type)));
    }

    /** Sum of the cross-entropies of logits [B R, C] and targets [B R, 1], each times its factor [B R, 1], in nats; a scalar. */
    static PtNDArray loss(PtNDArray logits, PtNDArray targets, PtNDArray factors, DataType type) {
        return JniUtils.neg(JniUtils.sum(JniUtils.mul(logProbabilities(logits, targets, type), factors)));
    }

    private static PtNDArray logProbabilities(PtNDArray logits, PtNDArray targets, DataType type) {
        return JniUtils.gather(JniUtils.logSoftmax(logits, 1, type), targets, 1); // [B R, 1]
    }

    /** The blocks of theta, each in its shape. */
    private final class Parameters {
        private final Map<String, PtNDArray> parts = new HashMap<>();

        Parameters(NDList split) {
            for (int i = 0; i < blocks.size(); i++) {
                parts.put(blocks.get(i).name(), (PtNDArray) split.get(i));
            }
        }

        PtNDArray vector(Role role, int layer) {
            return parts.get(role.in(layer));
        }

        PtNDArray matrix(Role role, int layer) {
            return JniUtils.reshape(vector(role, layer), new long[] {-1, columns(role)});
        }

        private int columns(Role role) {
            return role == Role.MLP_OUT ? model.hidden() : model.width();
        }
    }
}
