package holonomy.experiment;

import holonomy.stats.Estimate;
import holonomy.stats.Interval;
import holonomy.stats.Scale;
import holonomy.task.Stream;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.DoubleBinaryOperator;
import java.util.stream.DoubleStream;

/**
 * One number per seed: the run is the unit of replication.
 *
 * @param label what the number is, with its unit
 * @param scale on which scale an interval over seeds is built
 * @param bySeed values by seed; NaN where undefined, which makes every estimate over the seeds undefined: a seed is never dropped
 * @param grain how coarsely it is read, in its unit: what is read every 100 steps may be 100 steps late. 0 where it is read as it is
 */
public record SeedValues(String label, Scale scale, SortedMap<Long, Double> bySeed, double grain) {
    public SeedValues {
        bySeed = Collections.unmodifiableSortedMap(new TreeMap<>(bySeed));
    }

    /** Values that are read as they are. */
    public SeedValues(String label, Scale scale, SortedMap<Long, Double> bySeed) {
        this(label, scale, bySeed, 0);
    }

    /** Values on their own scale. */
    public static SeedValues of(String label, SortedMap<Long, Double> bySeed) {
        return new SeedValues(label, Scale.IDENTITY, bySeed);
    }

    /** The same under another label. */
    public SeedValues labelled(String other) {
        return new SeedValues(other, scale, bySeed, grain);
    }

    /** The same, read no finer than this. */
    public SeedValues grained(double other) {
        return new SeedValues(label, scale, bySeed, other);
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
        return new SeedValues(label, scale, values);
    }

    /** Mean over seeds on the scale, with its 95 % interval by {@link Interval}'s rule, which is no narrower than the grain. */
    public Estimate estimate() {
        return estimate(Interval.LEVEL);
    }

    /** The same at another coverage. */
    public Estimate estimate(double level) {
        return Interval.of(
                        values(),
                        scale,
                        level,
                        Stream.of(0, "bootstrap over seeds").at(0))
                .noFinerThan(grain, scale);
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
