package holonomy.statistic;

import holonomy.claim.Claim;
import holonomy.claim.SeedValues;
import holonomy.data.Numbers;
import holonomy.data.Table;
import holonomy.data.Table.Column;
import holonomy.data.Table.Row;
import holonomy.inference.Scale;
import holonomy.measure.Measure;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;

/**
 * A number of every run of a set, as a value: what number of which rows, in which form and phase, reduced how.
 *
 * @param label what it is, with its unit
 * @param scale on which scale an interval over seeds is built
 * @param byRun the number of each run by its id; undefined in a run that is missing
 * @param repeats what tells repeats within a run apart
 * @param grain how coarsely it is read in these runs, in its unit; 0 where it is read as it is
 */
public record RunNumber(
        String label,
        Scale scale,
        Function<RunSet, Map<String, Double>> byRun,
        Optional<Repeats> repeats,
        ToDoubleFunction<RunSet> grain) {
    /**
     * Rows of one run that repeat each other: of each value of a column the number is computed once more, from its rows alone.
     *
     * @param column of the measure's rows, for instance the pair of batches
     */
    public record Repeats(Measure measure, Column column) {}

    /** A number without repeats that is read as it is. */
    public RunNumber(String label, Scale scale, Function<RunSet, Map<String, Double>> byRun) {
        this(label, scale, byRun, Optional.empty(), runs -> 0);
    }

    /** The same, read as coarsely as this says. */
    public RunNumber grained(ToDoubleFunction<RunSet> other) {
        return new RunNumber(label, scale, byRun, repeats, other);
    }

    /** The same number, with that of each value of a column beside it. */
    public RunNumber repeatedBy(Measure measure, Column column) {
        return new RunNumber(label, scale, byRun, Optional.of(new Repeats(measure, column)), grain);
    }

    /** A number of each run's rows of a measure; undefined in a run that has none. */
    public static RunNumber of(String label, Scale scale, Measure measure, Predicate<Row> rows, RowsNumber number) {
        return new RunNumber(
                label,
                scale,
                runs -> Rows.reduced(Rows.byRun(runs.table(measure).where(rows)), number));
    }

    /** The condition that it is at least so much in every run. @param words what is said by that */
    public Claim.Condition atLeast(RunSet runs, double least, String words) {
        double found = Reduction.LEAST.of(byRun.apply(runs).values().stream()
                .mapToDouble(Double::doubleValue)
                .toArray());
        return new Claim.Condition(words + " in every run", found >= least, "least " + Numbers.brief(found));
    }

    /** The number per seed. */
    public SeedValues of(RunSet runs) {
        SeedValues values = once(runs);
        return repeats.map(each -> values.repeated(repeats(runs, each))).orElse(values);
    }

    private SeedValues once(RunSet runs) {
        Map<String, Double> numbers = byRun.apply(runs);
        return runs.perSeed(label, scale, run -> numbers.getOrDefault(run.id(), Double.NaN))
                .grained(grain.applyAsDouble(runs));
    }

    private SortedMap<Long, Map<String, Double>> repeats(RunSet runs, Repeats by) {
        SortedMap<Long, Map<String, Double>> values = new TreeMap<>();
        for (double part : Rows.distinct(runs.table(by.measure), by.column)) {
            once(new Part(runs, by, part)).bySeed().forEach((seed, value) -> {
                if (!Double.isNaN(value)) {
                    values.computeIfAbsent(seed, key -> new TreeMap<>()).put(Numbers.brief(part), value);
                }
            });
        }
        return values;
    }

    /** The runs, with only the rows of one value of a column in the measure's table. */
    private record Part(RunSet all, Repeats by, double value) implements RunSet {
        @Override
        public List<Member> members() {
            return all.members();
        }

        @Override
        public Table table(Measure measure) {
            Table table = all.table(measure);
            return measure.equals(by.measure) ? table.where(row -> row.number(by.column) == value) : table;
        }

        @Override
        public SeedValues perSeed(String label, Scale scale, ToDoubleFunction<Member> number) {
            return all.perSeed(label, scale, number);
        }
    }
}
