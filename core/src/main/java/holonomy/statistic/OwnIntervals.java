package holonomy.statistic;

import holonomy.data.Table;
import holonomy.data.Table.Column;
import holonomy.data.Table.Row;
import holonomy.inference.Estimate;
import holonomy.inference.Proportion;
import holonomy.measure.Accuracy;
import holonomy.measure.SetColumn;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * How far one evaluation knows a run's accuracy: of n sequences drawn apart, each asked once, k are answered right, and the accuracy on all such sequences lies within Wilson's
 * interval of {@code k/n} ({@link Proportion#wilson}). It says nothing of other seeds.
 */
public final class OwnIntervals {
    /** Lower end, dimensionless; missing where answers are not drawn apart. */
    public static final Column LOWER = Table.quantity("own_lower");

    /** Upper end. */
    public static final Column UPPER = Table.quantity("own_upper");

    private OwnIntervals() {}

    /** A measure's rows of these runs with {@link #LOWER} and {@link #UPPER} of each evaluation; both missing on whole sets, of which nothing was drawn. */
    public static Table of(RunSet runs, Accuracy measure) {
        Map<List<String>, Integer> answers = new HashMap<>();
        for (RunSet.Member run : runs.members()) {
            run.task()
                    .evaluationSets()
                    .forEach(set ->
                            answers.put(List.of(run.id(), SetColumn.name(set)), set.answers(measure.sequences())));
        }
        return of(
                runs.table(measure),
                row -> answers.getOrDefault(List.of(row.text(RunSet.RUN), SetColumn.name(row)), 0));
    }

    /** Rows of accuracies with their ends, by the number of answers behind each; 0: none. */
    static Table of(Table rows, ToIntFunction<Row> answers) {
        List<Column> columns = new ArrayList<>(rows.columns());
        columns.addAll(List.of(LOWER, UPPER));
        Table.Builder table = Table.builder(columns);
        for (Row row : rows.rows()) {
            List<@Nullable Object> cells = new ArrayList<>();
            rows.columns().forEach(column -> cells.add(row.value(column)));
            int n = answers.applyAsInt(row);
            Estimate own = n == 0 ? null : Proportion.wilson((int) Math.round(row.number(Accuracy.ACCURACY) * n), n);
            cells.add(own == null ? null : own.low());
            cells.add(own == null ? null : own.high());
            table.row(cells.toArray());
        }
        return table.build();
    }
}
