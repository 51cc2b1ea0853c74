package holonomy.lease;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import holonomy.data.PlainFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

/**
 * What stands in a lease's file: a line that says whose it is, and a line that its owner changes again and again.
 *
 * @param text the whole file
 */
record Lease(String text) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int LONGEST_BYTES = 1 << 16;

    /** A new lease of an owner, which no other equals. */
    static Lease of(Owner owner) {
        String since = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        String token = UUID.randomUUID().toString();
        return new Lease(owner.json().put("since", since).put("token", token) + "\n" + beat(0));
    }

    /** The line that changes, always of one length. */
    static String beat(long number) {
        return String.format(Locale.ROOT, "%020d\n", number);
    }

    static Optional<Lease> read(Path file) throws IOException {
        try {
            return Optional.of(new Lease(new String(PlainFile.read(file, LONGEST_BYTES), StandardCharsets.UTF_8)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (FileSystemException e) {
            if (Files.isDirectory(file.getParent())) {
                throw e;
            }
            return Optional.empty(); // where no lock can be, nobody holds one
        } catch (PlainFile.NotPlain e) {
            throw new IOException("lock " + file + ": " + e.getMessage() + "; delete it", e);
        }
    }

    /** The line that says whose it is; the whole text if it is torn. */
    String head() {
        int end = text.indexOf('\n');
        return end < 0 ? text : text.substring(0, end + 1);
    }

    /** Whether two texts are of one lease at different times. */
    boolean isSame(Lease other) {
        return head().equals(other.head());
    }

    /** Whose it is; empty if that cannot be read: it may just be being written. */
    Optional<Owner> owner() {
        return json().map(Owner::fromJson);
    }

    /** Since when, for people. */
    String since() {
        return json().map(node -> node.path("since").asText()).orElse("");
    }

    private Optional<JsonNode> json() {
        try {
            return Optional.of(JSON.readTree(head())).filter(node -> node.has("token"));
        } catch (JsonProcessingException torn) {
            return Optional.empty();
        }
    }
}
