package holonomy.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.CanonicalJson;
import holonomy.data.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.List;
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
        files.forEach(
                (path, file) -> list.putObject(path).put("bytes", file.bytes()).put("sha256", file.sha256()));
        return CanonicalJson.bytes(node);
    }

    /** The manifest in a run's folder; empty if there is none. */
    static Optional<Manifest> read(Path folder, String id) throws IOException, Damage {
        JsonNode node;
        try {
            node = JSON.readTree(Files.readAllBytes(folder.resolve(NAME)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (JsonProcessingException e) {
            throw new Damage(List.of(NAME + ": not valid JSON (" + e.getOriginalMessage() + ")"));
        }
        int format = node.path("format").asInt(-1);
        if (format > FORMAT) {
            throw newer(folder.resolve(NAME), format);
        }
        if (!node.path("id").asText().equals(id)) {
            throw new Damage(List.of(
                    NAME + ": expected id " + id + ", found '" + node.path("id").asText() + "'"));
        }
        return Optional.of(parse(node));
    }

    private static Manifest parse(JsonNode node) throws Damage {
        SortedMap<String, StoredFile> files = new TreeMap<>();
        for (Map.Entry<String, JsonNode> file : node.path("files").properties()) {
            JsonNode entry = file.getValue();
            files.put(
                    file.getKey(),
                    new StoredFile(
                            entry.path("bytes").asLong(-1), entry.path("sha256").asText()));
        }
        try {
            Instant created = Instant.parse(node.path("created").asText());
            return new Manifest(
                    node.path("id").asText(), node.path("kind").asText(), created, node.path("summary"), files);
        } catch (DateTimeException e) {
            throw new Damage(List.of(NAME + ": expected a time in 'created', found '"
                    + node.path("created").asText() + "'"));
        }
    }

    static UserError newer(Path where, int format) {
        return new UserError(where + " was written by a newer Holonomy: expected format " + FORMAT + " at most, found "
                + format + ". Use that version, or another folder with --store DIR");
    }
}
