package holonomy.experiment;

import holonomy.stats.Estimate;
import holonomy.stats.Interval;
import holonomy.stats.Scale;
import holonomy.task.Stream;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.DoubleBinaryOperator;

/**
 * One number per seed: the run is the unit of replication.
 *
 * @param label what the number is, with its unit
 * @param scale on which scale an interval over seeds is built
 * @param bySeed values by seed; NaN where undefined, which makes every estimate over the seeds undefined: a seed is never dropped
 */
public record SeedValues(String label, Scale scale, SortedMap<Long, Double> bySeed) {
    public SeedValues {
        bySeed = Collections.unmodifiableSortedMap(new TreeMap<>(bySeed));
    }

    /** Values on their own scale. */
    public static SeedValues of(String label, SortedMap<Long, Double> bySeed) {
        return new SeedValues(label, Scale.IDENTITY, bySeed);
    }

    /** This minus the other, seed by seed, over the seeds that both have. */
    public SeedValues minus(SeedValues other) {
        return paired(label + " minus " + other.label, Scale.IDENTITY, other, (one, two) -> one - two);
    }

    /** This over the other, on a log scale, seed by seed, over the seeds that both have. */
    public SeedValues over(SeedValues other) {
        return paired(label + " over " + other.label, Scale.LOG, other, (one, two) -> one / two);
    }

    private SeedValues paired(String label, Scale scale, SeedValues other, DoubleBinaryOperator number) {
        TreeMap<Long, Double> values = new TreeMap<>();
        bySeed.forEach((seed, value) -> {
            Double second = other.bySeed.get(seed);
            if (second != null) {
                values.put(seed, number.applyAsDouble(value, second));
            }
        });
        return new SeedValues(label, scale, values);
    }

    /** Mean over seeds on the scale, with its 95 % interval by {@link Interval}'s rule. */
    public Estimate estimate() {
        return Interval.of(values(), scale, Stream.of(0, "bootstrap over seeds").at(0));
    }

    /** The values in the order of their seeds. */
    public double[] values() {
        return bySeed.values().stream().mapToDouble(Double::doubleValue).toArray();
    }

    /** The seeds, ascending. */
    public List<Long> seeds() {
        return List.copyOf(bySeed.keySet());
    }
}
