package holonomy.data;

import java.nio.file.Path;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;

/** SQL (DuckDB's) over the Parquet files of many runs. */
public final class Query {
    /** A file and the run it belongs to. */
    public record Source(String run, Path file) {}

    private Query() {}

    /**
     * The result of one SQL statement.
     *
     * @param tables the tables the statement may name, each the rows of its files one after the other, with the column {@code run} in front;
     *     a column that a file lacks is missing there. Not modified.
     * @throws UserError with DuckDB's message if the statement is wrong, or a file cannot be read
     */
    public static Table run(Map<String, List<Source>> tables, String sql) {
        return run(tables, Map.of(), sql);
    }

    /**
     * As {@link #run(Map, String)}, with tables of the caller's own beside the stored ones.
     *
     * @param own by name. Not modified.
     */
    public static Table run(Map<String, List<Source>> tables, Map<String, Table> own, String sql) {
        try (DuckDBConnection connection = DuckDb.parallel();
                Statement statement = connection.createStatement()) {
            for (Map.Entry<String, List<Source>> table : tables.entrySet()) {
                // Declaring a table opens its files; those of others stay closed.
                if (mentions(sql, table.getKey()) && !table.getValue().isEmpty()) {
                    declare(connection, table.getKey(), table.getValue());
                }
            }
            for (Map.Entry<String, Table> table : own.entrySet()) {
                if (mentions(sql, table.getKey())) {
                    Parquet.createTable(connection, table.getKey(), table.getValue());
                }
            }
            if (!statement.execute(sql)) {
                throw new UserError("query gives no rows: expected a SELECT, found " + sql);
            }
            return DuckDb.table(statement.getResultSet());
        } catch (SQLException e) {
            throw new UserError(
                    "query failed: " + e.getMessage() + "\nTables: " + names(tables, own) + "\nQuery: " + sql, e);
        }
    }

    private static String names(Map<String, List<Source>> tables, Map<String, Table> own) {
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
