package holonomy.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.CanonicalJson;
import holonomy.data.PlainFile;
import holonomy.data.UserError;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
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
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A cache of all manifests in one file, {@code index.jsonl}: a JSON object per line, with a check of itself, appended when a run is finished. A line holds for as long as
 * the manifest has the time and length noted in it; any other manifest is read again. So the index may be lost, torn, late or mixed up by two
 * processes, and the list is still right; then it is written anew.
 */
final class Index {
    private static final Logger LOG = LoggerFactory.getLogger(Index.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long LONGEST_BYTES = 1 << 28;
    private static final int CHECK_LENGTH = check("").length();

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

    /** All finished runs, by id. Those whose manifest cannot be read are told and left out. */
    List<IndexEntry> list() throws IOException {
        Map<String, Line> known = read();
        List<Line> current = new ArrayList<>();
        boolean same = true;
        for (String id : store.ids()) {
            Line line = known.remove(id);
            Optional<BasicFileAttributes> manifest = store.readable(id, () -> manifest(id));
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
                if (Files.exists(file)) {
                    PlainFile.check(file, LONGEST_BYTES);
                }
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
        } catch (FileSystemException e) {
            if (Files.isDirectory(store.run(id))) {
                throw e;
            }
            return Optional.empty(); // no folder: no run, finished or not
        }
    }

    private static long changed(BasicFileAttributes attributes) {
        return attributes.lastModifiedTime().to(TimeUnit.NANOSECONDS);
    }

    private @Nullable Line fromManifest(String id, BasicFileAttributes attributes) {
        return store.readable(id, () -> Manifest.read(store.run(id), id))
                .map(manifest -> new Line(IndexEntry.of(manifest), changed(attributes), attributes.size()))
                .orElse(null);
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

    /** The lines that are whole. */
    private Map<String, Line> read() {
        Map<String, Line> lines = new HashMap<>();
        try {
            PlainFile.check(file, LONGEST_BYTES);
            try (BufferedReader in =
                    new BufferedReader(new InputStreamReader(Files.newInputStream(file), StandardCharsets.UTF_8))) {
                for (String text = in.readLine(); text != null; text = in.readLine()) {
                    line(text).ifPresent(line -> lines.put(line.entry.id(), line));
                }
            }
        } catch (NoSuchFileException e) {
            return lines;
        } catch (IOException e) {
            lines.clear();
            store.tell(new Unreadable(
                    file, e.getMessage() + "; it is only a cache of the manifests: delete it, and it is made again"));
        }
        return lines;
    }

    private static Optional<Line> line(String text) {
        int end = text.length() - CHECK_LENGTH;
        if (end < 0 || !text.substring(end).equals(check(text.substring(0, end)))) {
            return Optional.empty();
        }
        try {
            return Optional.of(line(JSON.readTree(text)));
        } catch (JsonProcessingException | DateTimeException | UserError e) {
            LOG.debug("the index has a line that cannot be read", e);
            return Optional.empty();
        }
    }

    private static Line line(JsonNode node) {
        List<String> tables = new ArrayList<>();
        for (JsonNode name : node.path("tables")) {
            tables.add(StorePath.check(name.asText()));
        }
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

    /** The end of a line: the CRC-32 of what stands before it, so that no line with a flipped bit is believed. */
    private static String check(String before) {
        CRC32 crc = new CRC32();
        crc.update(before.getBytes(StandardCharsets.UTF_8));
        return String.format(Locale.ROOT, ",\"check\":\"%08x\"}", crc.getValue());
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
        String open = CanonicalJson.text(node); // as the manifest has it, where 1.0 is 1
        String before = open.substring(0, open.length() - 1);
        return before + check(before) + "\n";
    }
}
