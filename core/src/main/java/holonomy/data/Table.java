package holonomy.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * An immutable long table: named, typed columns and rows. Every measure fills one, every figure is drawn from one.
 *
 * <p>A cell is a {@link String}, a {@link Long}, a {@link Double} or missing (null). Identifiers are text or whole numbers, quantities
 * are doubles; a quantity that is undefined (a norm ratio with zero norm) is missing, never 0 or infinity.
 */
public final class Table {
    /** What a column's cells hold. */
    public enum Type {
        TEXT,
        LONG,
        DOUBLE
    }

    /** Name and type of one column. */
    public record Column(String name, Type type) {}

    private final List<Column> columns;
    private final Map<String, Integer> positions = new LinkedHashMap<>();
    private final List<@Nullable Object[]> rows;

    private Table(List<Column> columns, List<@Nullable Object[]> rows) {
        this.columns = List.copyOf(columns);
        this.rows = rows;
        for (int i = 0; i < columns.size(); i++) {
            if (positions.put(columns.get(i).name(), i) != null) {
                throw new IllegalArgumentException(
                        "table has two columns named '" + columns.get(i).name() + "'");
            }
        }
    }

    /** A builder of a table with these columns. */
    public static Builder builder(List<Column> columns) {
        return new Builder(columns, () -> {});
    }

    /** A builder that runs something before each row is added; what it throws keeps the row out. */
    public static Builder builder(List<Column> columns, Runnable beforeEachRow) {
        return new Builder(columns, beforeEachRow);
    }

    /** A text column. */
    public static Column text(String name) {
        return new Column(name, Type.TEXT);
    }

    /** A column of whole numbers. */
    public static Column whole(String name) {
        return new Column(name, Type.LONG);
    }

    /** A column of quantities. */
    public static Column quantity(String name) {
        return new Column(name, Type.DOUBLE);
    }

    public List<Column> columns() {
        return columns;
    }

    public int size() {
        return rows.size();
    }

    public boolean has(String column) {
        return positions.containsKey(column);
    }

    /** A cell; null when missing. */
    public @Nullable Object value(int row, String column) {
        return rows.get(row)[position(column)];
    }

    /** A cell of a LONG or DOUBLE column as a double; NaN when missing. */
    public double number(int row, String column) {
        Object cell = value(row, column);
        return cell == null ? Double.NaN : ((Number) cell).doubleValue();
    }

    /** A cell as text; empty when missing. */
    public String text(int row, String column) {
        return Objects.toString(value(row, column), "");
    }

    /** One row, read by column name. */
    public final class Row {
        private final int index;

        private Row(int index) {
            this.index = index;
        }

        /** Whether its table has a column. */
        public boolean has(Column column) {
            return Table.this.has(column.name());
        }

        public double number(String column) {
            return Table.this.number(index, column);
        }

        public double number(Column column) {
            return number(column.name());
        }

        public String text(Column column) {
            return text(column.name());
        }

        public @Nullable Object value(Column column) {
            return value(column.name());
        }

        public String text(String column) {
            return Table.this.text(index, column);
        }

        public @Nullable Object value(String column) {
            return Table.this.value(index, column);
        }
    }

    /** All rows, in order. */
    public List<Row> rows() {
        List<Row> result = new ArrayList<>(size());
        for (int i = 0; i < size(); i++) {
            result.add(new Row(i));
        }
        return result;
    }

    /** The rows that satisfy a condition, in order. */
    public Table where(Predicate<Row> condition) {
        List<@Nullable Object[]> kept = new ArrayList<>();
        for (int i = 0; i < size(); i++) {
            if (condition.test(new Row(i))) {
                kept.add(rows.get(i));
            }
        }
        return new Table(columns, kept);
    }

    /** This table with constant columns put before its own. */
    public Table labelled(Map<Column, ? extends @Nullable Object> labels) {
        List<Column> all = new ArrayList<>(labels.keySet());
        @Nullable
        Object[] front = builder(all).row(labels.values().toArray()).rows.get(0);
        all.addAll(columns);
        List<@Nullable Object[]> labelled = new ArrayList<>(rows.size());
        for (@Nullable Object[] row : rows) {
            @Nullable Object[] cells = Arrays.copyOf(front, all.size());
            System.arraycopy(row, 0, cells, front.length, row.length);
            labelled.add(cells);
        }
        return new Table(all, labelled);
    }

    /** The rows of several tables with equal columns, one after the other. */
    public static Table concat(List<Table> tables) {
        if (tables.isEmpty()) {
            throw new IllegalArgumentException("concat: no table given");
        }
        List<Column> columns = tables.get(0).columns;
        List<@Nullable Object[]> all = new ArrayList<>();
        for (Table table : tables) {
            if (!table.columns.equals(columns)) {
                throw new IllegalArgumentException("concat: columns differ: " + columns + " and " + table.columns);
            }
            all.addAll(table.rows);
        }
        return new Table(columns, all);
    }

    private int position(String column) {
        Integer position = positions.get(column);
        if (position == null) {
            throw new IllegalArgumentException(
                    "no column '" + column + "'; the table has " + String.join(", ", positions.keySet()));
        }
        return position;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        if (!(other instanceof Table table) || !columns.equals(table.columns) || size() != table.size()) {
            return false;
        }
        for (int i = 0; i < size(); i++) {
            if (!java.util.Arrays.equals(rows.get(i), table.rows.get(i))) {
                return false;
            }
        }
        return true;
    }

    @Override
    public int hashCode() {
        return 31 * columns.hashCode() + size();
    }

    @Override
    public String toString() {
        return "Table" + positions.keySet() + " x " + size();
    }

    /** Collects rows. Not thread-safe. */
    public static final class Builder {
        private final List<Column> columns;
        private final List<@Nullable Object[]> rows = new ArrayList<>();

        private final Runnable beforeEachRow;

        private Builder(List<Column> columns, Runnable beforeEachRow) {
            this.columns = List.copyOf(columns);
            this.beforeEachRow = beforeEachRow;
        }

        /**
         * Adds a row. Whole numbers may be given as any integer type, quantities as float or double; NaN becomes missing.
         *
         * @param cells one per column, in order
         */
        public Builder row(@Nullable Object... cells) {
            beforeEachRow.run();
            if (cells.length != columns.size()) {
                throw new IllegalArgumentException(
                        "row has " + cells.length + " cells, the table " + columns.size() + " columns: " + columns);
            }
            @Nullable Object[] row = new Object[cells.length];
            for (int i = 0; i < cells.length; i++) {
                row[i] = cell(columns.get(i), cells[i]);
            }
            rows.add(row);
            return this;
        }

        /** Adds the rows of a table with the same columns. */
        public Builder rows(Table table) {
            if (!table.columns.equals(columns)) {
                throw new IllegalArgumentException("rows: expected columns " + columns + ", found " + table.columns);
            }
            rows.addAll(table.rows);
            return this;
        }

        /** Number of rows so far. */
        public int size() {
            return rows.size();
        }

        public Table build() {
            return new Table(columns, new ArrayList<>(rows));
        }

        private static @Nullable Object cell(Column column, @Nullable Object value) {
            if (value == null) {
                return null;
            }
            return switch (column.type()) {
                case TEXT -> value.toString();
                case LONG -> ((Number) value).longValue();
                case DOUBLE -> {
                    double number = ((Number) value).doubleValue();
                    yield Double.isNaN(number) ? null : (Object) number;
                }
            };
        }
    }
}
