package holonomy.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;
import java.util.stream.Collectors;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Tables as Parquet files, by DuckDB in process: TEXT is VARCHAR, LONG is BIGINT, DOUBLE is DOUBLE, a missing cell is NULL. Equal tables give
 * equal bytes (one thread, rows in order).
 */
public final class Parquet {
    private Parquet() {}

    /** Loads what reading and writing needs, a second's work, so that the first file is written quickly. */
    public static void load() {
        try (DuckDBConnection connection = DuckDb.inOrder()) {
            LoggerFactory.getLogger(Parquet.class).debug("loaded {}", connection);
        } catch (SQLException | UserError e) {
            LoggerFactory.getLogger(Parquet.class).debug("cannot load DuckDB early", e);
        }
    }

    /**
     * Writes a file, replacing what is there. Not atomic: see {@link AtomicFiles}.
     *
     * @param table at least one column, no two that differ only in case (SQL does not tell them apart). Not modified.
     * @throws IOException if the file cannot be written
     */
    public static void write(Table table, Path file) throws IOException {
        checkNames(table);
        try (DuckDBConnection connection = DuckDb.inOrder();
                Statement statement = connection.createStatement()) {
            createTable(connection, "t", table);
            statement.execute("COPY t TO "
                    + DuckDb.literal(file.toAbsolutePath().toString()) + " (FORMAT parquet, COMPRESSION zstd)");
        } catch (SQLException e) {
            throw new IOException("cannot write " + file + ": " + e.getMessage(), e);
        }
    }

    /**
     * Reads a file, written here or elsewhere: whole-number columns become LONG, other numbers DOUBLE, everything else TEXT; NaN is missing.
     *
     * @throws UserError if the file is not a valid Parquet file
     */
    public static Table read(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new NoSuchFileException(file.toString());
        }
        try (DuckDBConnection connection = DuckDb.inOrder();
                Statement statement = connection.createStatement()) {
            return DuckDb.table(statement.executeQuery("SELECT * FROM read_parquet(" + DuckDb.fileToRead(file) + ")"));
        } catch (SQLException e) {
            throw new UserError("Parquet file " + file + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static void checkNames(Table table) {
        if (table.columns().isEmpty()) {
            throw new IllegalArgumentException("a Parquet file needs a column, the table has none");
        }
        table.columns().stream()
                .collect(Collectors.groupingBy(column -> column.name().toLowerCase(Locale.ROOT)))
                .forEach((name, same) -> {
                    if (same.size() > 1) {
                        throw new IllegalArgumentException("columns that differ only in case: " + same);
                    }
                });
    }

    private static String declarations(Table table) {
        return table.columns().stream()
                .map(column -> DuckDb.identifier(column.name()) + " " + sqlType(column.type()))
                .collect(Collectors.joining(", "));
    }

    private static String sqlType(Table.Type type) {
        return switch (type) {
            case TEXT -> "VARCHAR";
            case LONG -> "BIGINT";
            case DOUBLE -> "DOUBLE";
        };
    }

    /** Makes a temporary table of a connection's own, with these rows. */
    static void createTable(DuckDBConnection connection, String name, Table table) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE TEMP TABLE " + DuckDb.identifier(name) + " (" + declarations(table) + ")");
        }
        append(table, connection, name);
    }

    private static void append(Table table, DuckDBConnection connection, String name) throws SQLException {
        try (DuckDBAppender appender = connection.createAppender(DuckDBConnection.DEFAULT_SCHEMA, name)) {
            for (Table.Row row : table.rows()) {
                appender.beginRow();
                for (Table.Column column : table.columns()) {
                    appendCell(appender, column.type(), row.value(column.name()));
                }
                appender.endRow();
            }
        }
    }

    private static void appendCell(DuckDBAppender appender, Table.Type type, @Nullable Object value)
            throws SQLException {
        if (value == null) {
            appender.append((String) null); // the appender's only way to NULL, whatever the column's type
            return;
        }
        switch (type) {
            case TEXT -> appender.append((String) value);
            case LONG -> appender.append((long) (Long) value);
            case DOUBLE -> appender.append((double) (Double) value);
        }
    }
}
