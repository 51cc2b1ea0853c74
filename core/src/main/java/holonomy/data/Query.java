package holonomy.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;

/**
 * SQL (DuckDB's) over the Parquet files of many runs: one statement that only reads. It sees the tables it is given and nothing else, no other
 * file, no network, no setting. One query, for one thread; {@link #cancel} may be called from any.
 */
public final class Query {
    /** A file and the run it belongs to. */
    public record Source(String run, Path file) {}

    /**
     * What a statement gave.
     *
     * @param table its first rows
     * @param rows how many there are in all
     */
    public record Answer(Table table, long rows) {}

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Map<String, List<Source>> tables;
    private final Map<String, Table> own;
    private final Predicate<Source> sound;
    private volatile @Nullable Statement running;
    private volatile boolean cancelled;

    /**
     * @param tables the tables that a statement may name, each the rows of its files one after the other, with the column {@code run} in front; a
     *     column that a file lacks is missing there. Not modified.
     * @param own tables of the caller's own beside them, by name. Not modified.
     * @param sound asked before a file is opened; its rows are left out where it says no
     */
    public Query(Map<String, List<Source>> tables, Map<String, Table> own, Predicate<Source> sound) {
        this.tables = tables;
        this.own = own;
        this.sound = sound;
    }

    /** All rows of one statement over tables whose files are known to be sound. */
    public static Table run(Map<String, List<Source>> tables, String sql) {
        return new Query(tables, Map.of(), source -> true)
                .run(sql, Integer.MAX_VALUE)
                .table();
    }

    /**
     * The result of one statement.
     *
     * @param most rows that are kept; all are counted
     * @throws UserError with DuckDB's message if the statement is wrong, is not one that only reads, was cancelled, or a file cannot be read
     */
    public Answer run(String sql, int most) {
        try (DuckDBConnection connection = DuckDb.parallel();
                Statement statement = connection.createStatement()) {
            requireOneSelect(connection, sql);
            declareTables(connection, sql);
            begin(statement);
            try (ResultSet result = statement.executeQuery(sql)) {
                return DuckDb.answer(result, most);
            } finally {
                end();
            }
        } catch (SQLException e) {
            if (cancelled) {
                throw new UserError("query: cancelled", e);
            }
            throw new UserError("query failed: " + e.getMessage() + "\nTables: " + names() + "\nQuery: " + sql, e);
        }
    }

    private synchronized void begin(Statement statement) {
        if (cancelled) {
            throw new UserError("query: cancelled");
        }
        running = statement;
    }

    /** From here on the statement may be closed, and is not cancelled any more. */
    private synchronized void end() {
        running = null;
    }

    /** Ends {@link #run}, which throws. */
    public synchronized void cancel() throws SQLException {
        cancelled = true;
        if (running != null) {
            running.cancel();
        }
    }

    /** Whether {@link #cancel} was called. */
    public boolean isCancelled() {
        return cancelled;
    }

    /** DuckDB itself parses the statement, without carrying anything out, and turns only statements that read into a tree. */
    private static void requireOneSelect(DuckDBConnection connection, String sql) throws SQLException {
        JsonNode parsed = parse(connection, sql);
        String expected = "query: expected one SELECT (or WITH, VALUES, DESCRIBE, SHOW, SUMMARIZE), found ";
        if (parsed.path("error").asBoolean()) {
            if (parsed.path("error_type").asText().equals("parser")) {
                throw new UserError(
                        "query failed: " + parsed.path("error_message").asText() + "\nQuery: " + sql);
            }
            throw new UserError(expected + "something else; a query only reads\nQuery: " + sql);
        }
        int statements = parsed.path("statements").size();
        if (statements != 1) {
            throw new UserError(
                    expected + (statements == 0 ? "nothing" : statements + " statements") + "\nQuery: " + sql);
        }
    }

    private static JsonNode parse(DuckDBConnection connection, String sql) throws SQLException {
        try (PreparedStatement parser = connection.prepareStatement("SELECT json_serialize_sql(?::VARCHAR)")) {
            parser.setString(1, sql);
            try (ResultSet result = parser.executeQuery()) {
                result.next();
                return JSON.readTree(result.getString(1));
            }
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("DuckDB's tree of a statement is no JSON", e);
        }
    }

    /** Declares the tables that the statement mentions, for that opens their files, and locks everything else away. */
    private void declareTables(DuckDBConnection connection, String sql) throws SQLException {
        Map<String, List<Source>> mentioned = new LinkedHashMap<>();
        for (Map.Entry<String, List<Source>> table : tables.entrySet()) {
            if (mentions(sql, table.getKey())) {
                List<Source> usable = table.getValue().stream().filter(sound).toList();
                if (!usable.isEmpty()) {
                    mentioned.put(table.getKey(), usable);
                }
            }
        }
        for (Map.Entry<String, List<Source>> table : mentioned.entrySet()) {
            declare(connection, table.getKey(), table.getValue());
        }
        for (Map.Entry<String, Table> table : own.entrySet()) {
            if (mentions(sql, table.getKey())) {
                Parquet.createTable(connection, table.getKey(), table.getValue());
            }
        }
        lock(connection, mentioned.values().stream().flatMap(List::stream).toList());
    }

    private static void lock(DuckDBConnection connection, List<Source> readable) throws SQLException {
        // DuckDB asks both for the name it is given, which says with brackets that it is no pattern, and for the file
        // it finds by it.
        String files = readable.stream()
                .map(Source::file)
                .flatMap(file -> Stream.of(DuckDb.literal(file.toAbsolutePath().toString()), DuckDb.fileToRead(file)))
                .distinct()
                .collect(Collectors.joining(", "));
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET allowed_paths = [" + files + "]");
            statement.execute("SET enable_external_access = false");
            statement.execute("SET lock_configuration = true");
        }
    }

    private String names() {
        return Stream.concat(own.keySet().stream(), tables.keySet().stream()).collect(Collectors.joining(", "));
    }

    private static boolean mentions(String sql, String name) {
        return sql.toLowerCase(Locale.ROOT).contains(name.toLowerCase(Locale.ROOT));
    }

    private static void declare(DuckDBConnection connection, String name, List<Source> sources) throws SQLException {
        String runs = name + " files";
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE " + DuckDb.identifier(runs) + " (run VARCHAR, filename VARCHAR)");
            try (DuckDBAppender appender = connection.createAppender(DuckDBConnection.DEFAULT_SCHEMA, runs)) {
                for (Source source : sources) {
                    appender.beginRow();
                    appender.append(source.run());
                    appender.append(source.file().toAbsolutePath().toString());
                    appender.endRow();
                }
            }
            String files = sources.stream()
                    .map(source -> DuckDb.fileToRead(source.file()))
                    .collect(Collectors.joining(", "));
            statement.execute("CREATE VIEW " + DuckDb.identifier(name)
                    + " AS SELECT f.run, t.* EXCLUDE (filename) FROM read_parquet(["
                    + files + "], union_by_name = true, filename = true) t JOIN " + DuckDb.identifier(runs)
                    + " f USING (filename)");
        }
    }
}
