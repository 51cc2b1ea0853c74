package holonomy.model;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Tensor;
import holonomy.data.UserError;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A transformer as TransformerLens's HookedTransformer takes it: its configuration, and its weights under that library's names and in its shapes,
 *
 * <pre>
 *   embed.W_E [V, d], pos_embed.W_pos [T, d]
 *   blocks.l.attn.W_Q, W_K, W_V [H, d, d/H], b_Q, b_K, b_V [H, d/H], W_O [H, d/H, d], b_O [d]
 *   blocks.l.mlp.W_in [d, hidden], b_in [hidden], W_out [hidden, d], b_out [d]
 *   blocks.l.ln1, blocks.l.ln2, ln_final: w, b [d];  unembed.W_U [d, C], b_U [C]
 *   with SwiGLU  blocks.l.mlp.W_gate [d, hidden];  with RMS norms no b of theirs;  with rotary positions no pos_embed
 * </pre>
 *
 * <p>Our matrices are [out, in], theirs [in, out]. What our design has not (biases, positions) is zero there; a tied head is written out. It reads out at every position; ours are
 * {@link Architecture#readouts()}.
 */
public final class TransformerLens {
    private static final double EPSILON = 1e-5;

    private final Architecture model;
    private final Weights weights;
    private final SortedMap<String, Tensor> tensors = new TreeMap<>();

    private TransformerLens(Architecture model, float[] theta) {
        this.model = model;
        weights = new Weights(model.layout(), theta);
    }

    /**
     * The fields of its HookedTransformerConfig.
     *
     * @throws UserError if it has no such model: a norm after the residual sum, a gate with biases
     */
    public static ObjectNode config(Architecture model) {
        Design design = model.design();
        if (design.norm() == Design.Norm.POST) {
            throw new UserError("TransformerLens has no model with the layer norm after the residual sum, as '"
                    + model.label() + "' has; take the named weights instead");
        }
        boolean gated = model.hidden() > 0 && design.activation() == Design.Activation.SWIGLU;
        if (gated && design.biases()) {
            throw new UserError("TransformerLens adds a gated MLP's first bias behind the product of its two halves, '"
                    + model.label()
                    + "' has one in each half; take the named weights instead, or train it without biases");
        }
        ObjectNode config = JsonNodeFactory.instance.objectNode();
        config.put("n_layers", model.layers()).put("d_model", model.width()).put("n_ctx", model.length());
        config.put("n_heads", model.heads()).put("d_head", model.width() / model.heads());
        config.put("d_vocab", model.vocabulary()).put("d_vocab_out", model.classes());
        config.put("attn_only", model.hidden() == 0);
        if (model.hidden() > 0) {
            config.put("d_mlp", model.hidden()).put("gated_mlp", gated);
            config.put("act_fn", gated ? "silu" : design.activation().name().toLowerCase(java.util.Locale.ROOT));
        }
        config.put("normalization_type", normalization(design.norm())).put("eps", EPSILON);
        config.put("attention_dir", model.causal() ? "causal" : "bidirectional");
        if (!model.rotatesKeys()) {
            return config.put("positional_embedding_type", "standard");
        }
        config.put("positional_embedding_type", "rotary").put("rotary_dim", model.width() / model.heads());
        return config.put("rotary_base", Design.ROTARY_BASE).put("rotary_adjacent_pairs", false);
    }

    private static @Nullable String normalization(Design.Norm norm) {
        return switch (norm) {
            case PRE -> "LN";
            case RMS -> "RMS";
            case NONE, POST -> null;
        };
    }

    /**
     * Its weights.
     *
     * @param theta [P]; not modified
     * @throws UserError as {@link #config}
     */
    public static SortedMap<String, Tensor> tensors(Architecture model, float[] theta) {
        config(model);
        return new TransformerLens(model, theta).named();
    }

    private SortedMap<String, Tensor> named() {
        int d = model.width();
        put("embed.W_E", values(Role.TOKEN_EMBEDDING, -1, model.vocabulary() * d), model.vocabulary(), d);
        if (!model.rotatesKeys()) {
            put("pos_embed.W_pos", values(Role.POSITION_EMBEDDING, -1, model.length() * d), model.length(), d);
        }
        for (int layer = 0; layer < model.layers(); layer++) {
            String block = "blocks." + layer + ".";
            norm(block + "ln1", Role.ATTENTION_NORM_GAIN, Role.ATTENTION_NORM_BIAS, layer);
            heads(block + "attn.", "Q", Role.QUERY, Role.QUERY_BIAS, layer);
            heads(block + "attn.", "K", Role.KEY, Role.KEY_BIAS, layer);
            heads(block + "attn.", "V", Role.VALUE, Role.VALUE_BIAS, layer);
            float[] output = transposed(values(Role.OUTPUT, layer, d * d), d, d);
            put(block + "attn.W_O", output, model.heads(), d / model.heads(), d);
            put(block + "attn.b_O", values(Role.OUTPUT_BIAS, layer, d), d);
            if (model.hidden() > 0) {
                norm(block + "ln2", Role.MLP_NORM_GAIN, Role.MLP_NORM_BIAS, layer);
                if (model.design().activation() == Design.Activation.SWIGLU) {
                    float[] gate = values(Role.MLP_GATE, layer, model.hidden() * d);
                    put(block + "mlp.W_gate", transposed(gate, model.hidden(), d), d, model.hidden());
                }
                linear(block + "mlp.W_in", block + "mlp.b_in", Role.MLP_IN, Role.MLP_IN_BIAS, layer, model.hidden(), d);
                linear(
                        block + "mlp.W_out",
                        block + "mlp.b_out",
                        Role.MLP_OUT,
                        Role.MLP_OUT_BIAS,
                        layer,
                        d,
                        model.hidden());
            }
        }
        norm("ln_final", Role.FINAL_NORM_GAIN, Role.FINAL_NORM_BIAS, -1);
        Role head = model.design().head() == Design.Head.TIED ? Role.TOKEN_EMBEDDING : Role.HEAD;
        put("unembed.W_U", transposed(logits(head, model.classes() * d), model.classes(), d), d, model.classes());
        put("unembed.b_U", logits(Role.HEAD_BIAS, model.classes()), model.classes());
        return tensors;
    }

    /** What the logits are made from, times their factor, which the library has no place for. */
    private float[] logits(Role role, int size) {
        float[] scaled = values(role, -1, size).clone();
        float factor = (float) model.design().logitScale();
        for (int i = 0; i < size; i++) {
            scaled[i] *= factor;
        }
        return scaled;
    }

    /** Rows h d/H to (h + 1) d/H - 1 of our matrix are head h's map from the residual stream. */
    private void heads(String attention, String letter, Role matrix, Role bias, int layer) {
        int d = model.width();
        int heads = model.heads();
        int features = d / heads;
        float[] ours = values(matrix, layer, d * d);
        float[] theirs = new float[d * d];
        for (int h = 0; h < heads; h++) {
            for (int f = 0; f < features; f++) {
                for (int i = 0; i < d; i++) {
                    theirs[(h * d + i) * features + f] = ours[(h * features + f) * d + i];
                }
            }
        }
        put(attention + "W_" + letter, theirs, heads, d, features);
        put(attention + "b_" + letter, values(bias, layer, d), heads, features);
    }

    private void linear(String matrix, String bias, Role ofMatrix, Role ofBias, int layer, int out, int in) {
        put(matrix, transposed(values(ofMatrix, layer, out * in), out, in), in, out);
        put(bias, values(ofBias, layer, out), out);
    }

    private void norm(String name, Role gain, Role bias, int layer) {
        if (weights.layout().find(gain, layer).isPresent()) {
            put(name + ".w", values(gain, layer, model.width()), model.width());
            if (weights.layout().find(bias, layer).isPresent()) {
                put(name + ".b", values(bias, layer, model.width()), model.width());
            }
        }
    }

    /** A block's weights, row by row; zeros where the design has no such block. */
    private float[] values(Role role, int layer, int size) {
        Optional<Block> block = weights.layout().find(role, layer);
        return block.map(there -> weights.block(there.name())).orElseGet(() -> new float[size]);
    }

    private static float[] transposed(float[] values, int rows, int columns) {
        float[] result = new float[values.length];
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                result[j * rows + i] = values[i * columns + j];
            }
        }
        return result;
    }

    private void put(String name, float[] values, long... shape) {
        tensors.put(name, new Tensor.F32(shape, values));
    }
}
