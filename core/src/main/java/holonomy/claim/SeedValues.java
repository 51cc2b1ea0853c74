package holonomy.claim;

import holonomy.inference.Components;
import holonomy.inference.Estimate;
import holonomy.inference.Interval;
import holonomy.inference.PValue;
import holonomy.inference.Scale;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.DoubleBinaryOperator;
import java.util.function.Predicate;
import java.util.stream.DoubleStream;

/**
 * One number per seed: the run is the unit of replication. How the estimate over seeds comes by its interval goes with the numbers.
 *
 * @param label what the number is, with its unit
 * @param scale on which scale an interval over seeds is built
 * @param bySeed values by seed; NaN where undefined, which makes every estimate over the seeds undefined: a seed is never dropped
 * @param sampling how the values hang together; {@link Sampling#INDEPENDENT} where each is its own seed's alone
 * @param repeats by seed the same number of parts of its run, by the part's name (one pair of batches of several); empty where there are none
 * @param level coverage of the interval, for instance .95
 * @param grain how coarsely it is read, in its unit: what is read every 100 steps may be 100 steps late. 0 where it is read as it is
 */
public record SeedValues(
        String label,
        Scale scale,
        SortedMap<Long, Double> bySeed,
        Sampling sampling,
        SortedMap<Long, Map<String, Double>> repeats,
        double level,
        double grain) {
    public SeedValues {
        bySeed = Collections.unmodifiableSortedMap(new TreeMap<>(bySeed));
        repeats = Collections.unmodifiableSortedMap(new TreeMap<>(repeats));
    }

    /** Values that share nothing. */
    public SeedValues(String label, Scale scale, SortedMap<Long, Double> bySeed) {
        this(label, scale, bySeed, Sampling.INDEPENDENT);
    }

    /** Values without repeats. */
    public SeedValues(String label, Scale scale, SortedMap<Long, Double> bySeed, Sampling sampling) {
        this(label, scale, bySeed, sampling, Collections.emptySortedMap(), Interval.LEVEL, 0);
    }

    /** Values that share nothing and are read as coarsely as this. */
    public SeedValues(String label, Scale scale, SortedMap<Long, Double> bySeed, double grain) {
        this(label, scale, bySeed, Sampling.INDEPENDENT, Collections.emptySortedMap(), Interval.LEVEL, grain);
    }

    /** Values on their own scale. */
    public static SeedValues of(String label, SortedMap<Long, Double> bySeed) {
        return new SeedValues(label, Scale.IDENTITY, bySeed);
    }

    /** The same under another label. */
    public SeedValues labelled(String other) {
        return new SeedValues(other, scale, bySeed, sampling, repeats, level, grain);
    }

    /** The same, read no finer than this. */
    public SeedValues grained(double other) {
        return new SeedValues(label, scale, bySeed, sampling, repeats, level, other);
    }

    /** This minus the other, seed by seed, over the seeds that both have. Both readings are late alike, so the difference errs by the coarser one's grain at most. */
    public SeedValues minus(SeedValues other) {
        return paired(label + " minus " + other.label, Scale.IDENTITY, other, (one, two) -> one - two)
                .grained(Math.max(grain, other.grain));
    }

    /** This over the other, on a log scale, seed by seed, over the seeds that both have. */
    public SeedValues over(SeedValues other) {
        SeedValues ratio = paired(label + " over " + other.label, Scale.LOG, other, (one, two) -> one / two);
        SeedValues errors =
                paired("", Scale.LOG, other, (one, two) -> Math.abs(one / two) * (grain / one + other.grain / two));
        return ratio.grained(errors.largest());
    }

    /**
     * This beside the other, seed by seed, as {@link Interval#contrasts} has it on this scale: a difference, a ratio, an odds ratio. Where a value stands at an end of
     * the scale (a share of exactly 0 or 1), which no odds ratio takes, the difference.
     */
    public SeedValues beside(SeedValues other) {
        Scale by = contrastedOn(other);
        SeedValues contrast = paired(
                label + " beside " + other.label,
                Interval.contrastScale(by),
                other,
                (one, two) -> Interval.contrasts(new double[] {one}, new double[] {two}, by)[0]);
        double coarser = Math.max(grain, other.grain);
        if (!(coarser > 0) || by == Scale.IDENTITY) {
            return contrast.grained(coarser);
        }
        SeedValues errors = paired("", by, other, (one, two) -> Math.max(error(one, by), other.error(two, by)));
        double ofScale = errors.largest();
        double largest = contrast.largest();
        return contrast.grained(by.isRatio() ? largest * Math.expm1(ofScale) : ofScale);
    }

    /** How far the grain moves a value on a scale, away from the scale's ends. */
    private double error(double value, Scale by) {
        double up = by.forward(Math.min(value + grain, by.highest())) - by.forward(value);
        double down = by.forward(value) - by.forward(Math.max(value - grain, by.lowest()));
        return Double.isInfinite(up) ? down : Double.isInfinite(down) ? up : Math.max(up, down);
    }

    /** The scale on which the two are contrasted: this one's, or IDENTITY where a value of either stands at its end. */
    Scale contrastedOn(SeedValues other) {
        boolean atEnd = DoubleStream.concat(Arrays.stream(values()), Arrays.stream(other.values()))
                .anyMatch(scale::isAtEnd);
        return atEnd || scale == Scale.OUTCOME ? Scale.IDENTITY : scale;
    }

    private double largest() {
        return Arrays.stream(values()).map(Math::abs).max().orElse(0);
    }

    private SeedValues paired(String label, Scale scale, SeedValues other, DoubleBinaryOperator number) {
        TreeMap<Long, Double> values = new TreeMap<>();
        bySeed.forEach((seed, value) -> {
            Double second = other.bySeed.get(seed);
            if (second != null) {
                values.put(seed, number.applyAsDouble(value, second));
            }
        });
        return new SeedValues(
                label, scale, values, Sampling.paired(this, other, number), repeats(other, number), level, 0);
    }

    /** Those of the parts that both have. */
    private SortedMap<Long, Map<String, Double>> repeats(SeedValues other, DoubleBinaryOperator number) {
        SortedMap<Long, Map<String, Double>> both = new TreeMap<>();
        repeats.forEach((seed, own) -> {
            Map<String, Double> others = other.repeats.getOrDefault(seed, Map.of());
            Map<String, Double> values = new TreeMap<>();
            own.forEach((part, value) -> {
                Double second = others.get(part);
                if (second != null) {
                    values.put(part, number.applyAsDouble(value, second));
                }
            });
            if (!values.isEmpty()) {
                both.put(seed, values);
            }
        });
        return both;
    }

    /** The same numbers with {@link #repeats}. */
    public SeedValues repeated(SortedMap<Long, Map<String, Double>> repeats) {
        return new SeedValues(label, scale, bySeed, sampling, repeats, level, grain);
    }

    /** The same numbers, whose interval covers that much, as do those of differences and ratios with them on the left. */
    public SeedValues at(double level) {
        return new SeedValues(label, scale, bySeed, sampling, repeats, level, grain);
    }

    /**
     * What as many seeds as n would give if they spread as these do: these values again and again, drawn apart about their mean on the scale until the standard deviation
     * is theirs. For plans, not for estimates; itself where n is not larger, or a value is undefined.
     */
    public SeedValues extended(int n) {
        int m = bySeed.size();
        if (n <= m || m < 2 || bySeed.values().stream().anyMatch(value -> value.isNaN())) {
            return this;
        }
        List<Long> own = seeds();
        double stretch = scale == Scale.OUTCOME ? 1 : Math.sqrt(m * (n - 1.0) / (n * (m - 1.0)));
        double mean = Arrays.stream(values()).map(scale::forward).average().orElseThrow();
        TreeMap<Long, Double> values = new TreeMap<>();
        for (int i = 0; i < n; i++) {
            long seed = i < m ? own.get(i) : own.get(m - 1) + i - m + 1;
            double y = scale.forward(bySeed.get(own.get(i % m)));
            values.put(seed, scale.back(stretch == 1 ? y : mean + stretch * (y - mean)));
        }
        return new SeedValues(
                label,
                scale,
                values,
                sampling.extended(scale, values.keySet()),
                Collections.emptySortedMap(),
                level,
                grain);
    }

    /** What of the spread is between seeds and what within a run, on the scale; none where too few repeats are there, or one is undefined. */
    public Optional<Components> components() {
        List<double[]> values = repeats.values().stream()
                .map(own -> own.values().stream().mapToDouble(scale::forward).toArray())
                .toList();
        boolean defined = values.stream().flatMapToDouble(Arrays::stream).allMatch(Double::isFinite);
        int count = values.stream().mapToInt(own -> own.length).sum();
        return defined && values.size() > 1 && count > values.size()
                ? Optional.of(Components.of(values))
                : Optional.empty();
    }

    /**
     * Values that share seeds.
     *
     * @param partners by seed the others that its value has a part of (their data, their paths); those that have no value here share nothing
     */
    public SeedValues sharing(Map<Long, Set<Long>> partners) {
        List<Sampling.Shared.Part> parts = bySeed.entrySet().stream()
                .map(entry -> new Sampling.Shared.Part(
                        union(entry.getKey(), partners.getOrDefault(entry.getKey(), Set.of())), entry.getValue()))
                .toList();
        boolean apart = parts.stream().allMatch(part -> part.seeds().size() == 1);
        // What a run did or did not do has Wilson's interval: a jackknife of outcomes that agree has none.
        return apart || scale == Scale.OUTCOME
                ? this
                : new SeedValues(
                        label,
                        scale,
                        bySeed,
                        Sampling.Shared.mean(scale, bySeed.keySet(), parts),
                        repeats,
                        level,
                        grain);
    }

    private Set<Long> union(long seed, Set<Long> others) {
        Set<Long> all = new HashSet<>(others);
        all.retainAll(bySeed.keySet());
        all.add(seed);
        return all;
    }

    /** The coefficient of variation of these numbers over seeds, dimensionless, in their place. */
    public SeedValues spread() {
        return new SeedValues(
                "deviation over seeds of " + label + " (standard deviation over mean)",
                Scale.LOG,
                bySeed,
                new Sampling.Spread(),
                Collections.emptySortedMap(),
                level,
                0);
    }

    /** The estimate over seeds on the scale, with its interval, which is no narrower than the grain. */
    public Estimate estimate() {
        return estimate(level);
    }

    /** The estimate over seeds with its interval of another level. */
    public Estimate estimate(double level) {
        return sampling.estimate(this, level).noFinerThan(grain, scale);
    }

    /**
     * The p-value that belongs to an interval's lying somewhere ({@link PValue#of}). Seeds that all agree show no spread, and an interval as wide as their grain is the same at every
     * level: there p is at least the sign test's, {@code 2^(1-n)}, the chance that n seeds all fall to one side of a median that lies on the edge, in either direction.
     *
     * @param lies whether an estimate's interval lies there
     */
    public double p(Predicate<Estimate> lies) {
        double p = PValue.of(other -> lies.test(estimate(other)));
        Estimate own = sampling.estimate(this, level);
        return own.isFlat() ? Math.max(p, Math.pow(2, 1 - own.n())) : p;
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
