package holonomy.statistic;

import holonomy.data.Table;
import holonomy.data.Table.Column;
import holonomy.data.Table.Row;
import holonomy.measure.Measure;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Rows of a figure: those of a long table, reduced within cells that some keys tell apart. Nothing is modified. */
public final class Cells {
    private final List<Column> keys;
    private final Map<List<@Nullable Object>, List<Row>> cells;

    private Cells(List<Key> keys, List<Row> rows) {
        this.keys = keys.stream().map(Key::column).toList();
        cells = Rows.by(
                rows,
                row -> Arrays.asList(
                        keys.stream().map(key -> key.of().apply(row)).toArray()));
    }

    /** What tells cells apart: a column of the result, and its cell for a row. */
    public record Key(Column column, Function<Row, @Nullable Object> of) {
        /** A column that the rows have. */
        public static Key of(Column column) {
            return new Key(column, row -> row.value(column));
        }
    }

    /** The kind of matrix at the end of a block's name: {@code W_Q} of {@code layers.0.W_Q}. */
    public static final Key MATRIX_OF_BLOCK = new Key(Measure.MATRIX, row -> row.text(Measure.BLOCK)
            .substring(row.text(Measure.BLOCK).lastIndexOf('.') + 1));

    /** The rows by these keys. */
    public static Cells of(Table rows, List<Key> keys) {
        return new Cells(keys, rows.rows());
    }

    /** The rows by columns of theirs. */
    public static Cells of(Table rows, Column... keys) {
        return of(rows, Arrays.stream(keys).map(Key::of).toList());
    }

    /** One row per cell: the keys, then a number of its rows in each of these columns. */
    public Table numbers(Map<Column, RowsNumber> numbers) {
        List<Column> columns = new ArrayList<>(keys);
        columns.addAll(numbers.keySet());
        Table.Builder table = Table.builder(columns);
        cells.forEach((key, rows) -> {
            List<@Nullable Object> cells = new ArrayList<>(key);
            numbers.values().forEach(number -> cells.add(number.of(rows)));
            table.row(cells.toArray());
        });
        return table.build();
    }

    /** One row per cell: the keys, and a number of its rows, reduced, in the column {@code value}. */
    public Table reduced(RowNumber number, Reduction reduction) {
        return numbers(Map.of(Measure.VALUE, RowsNumber.of(number, reduction)));
    }

    /** One row per cell: the mean of a column. */
    public Table mean(Column column) {
        return reduced(RowNumber.of(column), Reduction.MEAN);
    }

    /** The first table's rows with {@code value} less that of the second table's row with the same other cells, which must be there. */
    public static Table difference(Table one, Table other) {
        Map<List<@Nullable Object>, Double> subtrahends = new HashMap<>();
        other.rows().forEach(row -> subtrahends.put(keys(other, row), row.number(Measure.VALUE)));
        Table.Builder rows = Table.builder(one.columns());
        for (Row row : one.rows()) {
            List<@Nullable Object> cells = keys(one, row);
            double difference = row.number(Measure.VALUE) - Objects.requireNonNull(subtrahends.get(cells));
            cells.add(difference);
            rows.row(cells.toArray());
        }
        return rows.build();
    }

    private static List<@Nullable Object> keys(Table table, Row row) {
        List<@Nullable Object> keys = new ArrayList<>();
        table.columns().stream()
                .filter(column -> !column.equals(Measure.VALUE))
                .forEach(column -> keys.add(row.value(column)));
        return keys;
    }
}
