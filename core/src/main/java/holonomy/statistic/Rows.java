package holonomy.statistic;

import holonomy.data.Table;
import holonomy.data.Table.Row;
import holonomy.measure.Measure;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Rows of a long table, taken apart and reduced. Groups come in the order in which they first occur, rows keep theirs. */
public final class Rows {
    private Rows() {}

    /** The rows by a key. */
    public static <K> Map<K, List<Row>> by(List<Row> rows, Function<Row, K> key) {
        return rows.stream().collect(Collectors.groupingBy(key, LinkedHashMap::new, Collectors.toList()));
    }

    /** The rows of each run, by its id. */
    public static Map<String, List<Row>> byRun(Table table) {
        return by(table.rows(), row -> row.text(RunSet.RUN));
    }

    /** The rows of each run at which a column (a step, a number of snapshots) is largest in it. */
    public static Table atLast(Table table, Table.Column column) {
        Map<String, Double> last = last(table, column);
        return table.where(row -> row.number(column) == last.get(row.text(RunSet.RUN)));
    }

    /** The rows at which a column is largest in the whole table. */
    public static Table atLargest(Table table, Table.Column column) {
        double largest = largest(table, column);
        return table.where(row -> row.number(column) == largest);
    }

    /** The largest distance of successive moments of a run, in steps: how late a step read off these rows may be. 0 without two moments. */
    public static double spacing(Table table) {
        return largestGap(table, false);
    }

    /** {@link #spacing} as a share of the run's last step. */
    public static double spacingShare(Table table) {
        return largestGap(table, true);
    }

    private static double largestGap(Table table, boolean share) {
        double largest = 0;
        for (List<Row> rows : byRun(table).values()) {
            double[] steps = rows.stream()
                    .mapToDouble(row -> row.number(Measure.STEP))
                    .sorted()
                    .toArray();
            for (int i = 1; i < steps.length; i++) {
                largest = Math.max(largest, (steps[i] - steps[i - 1]) / (share ? steps[steps.length - 1] : 1));
            }
        }
        return largest;
    }

    /** The largest number of a column in each run, by its id. */
    static Map<String, Double> last(Table table, Table.Column column) {
        return reduced(byRun(table), rows -> Reduction.MOST.of(rows, RowNumber.of(column)));
    }

    /** The table with a column behind its own that holds a number of each row. */
    public static Table with(Table table, Table.Column column, RowNumber number) {
        List<Table.Column> columns = new ArrayList<>(table.columns());
        columns.add(column);
        Table.Builder rows = Table.builder(columns);
        for (Row row : table.rows()) {
            List<@Nullable Object> cells = new ArrayList<>();
            table.columns().forEach(own -> cells.add(row.value(own)));
            cells.add(number.of(row));
            rows.row(cells.toArray());
        }
        return rows.build();
    }

    /** The distinct numbers of a column, ascending: a figure's ticks. */
    public static List<Double> distinct(Table table, Table.Column column) {
        return table.rows().stream()
                .map(row -> row.number(column))
                .distinct()
                .sorted()
                .toList();
    }

    /** The largest number of a column; NaN without rows. */
    public static double largest(Table table, Table.Column column) {
        return Reduction.MOST.of(table.rows(), RowNumber.of(column));
    }

    /** A number of each group. */
    static <K> Map<K, Double> reduced(Map<K, List<Row>> groups, RowsNumber number) {
        Map<K, Double> numbers = new LinkedHashMap<>();
        groups.forEach((key, rows) -> numbers.put(key, number.of(rows)));
        return numbers;
    }
}
