package holonomy.statistic;

import holonomy.claim.SeedValues;
import holonomy.data.UserError;
import holonomy.inference.Scale;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * One number per run. Runs are told apart by their ids; a label is for people.
 *
 * @param label what the number is, with its unit
 * @param scale on which scale an interval over seeds is built
 * @param entries a run each
 */
public record RunValues(String label, Scale scale, List<Entry> entries) {
    /**
     * The number of one run.
     *
     * @param run id
     * @param name the run's label, for messages
     * @param seed the unit of replication it belongs to
     * @param value NaN where undefined
     */
    public record Entry(String run, String name, long seed, double value) {}

    public RunValues {
        entries = List.copyOf(entries);
        Set<String> ids = new HashSet<>();
        for (Entry entry : entries) {
            if (!ids.add(entry.run())) {
                throw new IllegalArgumentException(label + ": run " + entry.run() + " has two numbers");
            }
        }
    }

    /** A number of each run. */
    public static RunValues of(
            String label, Scale scale, List<RunSet.Member> runs, ToDoubleFunction<RunSet.Member> number) {
        return new RunValues(
                label,
                scale,
                runs.stream()
                        .map(run -> new Entry(run.id(), run.name(), run.seed(), number.applyAsDouble(run)))
                        .toList());
    }

    /**
     * The numbers by seed, of runs of which each has a seed of its own.
     *
     * @throws UserError where two runs have one seed: which of them counts, or how both do, must be said
     */
    public SeedValues perSeed() {
        TreeMap<Long, Entry> first = new TreeMap<>();
        for (Entry entry : entries) {
            Entry other = first.putIfAbsent(entry.seed(), entry);
            if (other != null) {
                throw new UserError(label + ": expected one run per seed, found two of seed " + entry.seed() + ": '"
                        + other.name() + "' and '" + entry.name()
                        + "'; choose one with of(...), or say how they become one number with"
                        + " perSeed(Reduction.MEAN), MEDIAN, LEAST or MOST");
            }
        }
        TreeMap<Long, Double> values = new TreeMap<>();
        first.forEach((seed, entry) -> values.put(seed, entry.value()));
        return new SeedValues(label, scale, values);
    }

    /** The numbers by seed, those of runs of one seed reduced to one. */
    public SeedValues perSeed(Reduction reduction) {
        TreeMap<Long, Double> values = new TreeMap<>();
        entries.stream()
                .collect(Collectors.groupingBy(Entry::seed))
                .forEach((seed, own) -> values.put(
                        seed,
                        reduction.of(own.stream().mapToDouble(Entry::value).toArray())));
        boolean several = values.size() < entries.size();
        return new SeedValues(several ? label + ", " + reduction + " over runs" : label, scale, values);
    }
}
