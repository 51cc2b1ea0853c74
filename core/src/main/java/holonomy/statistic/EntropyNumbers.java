package holonomy.statistic;

import holonomy.data.Table;
import holonomy.inference.Scale;
import holonomy.measure.AttentionEntropy;
import holonomy.measure.Measure;
import holonomy.measure.SubspaceDistance;
import holonomy.task.Task;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Numbers of how sharply heads attend: entropy of the last token's attention in the last layer, nats, mean over heads and m, over the steps. */
public record EntropyNumbers(AttentionEntropy measure) {
    private static final Table.Column M = Table.text("m");

    /** ln T: the entropy of attention that all of a task's T tokens share alike. */
    public static double uniform(Task task) {
        return Math.log(task.length());
    }

    /** The rows of one quantity. */
    public Table rows(RunSet runs, String quantity) {
        return runs.table(measure)
                .where(row -> row.text(AttentionEntropy.QUANTITY).equals(quantity));
    }

    /** Mean over heads in the last layer: columns run, seed, m, step, value. */
    public Table lastLayer(RunSet runs) {
        Table rows = rows(runs, AttentionEntropy.LAST);
        double layer = Rows.largest(rows, Measure.LAYER);
        return Cells.of(
                        rows.where(row -> row.number(Measure.LAYER) == layer),
                        List.of(
                                Cells.Key.of(RunSet.RUN),
                                Cells.Key.of(RunSet.SEED),
                                new Cells.Key(M, row -> row.text(Measure.M)),
                                Cells.Key.of(Measure.STEP)))
                .mean(Measure.VALUE);
    }

    /** Entropy at the end by layer, mean over m, heads from highest to lowest: columns seed, layer, head, value. */
    public Table byHead(RunSet runs) {
        Table rows = rows(runs, AttentionEntropy.LAST);
        double end = Rows.largest(rows, Measure.STEP);
        Table heads = Cells.of(
                        rows.where(row -> row.number(Measure.STEP) == end), RunSet.SEED, Measure.LAYER, Measure.HEAD)
                .mean(Measure.VALUE);
        Table.Builder ordered = Table.builder(heads.columns());
        Rows.by(heads.rows(), row -> Arrays.asList(row.value(RunSet.SEED), row.value(Measure.LAYER)))
                .forEach((of, own) -> {
                    double[] entropies = own.stream()
                            .mapToDouble(row -> -row.number(Measure.VALUE))
                            .sorted()
                            .toArray();
                    for (int rank = 0; rank < entropies.length; rank++) {
                        ordered.row(of.get(0), of.get(1), rank, -entropies[rank]);
                    }
                });
        return ordered.build();
    }

    /** At the first evaluation from {@code step} on. */
    public RunNumber after(long step) {
        return number(
                "entropy after " + step + " steps", Scale.IDENTITY, curve -> curve.where(point -> point.step() >= step)
                        .first());
    }

    /** At the end minus at the start. */
    public RunNumber change() {
        return number("entropy at the end minus at the start", Scale.IDENTITY, curve -> curve.last() - curve.first());
    }

    /** Largest fall between two evaluations as a share of all falls, dimensionless: near 1 for one jump. */
    public RunNumber largestFall() {
        return number("largest fall of the entropy between two evaluations over all falls", Scale.LOGIT, curve -> {
            double[] values = curve.values();
            double all = 0;
            double largest = 0;
            for (int i = 1; i < values.length; i++) {
                double fall = Math.max(values[i - 1] - values[i], 0);
                all += fall;
                largest = Math.max(largest, fall);
            }
            return all > 0 ? largest / all : Double.NaN;
        });
    }

    /** How far apart, in shares of the training, entropy and distance to the final subspace have gone half of the way from largest to smallest. */
    public RunNumber halfTimesApart(SubspaceDistance distance) {
        return new RunNumber(
                        "time between the half falls of entropy and of distance, share of training",
                        Scale.LOGIT,
                        runs -> {
                            Map<String, Curve> far = distances(runs, distance);
                            Map<String, Double> apart = new LinkedHashMap<>();
                            curves(runs)
                                    .forEach((run, curve) ->
                                            apart.put(run, Math.abs(halfTime(curve) - halfTime(far.get(run)))));
                            return apart;
                        })
                .grained(runs -> Math.max(
                        Rows.spacingShare(rows(runs, AttentionEntropy.LAST)), Rows.spacingShare(runs.table(distance))));
    }

    /** The same for a distance that falls steadily: half of it at half of the training. */
    public RunNumber halfTimesApartFromSteady() {
        return number(
                        "time between the half falls of entropy and of a steady fall, share of training",
                        Scale.LOGIT,
                        curve -> Math.abs(halfTime(curve) - .5))
                .grained(runs -> Rows.spacingShare(rows(runs, AttentionEntropy.LAST)));
    }

    /** Entropy against the distance to the final subspace over |w_n - w_0|, mean over blocks: columns seed, step, distance, entropy. */
    public Table againstDistance(RunSet runs, SubspaceDistance distance) {
        Table.Builder table = Table.builder(
                List.of(RunSet.SEED, Measure.STEP, Table.quantity("distance"), Table.quantity("entropy")));
        Map<String, Curve> far = distances(runs, distance);
        Map<String, Curve> entropies = curves(runs);
        for (RunSet.Member run : runs.members()) {
            for (Curve.Point point : entropies.get(run.id()).points()) {
                double distant = far.get(run.id())
                        .where(other -> other.step() == point.step())
                        .first();
                table.row(run.seed(), (long) point.step(), distant, point.value());
            }
        }
        return table.build();
    }

    private RunNumber number(String label, Scale scale, Function<Curve, Double> number) {
        return new RunNumber(label, scale, runs -> {
            Map<String, Double> numbers = new LinkedHashMap<>();
            curves(runs).forEach((run, curve) -> numbers.put(run, number.apply(curve)));
            return numbers;
        });
    }

    private Map<String, Curve> curves(RunSet runs) {
        return curves(lastLayer(runs), RowNumber.of(Measure.VALUE));
    }

    private static Map<String, Curve> distances(RunSet runs, SubspaceDistance distance) {
        return curves(
                runs.table(distance),
                RowNumber.of(SubspaceDistance.TO_SUBSPACE).over(RowNumber.of(SubspaceDistance.PATH)));
    }

    private static Map<String, Curve> curves(Table table, RowNumber number) {
        Map<String, Curve> curves = new LinkedHashMap<>();
        Rows.byRun(table).forEach((run, rows) -> curves.put(run, Curve.of(rows, number, Reduction.MEAN)));
        return curves;
    }

    /** First time, as a share of the training, at which a curve has passed the middle of its range from above. */
    private static double halfTime(Curve curve) {
        double peak = curve.reduced(Reduction.MOST);
        double from = curve.firstStep(point -> point.value() == peak);
        Curve after = curve.where(point -> point.step() >= from);
        double middle = (peak + after.reduced(Reduction.LEAST)) / 2;
        return after.firstStep(point -> point.value() <= middle) / curve.end();
    }
}
