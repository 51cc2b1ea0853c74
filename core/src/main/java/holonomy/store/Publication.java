package holonomy.store;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.CanonicalJson;
import holonomy.data.Parquet;
import holonomy.data.Table;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Writes {@link PublishedTables}. A column with more than {@value #DIFFERENT} different numbers is rounded to single precision (relative error at most 2^-24): what fills the files
 * are measured reals, whose last digits say nothing and compress to nothing. Counts, steps, shares of few cases and thresholds stay as they were measured.
 */
public final class Publication {
    private static final int DIFFERENT = 10_000;
    private static final double LARGEST = 1e30; // and its inverse: far inside what a float holds with all its digits
    static final Table.Column LABEL = Table.text("label");
    static final Table.Column MANIFEST = Table.text("manifest");
    static final Table.Column SPEC = Table.text("spec");
    static final Table.Column PROVENANCE = Table.text("provenance");

    private Publication() {}

    /**
     * A run or derived result to be published.
     *
     * @param label for people
     * @param tables those of its files that are published
     */
    public record Part(String label, StoredRun run, List<String> tables) {
        /** A derived result with all of its tables. */
        public static Part whole(String label, StoredRun result) {
            return new Part(
                    label,
                    result,
                    result.files().keySet().stream()
                            .filter(PublishedFiles::isTable)
                            .toList());
        }
    }

    /**
     * Writes the tables of some runs into a folder, the file that vouches for the others last.
     *
     * @param about what is to be known of all. Not modified.
     * @param parts each id once
     */
    public static void write(Path folder, ObjectNode about, List<Part> parts) throws IOException {
        Map<String, List<Table>> rows = new TreeMap<>();
        ObjectNode measures = JsonNodeFactory.instance.objectNode();
        Table.Builder runs = Table.builder(List.of(PublishedFiles.RUN, LABEL, MANIFEST, SPEC, PROVENANCE));
        for (Part part : parts) {
            for (String path : part.tables) {
                rows.computeIfAbsent(PublishedFiles.name(path), key -> new ArrayList<>())
                        .add(part.run.table(path).labelled(Map.of(PublishedFiles.RUN, part.run.id())));
                if (part.run.has(MeasureFile.spec(path))) {
                    measures.set(PublishedFiles.name(path), part.run.json(MeasureFile.spec(path)));
                }
            }
            runs.row(part.run.id(), part.label, manifest(part), text(part, Store.SPEC), text(part, Provenance.FILE));
        }
        Files.createDirectories(folder);
        ObjectNode files = JsonNodeFactory.instance.objectNode();
        for (Map.Entry<String, List<Table>> table : rows.entrySet()) {
            put(folder.resolve(table.getKey()), Table.concat(table.getValue()), files);
        }
        put(folder.resolve(PublishedTables.RUNS), runs.build(), files);
        ObjectNode index = JsonNodeFactory.instance.objectNode().put("format", PublishedTables.FORMAT);
        index.set("about", about);
        index.set("measures", measures);
        index.set("files", files);
        Files.write(folder.resolve(PublishedTables.INDEX), CanonicalJson.bytes(Seal.sealed(index)));
    }

    private static void put(Path file, Table rows, ObjectNode files) throws IOException {
        List<Table.Column> rounded = rows.columns().stream()
                .filter(column -> isRounded(rows, column))
                .toList();
        Parquet.write(rows, file, rounded);
        StoredFile.of(file).putInto(files, file.getFileName().toString());
    }

    private static boolean isRounded(Table rows, Table.Column column) {
        if (column.type() != Table.Type.DOUBLE || rows.size() <= DIFFERENT) {
            return false;
        }
        double[] numbers = rows.rows().stream()
                .mapToDouble(row -> row.number(column))
                .filter(number -> number != 0 && !Double.isNaN(number)) // zero and a missing cell stay what they are
                .map(Math::abs)
                .toArray();
        return Arrays.stream(numbers).allMatch(number -> number <= LARGEST && number >= 1 / LARGEST)
                && Arrays.stream(numbers).distinct().limit(DIFFERENT + 1L).count() > DIFFERENT;
    }

    /** The run's manifest over what is published of it: each file with the length and hashes that it has in the store. */
    private static String manifest(Part part) {
        Manifest whole = part.run.manifest();
        SortedMap<String, StoredFile> kept = new TreeMap<>();
        whole.files().forEach((path, file) -> {
            if (part.tables.contains(path) || path.equals(Store.SPEC) || path.equals(Provenance.FILE)) {
                kept.put(path, file);
            }
        });
        Manifest manifest = new Manifest(whole.id(), whole.kind(), whole.created(), whole.summary(), kept);
        return new String(manifest.bytes(), StandardCharsets.UTF_8);
    }

    private static String text(Part part, String path) {
        return part.run.has(path) ? new String(part.run.bytes(path), StandardCharsets.UTF_8) : "";
    }
}
