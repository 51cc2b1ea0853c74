package holonomy.data;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Tables as CSV (RFC 4180, but lines end in a line feed): UTF-8, a header, a point as decimal mark, doubles as the shortest text that
 * reads back. A missing cell is nothing, an empty text is {@code ""}, infinities are {@code inf} and {@code -inf}.
 */
public final class Csv {
    private static final Pattern MUST_QUOTE = Pattern.compile("[\",\r\n]|^$|^\\s|\\s$");

    private Csv() {}

    /** Writes a file, replacing what is there. Not atomic: see {@link AtomicFiles}. */
    public static void write(Table table, Path file) throws IOException {
        try (BufferedWriter out = Files.newBufferedWriter(file, StandardCharsets.UTF_8)) {
            write(table, out);
        }
    }

    /** The table as CSV. */
    public static String text(Table table) {
        StringBuilder out = new StringBuilder();
        try {
            write(table, out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toString();
    }

    private static void write(Table table, Appendable out) throws IOException {
        out.append(table.columns().stream().map(column -> quoted(column.name())).collect(Collectors.joining(",")));
        out.append('\n');
        for (Table.Row row : table.rows()) {
            out.append(table.columns().stream()
                    .map(column -> cell(row.value(column.name())))
                    .collect(Collectors.joining(",")));
            out.append('\n');
        }
    }

    private static String cell(@Nullable Object value) {
        if (value == null) {
            return "";
        }
        if (value instanceof Double number) {
            return number.isInfinite() ? (number > 0 ? "inf" : "-inf") : ShortestNumber.of(number);
        }
        return value instanceof String text ? quoted(text) : value.toString();
    }

    private static String quoted(String text) {
        return MUST_QUOTE.matcher(text).find() ? '"' + text.replace("\"", "\"\"") + '"' : text;
    }
}
