package holonomy.data;

import com.fasterxml.jackson.databind.JsonNode;

/** id = SHA-256(canonical JSON), in lower-case hexadecimal: equal specs have equal identities, on any machine and any Java. */
public final class Identity {
    /** Length of a shortened id, in hexadecimal digits: 48 bits, one chance in six million of a clash among 10,000 runs. */
    public static final int SHORT_LENGTH = 12;

    private Identity() {}

    /**
     * The identity of a spec: 64 hexadecimal digits.
     *
     * @param spec not modified
     * @throws UserError if the spec has no canonical text, see {@link CanonicalJson}
     */
    public static String of(JsonNode spec) {
        return Sha256.of(CanonicalJson.bytes(spec));
    }

    /** The first {@value #SHORT_LENGTH} digits of an id, for people. */
    public static String shortened(String id) {
        return id.length() <= SHORT_LENGTH ? id : id.substring(0, SHORT_LENGTH);
    }
}
