package holonomy.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import holonomy.data.Parquet;
import holonomy.data.Table;
import holonomy.data.UserError;
import java.io.IOException;
import java.lang.ref.SoftReference;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tables of many runs, a file for each, with the column {@code run} before their own; checked when they were opened. A file that has been read is kept while there is memory.
 *
 * @param folder where the files lie
 * @param texts JSON of each run by its path in the run, by id
 * @param kept files that have been read. Modified.
 */
record PublishedFiles(Path folder, Map<String, Map<String, String>> texts, Map<String, SoftReference<Rows>> kept)
        implements RunFiles {
    static final Table.Column RUN = Table.text("run");
    private static final String METRICS = "metrics/";

    /** The rows of a file by run, and the columns of all. */
    private record Rows(List<Table.Column> columns, Map<String, Table> byRun) {}

    /** Whether a run's file is a table, which is what is published. */
    static boolean isTable(String path) {
        return path.startsWith(METRICS) && path.endsWith(".parquet");
    }

    /** The file that holds the rows of all runs, from the path of the table in a run. */
    static String name(String path) {
        return path.substring(METRICS.length());
    }

    @Override
    public Path folder(String id) {
        return folder;
    }

    @Override
    public Path verified(String id, String path, StoredFile expected) {
        throw new UserError("run " + id + ": expected a file of its own for '" + path + "', found published tables in "
                + folder + ", which hold the rows of many runs");
    }

    @Override
    public String problem(String id, String path, StoredFile expected) {
        return "";
    }

    @Override
    public List<String> problems(String id, Manifest manifest) {
        return List.of();
    }

    @Override
    public UserError lacks(String id, String path, Collection<String> has) {
        List<String> tables = has.stream().filter(PublishedFiles::isTable).toList();
        return new UserError("run " + id + ": no '" + path + "' of it in " + folder + ", which has "
                + String.join(", ", tables.stream().map(PublishedFiles::name).toList())
                + "; it was published by another script than this one, or what is asked for are weights, which are not "
                + "published: run the experiment again");
    }

    @Override
    public Table table(String id, String path, StoredFile expected) throws IOException {
        Rows rows = rows(name(path));
        Table own = rows.byRun.get(id);
        return own == null ? Table.builder(rows.columns).build() : own;
    }

    @Override
    public JsonNode json(String id, String path, StoredFile expected) throws IOException {
        String text = texts.getOrDefault(id, Map.of()).get(path);
        return text == null ? RunFiles.super.json(id, path, expected) : new ObjectMapper().readTree(text);
    }

    private synchronized Rows rows(String name) throws IOException {
        @Nullable SoftReference<Rows> before = kept.get(name);
        @Nullable Rows rows = before == null ? null : before.get();
        if (rows == null) {
            rows = apart(Parquet.read(folder.resolve(name)));
            kept.put(name, new SoftReference<>(rows));
        }
        return rows;
    }

    private static Rows apart(Table all) {
        List<Table.Column> columns = all.columns().subList(1, all.columns().size());
        Map<String, Table.Builder> builders = new LinkedHashMap<>();
        for (Table.Row row : all.rows()) {
            builders.computeIfAbsent(row.text(RUN), run -> Table.builder(columns))
                    .row(columns.stream().map(row::value).toArray());
        }
        Map<String, Table> tables = new LinkedHashMap<>();
        builders.forEach((run, builder) -> tables.put(run, builder.build()));
        return new Rows(columns, tables);
    }
}
