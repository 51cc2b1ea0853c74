package holonomy.statistic;

import holonomy.data.Table.Row;
import holonomy.experiment.SeedValues;
import holonomy.measure.Measure;
import holonomy.stats.Scale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;

/**
 * A number of every run of a set, as a value: what number of which rows, in which form and phase, reduced how.
 *
 * @param label what it is, with its unit
 * @param scale on which scale an interval over seeds is built
 * @param byRun the number of each run by its id; undefined in a run that is missing
 * @param grain how coarsely it is read in these runs, in its unit; 0 where it is read as it is
 */
public record RunNumber(
        String label, Scale scale, Function<RunSet, Map<String, Double>> byRun, ToDoubleFunction<RunSet> grain) {
    /** A number that is read as it is. */
    public RunNumber(String label, Scale scale, Function<RunSet, Map<String, Double>> byRun) {
        this(label, scale, byRun, runs -> 0);
    }

    /** The same, read as coarsely as this says. */
    public RunNumber grained(ToDoubleFunction<RunSet> other) {
        return new RunNumber(label, scale, byRun, other);
    }

    /** A number of each run's rows of a measure; undefined in a run that has none. */
    public static RunNumber of(String label, Scale scale, Measure measure, Predicate<Row> rows, RowsNumber number) {
        return new RunNumber(
                label,
                scale,
                runs -> Rows.reduced(Rows.byRun(runs.table(measure).where(rows)), number));
    }

    /** The number per seed. */
    public SeedValues of(RunSet runs) {
        Map<String, Double> numbers = byRun.apply(runs);
        return runs.perSeed(label, scale, run -> numbers.getOrDefault(run.id(), Double.NaN))
                .grained(grain.applyAsDouble(runs));
    }
}
