package holonomy.experiment;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One number per seed: the run is the unit of replication.
 *
 * @param label what the number is, with its unit
 * @param scale on which scale an interval over seeds is built
 * @param bySeed values by seed; an undefined one is left out
 */
public record SeedValues(String label, Scale scale, SortedMap<Long, Double> bySeed) {
    /** Scales of intervals. */
    public enum Scale {
        /** Ranks, differences, cosines: as they are. */
        IDENTITY,
        /** Positive ratios: the interval of the logarithm, back-transformed. */
        LOG,
        /** Shares in (0, 1): the interval of the log odds, back-transformed. */
        LOGIT
    }

    public SeedValues {
        TreeMap<Long, Double> defined = new TreeMap<>(bySeed);
        defined.values().removeIf(value -> !Double.isFinite(value));
        bySeed = java.util.Collections.unmodifiableSortedMap(defined);
    }

    /** Values on their own scale. */
    public static SeedValues of(String label, SortedMap<Long, Double> bySeed) {
        return new SeedValues(label, Scale.IDENTITY, bySeed);
    }

    /** This minus the other, seed by seed, over the seeds that both have. */
    public SeedValues minus(SeedValues other) {
        TreeMap<Long, Double> difference = new TreeMap<>();
        bySeed.forEach((seed, value) -> {
            Double subtrahend = other.bySeed.get(seed);
            if (subtrahend != null) {
                difference.put(seed, value - subtrahend);
            }
        });
        return new SeedValues(label + " minus " + other.label, Scale.IDENTITY, difference);
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
