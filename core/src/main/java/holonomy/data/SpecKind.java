package holonomy.data;

import java.util.stream.Collectors;

/**
 * One kind of a thing that is stored as JSON with a {@code kind}. Kinds are {@link Services}: a new one is its class and a line in
 * {@code META-INF/services}.
 *
 * @param <T> the thing
 */
public interface SpecKind<T> {
    /** The word under {@code kind}. */
    String kind();

    /** The thing whose spec this is. */
    T fromSpec(Fields fields);

    /**
     * The thing whose spec this is, of whichever kind it says.
     *
     * @param what the thing in a word, for the message
     * @throws UserError if no such kind is known
     */
    static <T, K extends SpecKind<T>> T read(Class<K> kinds, String what, Fields fields) {
        String kind = fields.text("kind");
        return Services.of(kinds).stream()
                .filter(each -> each.kind().equals(kind))
                .findFirst()
                .orElseThrow(() -> new UserError(fields.place() + ": " + what + " of kind '" + kind + "'"
                        + " is unknown to this version of Holonomy; known: "
                        + Services.of(kinds).stream()
                                .map(SpecKind::kind)
                                .sorted()
                                .collect(Collectors.joining(", "))))
                .fromSpec(fields);
    }
}
