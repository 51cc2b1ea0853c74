package holonomy.task.language;

import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Fields;
import holonomy.data.SpecKind;
import java.util.List;

/** Text as tokens 0 .. V-1. */
public interface Encoding {
    /** A kind of encoding, found by its word in a spec; listed in {@code META-INF/services}. */
    interface Kind extends SpecKind<Encoding> {}

    /** V, the number of different tokens. */
    int vocabulary();

    /** The tokens of a text. */
    int[] encode(String text);

    /** The token that fills a sequence after a story's end. */
    int endOfText();

    /** The tokens that stand for any text where a probe is asked among random ones. */
    List<Integer> fillers();

    /** Words of one token each that may be a probe's codewords: the same ones in the same order at every time. */
    List<String> codewords();

    /** What determines the tokens, as data. */
    ObjectNode spec();

    /** The encoding whose {@link #spec()} this is. */
    static Encoding fromSpec(Fields fields) {
        return SpecKind.read(Kind.class, "encoding", fields);
    }
}
