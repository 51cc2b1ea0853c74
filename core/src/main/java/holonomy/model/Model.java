package holonomy.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Fields;
import holonomy.data.SpecKind;
import java.util.List;

/**
 * What turns (theta, tokens) into logits, as a value; holds no weights. {@link #open} makes it runnable.
 *
 * <p>Axes by letter: B sequences, T tokens, R positions read out, H heads, d width, V vocabulary, C classes.
 */
public interface Model {
    /** A kind of model, found by its word in a spec; listed in {@code META-INF/services}. */
    interface Kind extends SpecKind<Model> {}

    /** V, number of different tokens. */
    int vocabulary();

    /** T, tokens per sequence. */
    int length();

    /** C, number of classes. */
    int classes();

    /** L, number of layers. */
    int layers();

    /** H, heads of a layer. */
    int heads();

    /** d, width of the residual stream. */
    int width();

    /** The R positions of a sequence that become logits. */
    List<Integer> readouts();

    /** Whether what a query scores at a key depends on where they stand, beside what they are ({@link Design.Positions#ROTARY}). */
    default boolean rotatesKeys() {
        return false;
    }

    /** P, the number of weights; a double, for sizes that are too large to be laid out have more than an int can count. */
    double weightCount();

    /** Where each block stands in theta, and how it begins. */
    Layout layout();

    /** What determines the function, as data. */
    ObjectNode spec();

    /** A few words for labels, for instance {@code attention-only, 5 layers, width 128}. */
    String label();

    /** A network in float32, for training and evaluation, by the fastest implementation there is. The caller closes it. */
    Network open(ComputeDevice device);

    /** A network in float64, for checking what rounding does. The caller closes it. */
    Network openFloat64(ComputeDevice device);

    /** The model whose {@link #spec()} this is. */
    static Model fromSpec(JsonNode spec) {
        return fromSpec(new Fields("model", spec));
    }

    /** As above. */
    static Model fromSpec(Fields fields) {
        return SpecKind.read(Kind.class, "model", fields);
    }
}
