package holonomy.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A cache of all manifests in one file, {@code index.jsonl}: a JSON object per line, appended when a run is finished. A line holds for as long as
 * the manifest has the time and length noted in it; any other manifest is read again. So the index may be lost, torn, late or mixed up by two
 * processes, and the list is still right; then it is written anew.
 */
final class Index {
    private static final Logger LOG = LoggerFactory.getLogger(Index.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final StoreFolder store;
    private final Path file;

    Index(StoreFolder store) {
        this.store = store;
        this.file = store.index();
    }

    /** A manifest's entry, and the manifest file's time of change (nanoseconds since 1970) and length (bytes). */
    private record Line(IndexEntry entry, long changed, long bytes) {
        boolean isOf(BasicFileAttributes manifest) {
            return changed == Index.changed(manifest) && bytes == manifest.size();
        }
    }

    /** All finished runs, by id. Runs whose manifest cannot be understood are left out. */
    List<IndexEntry> list() throws IOException {
        Map<String, Line> known = read();
        List<Line> current = new ArrayList<>();
        boolean same = true;
        for (String id : store.ids()) {
            Line line = known.remove(id);
            Optional<BasicFileAttributes> manifest = manifest(id);
            if (manifest.isPresent() && (line == null || !line.isOf(manifest.get()))) {
                line = fromManifest(id, manifest.get());
                same = false;
            } else if (manifest.isEmpty() && line != null) {
                line = null;
                same = false;
            }
            if (line != null) {
                current.add(line);
            }
        }
        if (!same || !known.isEmpty()) {
            rewrite(current);
        }
        return current.stream().map(Line::entry).toList();
    }

    /** Notes a run just finished. A failure is no harm: the next {@link #list} mends it. */
    void add(Manifest manifest) {
        try {
            Optional<BasicFileAttributes> attributes = manifest(manifest.id());
            if (attributes.isPresent()) {
                Line line = new Line(
                        IndexEntry.of(manifest),
                        changed(attributes.get()),
                        attributes.get().size());
                Files.writeString(file, text(line), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            }
        } catch (IOException e) {
            LOG.debug("cannot append to {}", file, e);
        }
    }

    private Optional<BasicFileAttributes> manifest(String id) throws IOException {
        try {
            return Optional.of(Files.readAttributes(store.run(id).resolve(Manifest.NAME), BasicFileAttributes.class));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    private static long changed(BasicFileAttributes attributes) {
        return attributes.lastModifiedTime().to(TimeUnit.NANOSECONDS);
    }

    private @Nullable Line fromManifest(String id, BasicFileAttributes attributes) throws IOException {
        try {
            return Manifest.read(store.run(id), id)
                    .map(manifest -> new Line(IndexEntry.of(manifest), changed(attributes), attributes.size()))
                    .orElse(null);
        } catch (Damage e) {
            LOG.debug("run {} is left out of the index: {}", id, e.getMessage());
            return null;
        }
    }

    private void rewrite(List<Line> lines) {
        StringBuilder all = new StringBuilder();
        lines.forEach(line -> all.append(text(line)));
        try {
            store.alone(() -> store.disk().write(file, all.toString().getBytes(StandardCharsets.UTF_8)));
        } catch (IOException e) {
            LOG.debug("cannot write {}", file, e);
        }
    }

    private Map<String, Line> read() throws IOException {
        Map<String, Line> lines = new HashMap<>();
        if (!Files.exists(file)) {
            return lines;
        }
        for (String text : new String(Files.readAllBytes(file), StandardCharsets.UTF_8).split("\n")) {
            try {
                Line line = line(JSON.readTree(text));
                lines.put(line.entry.id(), line);
            } catch (JsonProcessingException | DateTimeException e) {
                LOG.debug("{} has a line that cannot be read", file, e);
            }
        }
        return lines;
    }

    private static Line line(JsonNode node) {
        List<String> tables = new ArrayList<>();
        node.path("tables").forEach(name -> tables.add(name.asText()));
        IndexEntry entry = new IndexEntry(
                node.path("id").asText(),
                node.path("kind").asText(),
                Instant.parse(node.path("created").asText()),
                node.path("bytes").asLong(),
                node.path("summary"),
                tables);
        return new Line(
                entry,
                node.path("manifestChanged").asLong(-1),
                node.path("manifestBytes").asLong(-1));
    }

    private static String text(Line line) {
        ObjectNode node = JSON.createObjectNode()
                .put("id", line.entry.id())
                .put("kind", line.entry.kind())
                .put("created", Manifest.time(line.entry.created()))
                .put("bytes", line.entry.bytes())
                .put("manifestChanged", line.changed)
                .put("manifestBytes", line.bytes);
        ArrayNode tables = node.putArray("tables");
        line.entry.tables().forEach(tables::add);
        node.set("summary", line.entry.summary());
        return node + "\n";
    }
}
