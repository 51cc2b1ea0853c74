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
 * @param norm which norm stands where
 * @param activation of the MLPs
 * @param positions how a token knows its place
 * @param head what turns the residual stream into logits
 * @param biases whether the linear maps have biases
 * @param start how initial values are drawn
 * @param copies whether all layers begin as copies of the first
 * @param decayed which blocks weight decay acts on
 * @param initialScale factor on initial values that are drawn, not on those of norms, dimensionless; 1 leaves them as they are
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
        double initialScale,
        double logitScale) {
    public Design {
        positive("the logits' factor", logitScale);
        positive("the initial values' factor", initialScale);
    }

    private static void positive(String what, double factor) {
        if (!(factor > 0 && Double.isFinite(factor))) {
            throw new UserError(
                    "model: " + what + " expected a number above 0, found " + factor + "; 1 leaves them as they are");
        }
    }

    /** One departure from a design, in one of its parts: what {@link #with} takes, and a sweep goes over. */
    public sealed interface Choice permits Mask, Readout, Norm, Activation, Positions, Head, Biases, Start, Decayed {}

    /** What a token sees. */
    public enum Mask implements Choice {
        /** Itself and those before it. */
        CAUSAL,
        /** All tokens. */
        NONE
    }

    /** Which norm stands where (epsilon 1e-5, each with its own gain [d]; LN with a bias [d] too). */
    public enum Norm implements Choice {
        /** x + f(LN(x)), and one before the head; {@code LN(x) = gain * (x - mean x) / sqrt(var x + 1e-5) + bias}. */
        PRE,
        /** LN(x + f(x)). */
        POST,
        /** As {@link #PRE} with {@code RMS(x) = gain * x / sqrt(mean x^2 + 1e-5)}: no mean is taken off, and there is no bias. */
        RMS,
        NONE;

        /** Whether one stands before each part and before the head. */
        public boolean before() {
            return this == PRE || this == RMS;
        }
    }

    /** Activation of the MLPs; a model without MLPs has none. */
    public enum Activation implements Choice {
        /** x times the normal distribution function of x. */
        GELU,
        RELU,
        /**
         * {@code W_out (silu(W_gate x + b_gate) * (W_in x + b_in)) + b_out}, {@code silu(z) = z / (1 + exp(-z))}: a third matrix [hidden, d] of as many
         * neurons, so that an MLP of the weights that others have has two thirds of their neurons.
         */
        SWIGLU
    }

    /** How a token knows its place. */
    public enum Positions implements Choice {
        /** A learned vector for each is added to the token's. */
        LEARNED,
        /**
         * Queries and keys are rotated: of a head's f = d/H features, an even number, i and i + f/2 are a pair (halves, not neighbours), and at position t
         *
         * <pre>
         *   (x_i, x_i+f/2)  becomes  (x_i cos a - x_i+f/2 sin a, x_i+f/2 cos a + x_i sin a),   a = t 10000^(-2i/f),   i = 0 .. f/2 - 1
         * </pre>
         *
         * <p>A score depends on its two positions by their difference only. b_K has a gradient then: what it adds differs from key to key.
         */
        ROTARY,
        NONE
    }

    /** What turns the residual stream into logits. */
    public enum Head implements Choice {
        /** A matrix of its own, and a bias where the linear maps have biases. */
        OWN,
        /** The token embedding: its gradient is the sum of both uses. */
        TIED
    }

    /** Whether the linear maps have biases. */
    public enum Biases implements Choice {
        ALL,
        NONE
    }

    /** Initial values, before {@link Design#initialScale}. Norms begin with gain 1 and bias 0. */
    public enum Start implements Choice {
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
    public enum Decayed implements Choice {
        ALL,
        /** Matrices and embeddings, not layer norms and biases. */
        MATRICES
    }

    /** The base of rotary positions' angles. */
    public static final int ROTARY_BASE = 10_000;

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
            1,
            1);

    /** Every token sees every token, read out at the first; layers begin as copies of one (arXiv 2602.16746, section 3). */
    public static final Design ENCODER =
            DECODER.with(Mask.NONE).with(Readout.FIRST).with(Start.ENCODER).layersAsCopies();

    /** A language model: causal, read out at every token, no biases, tied head, GPT-2's initial values (arXiv 2602.23696). */
    public static final Design LANGUAGE = DECODER.with(Readout.ALL)
            .with(Head.TIED)
            .with(Biases.NONE)
            .with(Start.GPT2)
            .with(Decayed.MATRICES);

    /** This design but for one part. */
    public Design with(Choice choice) {
        return new Design(
                choice instanceof Mask its ? its : mask,
                choice instanceof Readout its ? its : readout,
                choice instanceof Norm its ? its : norm,
                choice instanceof Activation its ? its : activation,
                choice instanceof Positions its ? its : positions,
                choice instanceof Head its ? its : head,
                choice instanceof Biases its ? its == Biases.ALL : biases,
                choice instanceof Start its ? its : start,
                copies,
                choice instanceof Decayed its ? its : decayed,
                initialScale,
                logitScale);
    }

    public Design layersAsCopies() {
        return new Design(
                mask,
                readout,
                norm,
                activation,
                positions,
                head,
                biases,
                start,
                true,
                decayed,
                initialScale,
                logitScale);
    }

    /** Initial values this many times as large as they would be drawn, but for those of norms. */
    public Design scalingStart(double factor) {
        return new Design(
                mask, readout, norm, activation, positions, head, biases, start, copies, decayed, factor, logitScale);
    }

    /** Logits this many times as large as the weights make them: a softmax of temperature {@code 1 / factor}. */
    public Design scalingLogits(double factor) {
        return new Design(
                mask, readout, norm, activation, positions, head, biases, start, copies, decayed, initialScale, factor);
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
        if (initialScale != 1) {
            node.put("initialScale", initialScale);
        }
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
                fields.has("initialScale") ? fields.number("initialScale") : 1,
                fields.has("logitScale") ? fields.number("logitScale") : 1);
    }

    private static <E extends Enum<E>> E read(Fields fields, String key, E neutral) {
        return fields.has(key) ? fields.oneOf(key, neutral.getDeclaringClass()) : neutral;
    }
}
