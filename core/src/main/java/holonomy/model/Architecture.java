package holonomy.model;

import ai.djl.ndarray.types.DataType;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Fields;
import holonomy.data.UserError;
import java.util.List;

/**
 * The sizes and the design of a transformer. As designed by default, with learned embeddings and norms before each part:
 *
 * <pre>
 *   x0 = E[token] + P[position]
 *   x  = x + W_O concat_h( softmax(q_h k_h' / sqrt(d/H)) v_h ) + b_O,     q, k, v = W LN(x) + b
 *   x  = x + W_out gelu(W_in LN(x) + b_in) + b_out                        (hidden > 0 only)
 *   logits = f (W_head LN(x[t]) + b_head)                                 at the positions t that are read out; f = 1
 * </pre>
 *
 * @param vocabulary V
 * @param length T
 * @param classes C; V where the head is tied
 * @param layers number of layers L
 * @param heads H; divides the width
 * @param width d
 * @param hidden neurons of each MLP; 0 for an attention-only model
 * @param design everything else
 */
public record Architecture(
        int vocabulary, int length, int classes, int layers, int heads, int width, int hidden, Design design)
        implements Model {
    /** Bumped by hand whenever the same sizes and weights would give other logits. */
    private static final int SEMANTICS = 3;

    private static final String KIND = "transformer";

    /** The word for {@link Design#ENCODER} in a spec. */
    private enum Form {
        ENCODER
    }

    public Architecture {
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
        if (design.head() == Design.Head.TIED && classes != vocabulary) {
            throw new UserError("model: a tied head names tokens: expected as many classes as the vocabulary has, "
                    + vocabulary + ", found " + classes + "; use that number or a head of its own");
        }
        if (design.positions() == Design.Positions.ROTARY && width / heads % 2 != 0) {
            throw new UserError(
                    "model: rotary positions turn pairs of a head's features: expected an even number of them, found "
                            + width / heads + " (width " + width + ", " + heads
                            + " heads); use a width that is a multiple of "
                            + 2 * heads + ", or other positions");
        }
        if (design.readout().place() == Readout.Place.GIVEN) {
            design.readout().positions(length);
        }
    }

    /** A causal decoder, read out at the last token. */
    public Architecture(int vocabulary, int length, int classes, int layers, int heads, int width, int hidden) {
        this(vocabulary, length, classes, layers, heads, width, hidden, Design.DECODER);
    }

    private static void positive(String name, int value) {
        if (value < 1) {
            throw new UserError("model: " + name + " expected at least 1, found " + value);
        }
    }

    @Override
    public List<Integer> readouts() {
        return design.readout().positions(length);
    }

    /** The first position that is read out. */
    public int readout() {
        return design.readout().place() == Readout.Place.LAST
                ? length - 1
                : readouts().get(0);
    }

    /** Whether a token sees only itself and those before it. */
    public boolean causal() {
        return design.mask() == Design.Mask.CAUSAL;
    }

    @Override
    public boolean rotatesKeys() {
        return design.positions() == Design.Positions.ROTARY;
    }

    @Override
    public double weightCount() {
        return new Blocks(this).weightCount();
    }

    @Override
    public Layout layout() {
        return new Layout(new Blocks(this).all());
    }

    @Override
    public Network open(ComputeDevice device) {
        return Network.open(this, device, DataType.FLOAT32);
    }

    @Override
    public Network openFloat64(ComputeDevice device) {
        return Network.open(this, device, DataType.FLOAT64);
    }

    @Override
    public ObjectNode spec() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("kind", KIND).put("semantics", SEMANTICS);
        node.put("vocabulary", vocabulary).put("length", length).put("classes", classes);
        node.put("layers", layers).put("heads", heads).put("width", width).put("hidden", hidden);
        if (design.equals(Design.ENCODER)) {
            node.put("form", Form.ENCODER.name());
        } else if (!design.equals(Design.DECODER)) {
            node.set("design", design.spec());
        }
        return node;
    }

    /** Transformers from their specs. */
    public static final class Kind implements Model.Kind {
        @Override
        public String kind() {
            return KIND;
        }

        @Override
        public Architecture fromSpec(Fields fields) {
            return new Architecture(
                    fields.whole("vocabulary"),
                    fields.whole("length"),
                    fields.whole("classes"),
                    fields.whole("layers"),
                    fields.whole("heads"),
                    fields.whole("width"),
                    fields.whole("hidden"),
                    design(fields));
        }

        private static Design design(Fields fields) {
            if (fields.has("form")) {
                fields.oneOf("form", Form.class);
                return Design.ENCODER;
            }
            return fields.optional("design").map(Design::fromSpec).orElse(Design.DECODER);
        }
    }

    @Override
    public String label() {
        String kind = design.equals(Design.ENCODER) ? "encoder" : hidden == 0 ? "attention-only" : "standard";
        StringBuilder words = new StringBuilder(kind + ", " + layers + " layers, width " + width);
        if (spec().get("design") instanceof ObjectNode own) {
            own.properties().forEach(field -> words.append(", " + field.getKey() + " ")
                    .append(field.getValue().isTextual() ? field.getValue().textValue() : field.getValue()));
        }
        return words.toString();
    }
}
