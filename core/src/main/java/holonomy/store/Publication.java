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
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Writes {@link PublishedTables}. In a column with more than {@value #DIFFERENT} different numbers these are {@link #rounded}: what fills the files are measured reals, whose last
 * digits say nothing and can't be compressed. Counts, steps, shares of few cases and thresholds stay as they were measured.
 */
public final class Publication {
    private static final int DIFFERENT = 10_000;
    private static final int BITS = 28;

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
        Set<Table.Column> many =
                rows.columns().stream().filter(column -> hasMany(rows, column)).collect(Collectors.toSet());
        Parquet.write(many.isEmpty() ? rows : rounded(rows, many), file);
        StoredFile.of(file).putInto(files, file.getFileName().toString());
    }

    private static boolean hasMany(Table rows, Table.Column column) {
        return column.type() == Table.Type.DOUBLE
                && rows.rows().stream()
                                .mapToDouble(row -> row.number(column))
                                .distinct()
                                .limit(DIFFERENT + 1L)
                                .count()
                        > DIFFERENT;
    }

    private static Table rounded(Table rows, Set<Table.Column> many) {
        Table.Builder builder = Table.builder(rows.columns());
        for (Table.Row row : rows.rows()) {
            builder.row(rows.columns().stream()
                    .map(column -> many.contains(column) ? (Object) rounded(row.number(column)) : row.value(column))
                    .toArray());
        }
        return builder.build();
    }

    /**
     * x to {@value #BITS} binary digits, about eight decimal ones: |rounded(x) - x| is at most 2^-{@value #BITS} min(|x|, |1 - |x||). A share or a cosine next to 1 keeps as many
     * digits of what it lacks, and its log odds therefore as many as that of one next to 0.
     */
    static double rounded(double x) {
        double size = Math.abs(x);
        double part = Math.min(size, Math.abs(1 - size));
        if (part < Double.MIN_NORMAL || !Double.isFinite(x)) {
            return x;
        }
        double unit = Math.scalb(1.0, Math.getExponent(part) - BITS + 1);
        double near = Math.ulp(x) >= unit ? x : Math.rint(x / unit) * unit;
        return Double.isFinite(near) ? near : x;
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
