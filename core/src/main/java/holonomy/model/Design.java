package holonomy.model;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Fields;
import holonomy.data.UserError;

/**
 * Everything about a transformer but its sizes.
 *
 * @param mask what a token sees
 * @param readout which positions become logits
 * @param norm where a layer norm stands
 * @param activation of the MLPs
 * @param positions how a token knows its place
 * @param head what turns the residual stream into logits
 * @param biases whether the linear maps have biases
 * @param start how initial values are drawn
 * @param copies whether all layers begin as copies of the first
 * @param decayed which blocks weight decay acts on
 * @param logitScale factor on the logits, one over a temperature, dimensionless; it isn't trained, and 1 leaves them as they are
 */
public record Design(
        Mask mask,
        Readout readout,
        Norm norm,
        Activation activation,
        Positions positions,
        Head head,
        boolean biases,
        Start start,
        boolean copies,
        Decayed decayed,
        double logitScale) {
    public Design {
        if (!(logitScale > 0 && Double.isFinite(logitScale))) {
            throw new UserError("model: the logits' factor expected a number above 0, found " + logitScale
                    + "; 1 leaves them as they are");
        }
    }

    /** What a token sees. */
    public enum Mask {
        /** Itself and those before it. */
        CAUSAL,
        /** All tokens. */
        NONE
    }

    /** Where a layer norm with gain and bias stands (epsilon 1e-5). */
    public enum Norm {
        /** x + f(LN(x)), and one before the head. */
        PRE,
        /** LN(x + f(x)). */
        POST,
        NONE
    }

    /** Activation of the MLPs. */
    public enum Activation {
        /** x times the normal distribution function of x. */
        GELU,
        RELU
    }

    /** How a token knows its place. */
    public enum Positions {
        /** A learned vector for each is added to the token's. */
        LEARNED,
        NONE
    }

    /** What turns the residual stream into logits. */
    public enum Head {
        /** A matrix of its own, and a bias where the linear maps have biases. */
        OWN,
        /** The token embedding: its gradient is the sum of both uses. */
        TIED
    }

    /** Initial values. Layer norms begin with gain 1 and bias 0. */
    public enum Start {
        /** PyTorch's of single layers: embeddings N(0, 1), matrices and biases uniform in +-1/sqrt(fan_in). */
        FAN_IN,
        /**
         * PyTorch's of TransformerEncoder: W_Q, W_K, W_V uniform in +-sqrt(6 / (d + 3d)) (Glorot and Bengio 2010, of the three stacked), the biases of
         * attention 0, the position embedding N(0, 1/d), the rest as above.
         */
        ENCODER,
        /** GPT-2's: matrices and embeddings N(0, .02^2), biases 0. */
        GPT2
    }

    /** Which blocks weight decay acts on. */
    public enum Decayed {
        ALL,
        /** Matrices and embeddings, not layer norms and biases. */
        MATRICES
    }

    /** Causal, read out at the last token: what a spec means that says nothing of it (arXiv 2602.10496, section 3.2). */
    public static final Design DECODER = new Design(
            Mask.CAUSAL,
            Readout.LAST,
            Norm.PRE,
            Activation.GELU,
            Positions.LEARNED,
            Head.OWN,
            true,
            Start.FAN_IN,
            false,
            Decayed.ALL,
            1);

    /** Every token sees every token, read out at the first; layers begin as copies of one (arXiv 2602.16746, section 3). */
    public static final Design ENCODER =
            DECODER.with(Mask.NONE).with(Readout.FIRST).with(Start.ENCODER).layersAsCopies();

    /** A language model: causal, read out at every token, no biases, tied head, GPT-2's initial values (arXiv 2602.23696). */
    public static final Design LANGUAGE = DECODER.with(Readout.ALL)
            .with(Head.TIED)
            .withoutBiases()
            .with(Start.GPT2)
            .with(Decayed.MATRICES);

    public Design with(Mask other) {
        return new Design(
                other, readout, norm, activation, positions, head, biases, start, copies, decayed, logitScale);
    }

    public Design with(Readout other) {
        return new Design(mask, other, norm, activation, positions, head, biases, start, copies, decayed, logitScale);
    }

    public Design with(Norm other) {
        return new Design(
                mask, readout, other, activation, positions, head, biases, start, copies, decayed, logitScale);
    }

    public Design with(Activation other) {
        return new Design(mask, readout, norm, other, positions, head, biases, start, copies, decayed, logitScale);
    }

    public Design with(Positions other) {
        return new Design(mask, readout, norm, activation, other, head, biases, start, copies, decayed, logitScale);
    }

    public Design with(Head other) {
        return new Design(
                mask, readout, norm, activation, positions, other, biases, start, copies, decayed, logitScale);
    }

    public Design withoutBiases() {
        return new Design(mask, readout, norm, activation, positions, head, false, start, copies, decayed, logitScale);
    }

    public Design with(Start other) {
        return new Design(mask, readout, norm, activation, positions, head, biases, other, copies, decayed, logitScale);
    }

    public Design layersAsCopies() {
        return new Design(mask, readout, norm, activation, positions, head, biases, start, true, decayed, logitScale);
    }

    public Design with(Decayed other) {
        return new Design(mask, readout, norm, activation, positions, head, biases, start, copies, other, logitScale);
    }

    /** Logits this many times as large as the weights make them: a softmax of temperature {@code 1 / factor}. */
    public Design scalingLogits(double factor) {
        return new Design(mask, readout, norm, activation, positions, head, biases, start, copies, decayed, factor);
    }

    /** The design as data, without what is as in {@link #DECODER}. */
    ObjectNode spec() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        put(node, "mask", mask, DECODER.mask);
        if (!readout.equals(DECODER.readout)) {
            readout.write(node);
        }
        put(node, "norm", norm, DECODER.norm);
        put(node, "activation", activation, DECODER.activation);
        put(node, "positionEmbedding", positions, DECODER.positions);
        put(node, "head", head, DECODER.head);
        if (!biases) {
            node.put("biases", false);
        }
        put(node, "start", start, DECODER.start);
        if (copies) {
            node.put("copies", true);
        }
        put(node, "decayed", decayed, DECODER.decayed);
        if (logitScale != 1) {
            node.put("logitScale", logitScale);
        }
        return node;
    }

    private static void put(ObjectNode node, String key, Enum<?> value, Enum<?> neutral) {
        if (value != neutral) {
            node.put(key, value.name());
        }
    }

    /** The design whose {@link #spec()} this is. */
    static Design fromSpec(Fields fields) {
        return new Design(
                read(fields, "mask", DECODER.mask),
                fields.has("readout") ? Readout.read(fields) : DECODER.readout,
                read(fields, "norm", DECODER.norm),
                read(fields, "activation", DECODER.activation),
                read(fields, "positionEmbedding", DECODER.positions),
                read(fields, "head", DECODER.head),
                !fields.has("biases") || fields.flag("biases"),
                read(fields, "start", DECODER.start),
                fields.has("copies") && fields.flag("copies"),
                read(fields, "decayed", DECODER.decayed),
                fields.has("logitScale") ? fields.number("logitScale") : 1);
    }

    private static <E extends Enum<E>> E read(Fields fields, String key, E neutral) {
        return fields.has(key) ? fields.oneOf(key, neutral.getDeclaringClass()) : neutral;
    }
}
