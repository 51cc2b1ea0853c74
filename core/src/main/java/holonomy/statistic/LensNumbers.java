package holonomy.statistic;

import holonomy.data.Table;
import holonomy.inference.Scale;
import holonomy.measure.LogitLens;
import holonomy.measure.Measure;
import java.util.List;

/** Numbers of a {@link LogitLens} at the last moment; layer -1 are the embeddings. */
public record LensNumbers(LogitLens measure) {
    /** Accuracy after a layer, dimensionless. */
    public RunNumber accuracyAfter(int layer) {
        return number(
                        "accuracy on '" + measure.set() + "' after layer " + layer + " at the end",
                        Scale.LOGIT,
                        rows -> one(rows, LogitLens.ACCURACY, layer))
                .grained(runs -> 1.0 / measure.sequences());
    }

    /** A layer's part of the target's logit over the sum of all parts; dimensionless, NaN where that is not above 0. */
    public RunNumber shareOfLogit(int layer) {
        return number(
                "share of layer " + layer + " in the target's logit on '" + measure.set() + "' at the end",
                Scale.IDENTITY,
                rows -> {
                    double sum = rows.stream()
                            .filter(row -> row.text(Measure.STATISTIC).equals(LogitLens.PART))
                            .mapToDouble(row -> row.number(Measure.VALUE))
                            .sum();
                    return sum > 0 ? one(rows, LogitLens.PART, layer) / sum : Double.NaN;
                });
    }

    private RunNumber number(String label, Scale scale, RowsNumber atEnd) {
        return RunNumber.of(label, scale, measure, row -> true, rows -> {
            double last = Reduction.MOST.of(rows, RowNumber.of(Measure.STEP));
            return atEnd.of(rows.stream()
                    .filter(row -> row.number(Measure.STEP) == last)
                    .toList());
        });
    }

    private static double one(List<Table.Row> rows, String statistic, int layer) {
        return rows.stream()
                .filter(row -> row.text(Measure.STATISTIC).equals(statistic) && row.number(Measure.LAYER) == layer)
                .mapToDouble(row -> row.number(Measure.VALUE))
                .findFirst()
                .orElse(Double.NaN);
    }
}
