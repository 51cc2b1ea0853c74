package holonomy.store;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.List;

/**
 * A line of the list of finished runs.
 *
 * @param id identity
 * @param kind what kind of thing it is
 * @param created when it was first finished
 * @param bytes length of all its files together
 * @param summary the values given when it was finished
 * @param tables names of its measures' tables: NAME for each {@code metrics/NAME.parquet}
 */
public record IndexEntry(String id, String kind, Instant created, long bytes, JsonNode summary, List<String> tables) {
    private static final String TABLES = "metrics/";
    private static final String PARQUET = ".parquet";

    static IndexEntry of(Manifest manifest) {
        long bytes =
                manifest.files().values().stream().mapToLong(StoredFile::bytes).sum();
        List<String> tables = manifest.files().keySet().stream()
                .filter(path -> path.startsWith(TABLES) && path.endsWith(PARQUET))
                .map(path -> path.substring(TABLES.length(), path.length() - PARQUET.length()))
                .toList();
        return new IndexEntry(manifest.id(), manifest.kind(), manifest.created(), bytes, manifest.summary(), tables);
    }

    /** The path of a table inside its run. */
    static String path(String table) {
        return TABLES + table + PARQUET;
    }
}
