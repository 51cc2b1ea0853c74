package holonomy.statistic;

import holonomy.claim.Sampling.Shared;
import holonomy.claim.Sampling.Shared.Part;
import holonomy.claim.SeedValues;
import holonomy.inference.Scale;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/**
 * One number per pair of seeds. Pairs share seeds, so they are not independent: the mean over pairs has the interval of {@link Shared}.
 *
 * @param label what the number is, with its unit
 * @param scale on which scale the mean and its interval are built
 */
public record SeedPairs(String label, Scale scale, List<Pair> pairs) {
    /**
     * The number of two seeds.
     *
     * @param one the seed whose value it counts to
     * @param other the seed that this one is compared with
     * @param value NaN where undefined
     */
    public record Pair(long one, long other, double value) {}

    public SeedPairs {
        pairs = List.copyOf(pairs);
    }

    /**
     * The mean over pairs, each left out with either of its seeds. The value of a seed is the mean over its own pairs.
     *
     * @param seeds all seeds; one without a pair has no value
     */
    public SeedValues perSeed(List<Long> seeds) {
        TreeMap<Long, Double> own = new TreeMap<>();
        seeds.forEach(seed -> own.put(seed, mean(seed)));
        return new SeedValues(label, scale, own, Shared.mean(scale, own.keySet(), parts(pairs)));
    }

    private double mean(long seed) {
        List<Pair> its = pairs.stream().filter(pair -> pair.one == seed).toList();
        return Shared.mean(scale, List.of(), parts(its)).value();
    }

    private static List<Part> parts(List<Pair> pairs) {
        return pairs.stream()
                .map(pair -> new Part(Set.of(pair.one, pair.other), pair.value))
                .toList();
    }
}
