package holonomy.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.CanonicalJson;
import holonomy.data.PlainFile;
import holonomy.data.Sha256;
import holonomy.data.UserError;
import java.io.CharConversionException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;

/**
 * JSON files that vouch for themselves: the text {@code seal} of the object is the SHA-256 of its canonical JSON without it. Nobody else notes the hash of
 * these files, and they hold numbers. A file without a seal is one of an older version and is taken as it is.
 */
public final class Seal {
    private static final String NAME = "seal";
    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private Seal() {}

    /** A copy of some content with its seal. */
    public static ObjectNode sealed(ObjectNode content) {
        return content.deepCopy().put(NAME, Sha256.of(CanonicalJson.bytes(content)));
    }

    /**
     * The content of a file, once it is known to be what was sealed.
     *
     * @param name as damage names it
     * @throws java.nio.file.NoSuchFileException if there is none
     * @throws Damage if it is no file, no JSON object, or not what was sealed
     */
    static ObjectNode read(Path file, String name) throws IOException, Damage {
        ObjectNode content = parse(file, name);
        check(content, name);
        return content;
    }

    /** As {@link #read}, the seal not looked at. */
    static ObjectNode parse(Path file, String name) throws IOException, Damage {
        JsonNode node;
        try {
            node = JSON.readTree(PlainFile.read(file, PlainFile.JSON_BYTES));
        } catch (PlainFile.NotPlain e) {
            throw new Damage(name, String.valueOf(e.getMessage()));
        } catch (JsonProcessingException e) {
            throw new Damage(name, "not valid JSON (" + e.getOriginalMessage() + ")");
        } catch (CharConversionException e) {
            throw new Damage(name, "not valid JSON (" + e.getMessage() + ")");
        }
        if (node instanceof ObjectNode content) {
            return content;
        }
        throw new Damage(name, "expected a JSON object, found " + kind(node));
    }

    /** Makes sure that a file's content is what was sealed. The seal is taken away. */
    static void check(ObjectNode content, String name) throws Damage {
        JsonNode seal = content.remove(NAME);
        if (seal != null && !seal.asText().equals(hash(content, name))) {
            throw new Damage(name, "its contents are not those that were sealed in it");
        }
    }

    private static String hash(ObjectNode content, String name) throws Damage {
        try {
            return Sha256.of(CanonicalJson.bytes(content));
        } catch (UserError e) {
            throw new Damage(name, String.valueOf(e.getMessage()));
        }
    }

    private static String kind(JsonNode node) {
        return node.isMissingNode()
                ? "nothing"
                : "a JSON " + node.getNodeType().name().toLowerCase(Locale.ROOT);
    }
}
