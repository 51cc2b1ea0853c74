package holonomy.statistic;

import holonomy.data.Table;

/** A number that a row of a measure's table gives: a column, or a formula of several. NaN where one of them is missing. */
@FunctionalInterface
public interface RowNumber {
    double of(Table.Row row);

    /** A column as it is. */
    static RowNumber of(Table.Column column) {
        return row -> row.number(column);
    }

    /** This over another number. */
    default RowNumber over(RowNumber divisor) {
        return row -> of(row) / divisor.of(row);
    }

    /** This times another number. */
    default RowNumber times(RowNumber factor) {
        return row -> of(row) * factor.of(row);
    }

    /** The square root. */
    default RowNumber root() {
        return row -> Math.sqrt(of(row));
    }
}
