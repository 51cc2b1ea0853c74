package holonomy.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** In-memory DuckDB connections that write no temporary files and load no extensions, and the way of their results into a {@link Table}. */
final class DuckDb {
    private static final Path MAPPED_FILES = Path.of("/proc/self/maps");
    private static boolean loaded;
    private static @Nullable UserError obstacle;
    private static @Nullable DuckDBConnection singleThreaded;

    private DuckDb() {}

    /**
     * A connection to the one in-memory database of a single thread: rows keep their order, and so equal tables have equal bytes. To open a
     * database takes 8 ms, to connect to an open one 0.1; so connections share it and keep to temporary tables, which no other sees.
     */
    static synchronized DuckDBConnection inOrder() throws SQLException {
        if (singleThreaded == null) {
            singleThreaded = open(1);
        }
        return (DuckDBConnection) singleThreaded.duplicate();
    }

    /** A new, empty in-memory database that uses all cores. */
    static DuckDBConnection parallel() throws SQLException {
        return open(Runtime.getRuntime().availableProcessors());
    }

    private static DuckDBConnection open(int threads) throws SQLException {
        Properties settings = new Properties();
        settings.setProperty("threads", Integer.toString(threads));
        settings.setProperty("temp_directory", "");
        settings.setProperty("autoinstall_known_extensions", "false");
        settings.setProperty("autoload_known_extensions", "false");
        DuckDBConnection connection = connect(settings);
        forgetLibraryFile();
        return connection;
    }

    /** A connection, whose making loads the driver's library: a JVM tries that once only, so the reason is kept. */
    private static synchronized DuckDBConnection connect(Properties settings) throws SQLException {
        if (obstacle != null) {
            throw obstacle;
        }
        try {
            return (DuckDBConnection) DriverManager.getConnection("jdbc:duckdb:", settings);
        } catch (LinkageError failure) {
            obstacle = TemporaryFolder.unusable(failure);
            throw obstacle;
        }
    }

    /**
     * The driver copies its 50 MB library to a temporary file, which a killed process would leave behind. Where the system keeps a
     * deleted file that is mapped (Linux), it is deleted as soon as it is loaded.
     */
    private static synchronized void forgetLibraryFile() {
        if (loaded || !Files.isReadable(MAPPED_FILES)) {
            return;
        }
        loaded = true;
        try (Stream<String> lines = Files.lines(MAPPED_FILES)) {
            Set<String> libraries = lines.filter(line -> line.contains("/libduckdb_java"))
                    .map(line -> line.substring(line.indexOf('/')))
                    .collect(Collectors.toSet());
            for (String library : libraries) {
                Files.deleteIfExists(Path.of(library));
            }
        } catch (IOException e) {
            // Only tidiness is lost: the file goes when the process ends in an orderly way.
            LoggerFactory.getLogger(DuckDb.class).debug("cannot delete DuckDB's library file early", e);
        }
    }

    /** A text as an SQL literal. */
    static String literal(String text) {
        return "'" + text.replace("'", "''") + "'";
    }

    /** A name as an SQL identifier. */
    static String identifier(String name) {
        return "\"" + name.replace("\"", "\"\"") + "\"";
    }

    /** A file as a literal for {@code read_parquet}, which would take {@code * ? [} in it for a pattern. */
    static String fileToRead(Path file) {
        return literal(file.toAbsolutePath().toString().replaceAll("[\\[*?]", "[$0]"));
    }

    /** All rows of a result; whole-number types become LONG, other numbers DOUBLE, everything else TEXT. */
    static Table table(ResultSet result) throws SQLException {
        return answer(result, Integer.MAX_VALUE).table();
    }

    /** As {@link #table}, but keeps the first {@code most} rows only, and counts all. */
    static Query.Answer answer(ResultSet result, int most) throws SQLException {
        List<Table.Column> columns = columns(result);
        Table.Builder builder = Table.builder(columns);
        long rows = 0;
        for (; result.next(); rows++) {
            if (rows < most) {
                @Nullable Object[] row = new Object[columns.size()];
                for (int i = 0; i < row.length; i++) {
                    row[i] = cell(result, i + 1, columns.get(i).type());
                }
                builder.row(row);
            }
        }
        return new Query.Answer(builder.build(), rows);
    }

    private static List<Table.Column> columns(ResultSet result) throws SQLException {
        List<Table.Column> columns = new ArrayList<>();
        Set<String> taken = new HashSet<>();
        for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
            String label = result.getMetaData().getColumnLabel(i);
            String name = label;
            for (int n = 2; !taken.add(name); n++) {
                name = label + "_" + n;
            }
            columns.add(new Table.Column(name, type(result.getMetaData().getColumnTypeName(i))));
        }
        return columns;
    }

    private static Table.Type type(String sqlType) {
        return switch (sqlType) {
            case "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER" -> Table.Type.LONG;
            case "FLOAT", "DOUBLE", "HUGEINT", "UHUGEINT", "UBIGINT" -> Table.Type.DOUBLE;
            default -> sqlType.startsWith("DECIMAL") ? Table.Type.DOUBLE : Table.Type.TEXT;
        };
    }

    private static @Nullable Object cell(ResultSet result, int column, Table.Type type) throws SQLException {
        Object value =
                switch (type) {
                    case LONG -> result.getLong(column);
                    case DOUBLE -> result.getDouble(column);
                    case TEXT -> result.getString(column);
                };
        return result.wasNull() ? null : value;
    }
}
