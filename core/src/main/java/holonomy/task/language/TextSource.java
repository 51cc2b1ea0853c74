package holonomy.task.language;

import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Fields;
import holonomy.data.SpecKind;
import java.util.OptionalDouble;

/** Stories by their number, 0, 1, ...: always the same text for the same number. */
public interface TextSource {
    /** A kind of source, found by its word in a spec; listed in {@code META-INF/services}. */
    interface Kind extends SpecKind<TextSource> {}

    /** How many there are. */
    int stories();

    /** Story number {@code index}. */
    String story(int index);

    /** Whether it ends and all its stories can be looked at here; those of a file may be on another machine. */
    default boolean atHand() {
        return false;
    }

    /**
     * The least mean cross-entropy in nats that any model can have on the second to last tokens of the stories, each seen from its beginning; empty where
     * nobody knows it, or where stories are cut.
     *
     * @param window the longest sequence in tokens
     */
    default OptionalDouble irreducibleLoss(Encoding encoding, int window) {
        return OptionalDouble.empty();
    }

    /** What determines the stories, as data. */
    ObjectNode spec();

    /** A few words for labels. */
    String label();

    /** The source whose {@link #spec()} this is. */
    static TextSource fromSpec(Fields fields) {
        return SpecKind.read(Kind.class, "text", fields);
    }
}
