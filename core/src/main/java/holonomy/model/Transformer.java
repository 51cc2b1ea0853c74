package holonomy.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Fields;
import holonomy.data.UserError;

/**
 * The sizes of a pre-norm transformer, a causal decoder unless said otherwise, with learned embeddings; holds no weights (arXiv 2602.10496, section 3.2).
 *
 * <pre>
 *   x0 = E[token] + P[position]
 *   x  = x + W_O concat_h( softmax(q_h k_h' / sqrt(d/H)) v_h ) + b_O,     q, k, v = W LN(x) + b
 *   x  = x + W_out gelu(W_in LN(x) + b_in) + b_out                        (hidden > 0 only)
 *   logits = W_head LN(x[T-1]) + b_head
 * </pre>
 *
 * <p>Axes by letter: B sequences, T tokens, H heads, d width, V vocabulary, C classes.
 *
 * @param vocabulary V
 * @param length T
 * @param classes C
 * @param layers number of layers L
 * @param heads H; divides the width
 * @param width d
 * @param hidden neurons of each MLP; 0 for an attention-only model
 * @param form decoder or encoder
 */
public record Transformer(
        int vocabulary, int length, int classes, int layers, int heads, int width, int hidden, Form form) {
    /** What looks where, what is read out, and how the weights begin. */
    public enum Form {
        /** Causal, read out at the last token, PyTorch's initial values of single layers: what a spec means that names no form. */
        DECODER,
        /**
         * Every token sees every token, read out at the first; initial values of PyTorch's TransformerEncoder, whose layers begin as copies of
         * one (arXiv 2602.16746, section 3).
         */
        ENCODER
    }

    /** Bumped by hand whenever the same sizes and weights would give other logits. */
    private static final int SEMANTICS = 3;

    public Transformer {
        positive("vocabulary", vocabulary);
        positive("length", length);
        positive("classes", classes);
        positive("layers", layers);
        positive("heads", heads);
        positive("width", width);
        if (hidden < 0) {
            throw new UserError("model: hidden expected at least 0 (0 means attention-only), found " + hidden);
        }
        if (width % heads != 0) {
            throw new UserError("model: width " + width + " is not divisible by " + heads
                    + " heads; use a width of " + heads * Math.max(1, Math.round((double) width / heads))
                    + " or a number of heads that divides " + width);
        }
    }

    /** A causal decoder. */
    public Transformer(int vocabulary, int length, int classes, int layers, int heads, int width, int hidden) {
        this(vocabulary, length, classes, layers, heads, width, hidden, Form.DECODER);
    }

    /** Position of the token whose residual stream is read out. */
    public int readout() {
        return form == Form.DECODER ? length - 1 : 0;
    }

    /** Whether a token sees only itself and those before it. */
    public boolean causal() {
        return form == Form.DECODER;
    }

    private static void positive(String name, int value) {
        if (value < 1) {
            throw new UserError("model: " + name + " expected at least 1, found " + value);
        }
    }

    /** P, the number of weights; a double, for sizes that are too large to be laid out have more than an int can count. */
    public double weightCount() {
        double d = width;
        double mlp = hidden > 0 ? 3 * d + 2 * d * hidden + hidden : 0;
        double layer = 2 * d + 4 * (d * d + d) + mlp;
        return d * ((double) vocabulary + length) + layers * layer + 2 * d + classes * (d + 1);
    }

    /** Where each block stands in theta. */
    public Layout layout() {
        return new Layout(this);
    }

    /** What determines the function, as data. */
    public ObjectNode spec() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("kind", "transformer").put("semantics", SEMANTICS);
        node.put("vocabulary", vocabulary).put("length", length).put("classes", classes);
        node.put("layers", layers).put("heads", heads).put("width", width).put("hidden", hidden);
        if (form != Form.DECODER) {
            node.put("form", form.name());
        }
        return node;
    }

    /** The model whose {@link #spec()} this is. */
    public static Transformer fromSpec(JsonNode spec) {
        return fromSpec(new Fields("model", spec));
    }

    /** As above. */
    public static Transformer fromSpec(Fields fields) {
        return new Transformer(
                fields.whole("vocabulary"),
                fields.whole("length"),
                fields.whole("classes"),
                fields.whole("layers"),
                fields.whole("heads"),
                fields.whole("width"),
                fields.whole("hidden"),
                fields.has("form") ? fields.oneOf("form", Form.class) : Form.DECODER);
    }

    /** A few words for labels, for instance {@code attention-only, 5 layers, width 128}. */
    public String label() {
        return (form == Form.ENCODER ? "encoder" : hidden == 0 ? "attention-only" : "standard") + ", " + layers
                + " layers, width " + width;
    }
}
