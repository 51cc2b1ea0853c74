package holonomy.statistic;

import holonomy.data.Table.Row;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;

/** One number of some rows of one run. NaN where undefined. */
@FunctionalInterface
public interface RowsNumber {
    double of(List<Row> rows);

    /** A number of each row, reduced. */
    static RowsNumber of(RowNumber number, Reduction reduction) {
        return rows -> reduction.of(rows, number);
    }

    /** The same of the rows that satisfy a condition. */
    default RowsNumber where(Predicate<Row> condition) {
        return rows -> of(rows.stream().filter(condition).toList());
    }

    /** This number of each group of rows, mean over the groups. */
    default RowsNumber meanOver(Function<Row, String> group) {
        return rows -> Reduction.MEAN.of(
                Rows.by(rows, group).values().stream().mapToDouble(this::of).toArray());
    }
}
