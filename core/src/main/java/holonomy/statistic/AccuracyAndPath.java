package holonomy.statistic;

import holonomy.inference.Correlation;
import holonomy.inference.Scale;
import holonomy.measure.Accuracy;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleBiFunction;

/**
 * An accuracy or loss over a run beside a curve of its path, at the moments that have both (arXiv 2602.23696, section 4; spec/backbone.md, 4.10 and 4.27).
 *
 * @param evaluated on which set
 * @param curve of the path
 */
public record AccuracyAndPath(SetNumbers evaluated, BackboneNumbers curve) {
    /** Pearson's correlation of the accuracy and the curve over the moments after the first; two series that have a trend have it without any bond. */
    public RunNumber correlation(String path, String series) {
        return correlation("correlation", path, series, Correlation::pearson);
    }

    /** That of their changes from moment to moment: of a common trend alone it is 0. */
    public RunNumber correlationOfChanges(String path, String series) {
        return correlation("correlation of the changes", path, series, Correlation::ofChanges);
    }

    private RunNumber correlation(
            String what, String path, String series, ToDoubleBiFunction<double[], double[]> correlation) {
        return new RunNumber(
                what + " of the accuracy on '" + evaluated.set() + "' and '" + curve.statistic() + "'" + curve.of(path),
                Scale.CORRELATION,
                runs -> byRun(runs, path, series, Accuracy.ACCURACY, (run, accuracy, of) -> {
                    List<double[]> both = new ArrayList<>();
                    for (Curve.Point point : of.points()) {
                        Curve there = accuracy.where(other -> other.step() == point.step() && point.step() > 0);
                        if (!there.points().isEmpty()) {
                            both.add(new double[] {there.last(), point.value()});
                        }
                    }
                    return correlation.applyAsDouble(column(both, 0), column(both, 1));
                }));
    }

    /**
     * The curve where a run's loss has first come down to what another run of its seed ends with: geometry at equal loss. NaN where it never does.
     *
     * @param like one run per seed
     */
    public RunNumber atLossOf(RunSet like, String path, String series) {
        return new RunNumber(
                curve.statistic() + " where the loss on '" + evaluated.set() + "' is the other runs' last"
                        + curve.of(path),
                curve.scale(),
                runs -> {
                    Map<Long, Double> ends = evaluated.lossAtEnd().of(like).bySeed();
                    Map<String, Double> target = new LinkedHashMap<>();
                    runs.members().forEach(run -> target.put(run.id(), ends.getOrDefault(run.seed(), Double.NaN)));
                    return byRun(
                            runs,
                            path,
                            series,
                            Accuracy.LOSS,
                            (run, loss, of) -> of.at(loss.firstStep(at -> at.value() <= target.get(run))));
                });
    }

    private interface OfRun {
        double of(String run, Curve evaluated, Curve curve);
    }

    private Map<String, Double> byRun(
            RunSet runs, String path, String series, holonomy.data.Table.Column column, OfRun number) {
        Map<String, Curve> curves = curve.curves(runs, path, series);
        Map<String, Double> numbers = new LinkedHashMap<>();
        evaluated.curves(runs, RowNumber.of(column)).forEach((run, values) -> {
            if (curves.containsKey(run)) {
                numbers.put(run, number.of(run, values, curves.get(run)));
            }
        });
        return numbers;
    }

    private static double[] column(List<double[]> rows, int number) {
        return rows.stream().mapToDouble(row -> row[number]).toArray();
    }
}
