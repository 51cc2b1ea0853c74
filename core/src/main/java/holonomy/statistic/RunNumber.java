package holonomy.statistic;

import holonomy.data.Table.Row;
import holonomy.experiment.SeedValues;
import holonomy.measure.Measure;
import holonomy.stats.Scale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * A number of every run of a set, as a value: what number of which rows, in which form and phase, reduced how.
 *
 * @param label what it is, with its unit
 * @param scale on which scale an interval over seeds is built
 * @param byRun the number of each run by its id; undefined in a run that is missing
 */
public record RunNumber(String label, Scale scale, Function<RunSet, Map<String, Double>> byRun) {
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
        return runs.perSeed(label, scale, run -> numbers.getOrDefault(run.id(), Double.NaN));
    }
}
