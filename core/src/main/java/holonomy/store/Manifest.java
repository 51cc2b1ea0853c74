package holonomy.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.CanonicalJson;
import holonomy.data.PlainFile;
import holonomy.data.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** What {@code manifest.json} says of a finished run: the last file to be written, so a run without one is unfinished. */
record Manifest(String id, String kind, Instant created, JsonNode summary, SortedMap<String, StoredFile> files) {
    static final int FORMAT = 1;
    static final String NAME = "manifest.json";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final DateTimeFormatter MILLISECONDS =
            new DateTimeFormatterBuilder().appendInstant(3).toFormatter(Locale.ROOT);

    /** A time with three decimals always, in UTC: manifests of equal content have one length, and times as text sort as times. */
    static String time(Instant instant) {
        return MILLISECONDS.format(instant);
    }

    byte[] bytes() {
        ObjectNode node = JSON.createObjectNode()
                .put("format", FORMAT)
                .put("id", id)
                .put("kind", kind)
                .put("created", time(created));
        node.set("summary", summary);
        ObjectNode list = node.putObject("files");
        files.forEach((path, file) -> file.putInto(list, path));
        return CanonicalJson.bytes(Seal.sealed(node));
    }

    /** The manifest in a run's folder; empty if there is none. */
    static Optional<Manifest> read(Path folder, String id) throws IOException, Damage {
        ObjectNode node;
        try {
            if (Files.exists(folder) && !Files.isDirectory(folder)) {
                throw new Damage(
                        NAME,
                        "expected a folder with it, found "
                                + PlainFile.kind(Files.readAttributes(folder, BasicFileAttributes.class)));
            }
            node = Seal.parse(folder.resolve(NAME), NAME);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
        int format = node.path("format").asInt(-1);
        if (format > FORMAT) {
            throw new Newer(folder.resolve(NAME), format);
        }
        if (!node.path("id").asText().equals(id)) {
            throw new Damage(
                    NAME, "expected id " + id + ", found '" + node.path("id").asText() + "'");
        }
        return Optional.of(parse(node));
    }

    /** From what {@link #bytes} gave. The seal is taken away. */
    static Manifest parse(ObjectNode node) throws Damage {
        Seal.check(node, NAME);
        Instant created;
        try {
            created = Instant.parse(node.path("created").asText());
        } catch (DateTimeException e) {
            throw new Damage(
                    NAME,
                    "expected a time in 'created', found '"
                            + node.path("created").asText() + "'");
        }
        if (!node.path("summary").isObject() || !node.path("files").isObject()) {
            throw new Damage(NAME, "expected objects 'summary' and 'files', found none");
        }
        SortedMap<String, StoredFile> files = new TreeMap<>();
        for (Map.Entry<String, JsonNode> file : node.path("files").properties()) {
            files.put(file.getKey(), StoredFile.of(NAME, file.getKey(), file.getValue()));
        }
        return new Manifest(node.path("id").asText(), node.path("kind").asText(), created, node.path("summary"), files);
    }

    /** Something that a newer version has written. */
    static final class Newer extends UserError {
        private static final long serialVersionUID = 1;

        private final String problem;

        Newer(Path where, int format) {
            this(
                    where,
                    "was written by a newer Holonomy: expected format " + FORMAT + " at most, found " + format
                            + ". Use that version, or another folder with --store DIR");
        }

        private Newer(Path where, String problem) {
            super(where + " " + problem);
            this.problem = problem;
        }

        /** What is wrong, without the file. */
        String problem() {
            return problem;
        }
    }
}
