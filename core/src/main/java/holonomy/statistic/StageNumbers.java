package holonomy.statistic;

import holonomy.data.Table;
import holonomy.data.Table.Row;
import holonomy.inference.Scale;
import holonomy.probe.LinearStudy;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Numbers of results that are computed from runs at stages: linear probes, commutators in other seeds' paths. */
public final class StageNumbers {
    /** The column that names a stage. */
    public static final Table.Column STAGE = Table.text("stage");

    private StageNumbers() {}

    /** A number of each run's rows of a table that satisfy a condition. */
    public static RunNumber of(
            String label, Scale scale, Supplier<Table> table, Predicate<Row> rows, RowsNumber number) {
        return new RunNumber(
                label, scale, runs -> Rows.reduced(Rows.byRun(table.get().where(rows)), number));
    }

    /** Whether a row is of a stage. */
    public static Predicate<Row> at(String stage) {
        return row -> row.text(STAGE).equals(stage);
    }

    /** A number of the first row of a layer. */
    public static RowsNumber onLayer(int layer, RowNumber number) {
        return rows -> rows.stream()
                .filter(row -> row.number(LinearStudy.LAYER) == layer)
                .findFirst()
                .map(number::of)
                .orElse(Double.NaN);
    }

    /**
     * The first layer whose probe covers at least nine tenths of the way from the majority's share to the best layer's accuracy; -1 for the embeddings. NaN where no layer
     * beats the majority.
     */
    public static double firstLayer(List<Row> rows) {
        RowNumber accuracy = RowNumber.of(LinearStudy.PROBE_ACCURACY);
        double best = Reduction.MOST.of(rows, accuracy);
        double majority = rows.isEmpty() ? Double.NaN : rows.get(0).number(LinearStudy.MAJORITY);
        if (!(best > majority)) {
            return Double.NaN;
        }
        return Reduction.LEAST.of(
                rows.stream()
                        .filter(row -> accuracy.of(row) >= majority + .9 * (best - majority))
                        .toList(),
                RowNumber.of(LinearStudy.LAYER));
    }
}
