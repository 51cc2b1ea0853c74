package holonomy.statistic;

import holonomy.data.Table;
import holonomy.data.Table.Column;
import holonomy.data.Table.Row;
import holonomy.inference.Scale;
import holonomy.measure.ConverseAlignment;
import holonomy.measure.Measure;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Numbers of how far a run moves along its commutators: |cos| over what a null gives, dimensionless. */
public record ConverseNumbers(ConverseAlignment measure) {
    public static final Column DEFECT = Table.quantity("defect");
    public static final Column RATIO = Table.quantity("ratio");

    private static RowNumber cosineOver(Column chance) {
        return RowNumber.of(ConverseAlignment.COSINE).over(RowNumber.of(chance));
    }

    /** Median over training of mean |cos| of a displacement with the commutators over a null's expectation. */
    public RunNumber alongCommutators(String label, String displacement, Column chance) {
        return RunNumber.of(
                label,
                Scale.LOG,
                measure,
                row -> row.text(ConverseAlignment.VECTOR).equals(displacement),
                RowsNumber.of(cosineOver(chance), Reduction.MEDIAN));
    }

    /**
     * The moments of the whole displacement at which commutators were measured too: this measure's columns, then {@link #DEFECT}, the moment's median D, and
     * {@link #RATIO}, |cos| over random signs.
     */
    public Table besideDefects(RunSet runs, CommutatorNumbers pairs, String form) {
        Map<List<String>, Double> defects = new HashMap<>();
        Rows.by(pairs.rows(runs, form).rows(), ConverseNumbers::moment)
                .forEach((moment, rows) -> defects.put(moment, Reduction.MEDIAN.of(rows, CommutatorNumbers.DEFECT)));
        Table both = runs.table(measure)
                .where(row -> row.text(ConverseAlignment.VECTOR).equals(ConverseAlignment.DISPLACEMENT)
                        && defects.containsKey(moment(row)));
        Table withDefect = Rows.with(both, DEFECT, row -> defects.get(moment(row)));
        return Rows.with(withDefect, RATIO, cosineOver(ConverseAlignment.COSINE_SIGNS));
    }

    private static List<String> moment(Row row) {
        return List.of(row.text(RunSet.RUN), row.text(Measure.STEP));
    }
}
