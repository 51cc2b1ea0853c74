package holonomy.claim;

import holonomy.data.UserError;
import holonomy.inference.Estimate;
import holonomy.inference.Interval;
import holonomy.inference.Jackknife;
import holonomy.inference.RankInterval;
import holonomy.inference.Scale;
import holonomy.inference.Variation;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** How the values of seeds hang together, and so how their estimate comes by its interval. */
public sealed interface Sampling {
    /** Values that share nothing: their mean. */
    Sampling INDEPENDENT = new Independent();

    /** The estimate of these values. */
    Estimate estimate(SeedValues values, double level);

    /** That of more seeds that spread alike, see {@link SeedValues#extended}. */
    default Sampling extended(Scale scale, Set<Long> seeds) {
        return this;
    }

    /** Each value is its own seed's alone: Student's interval, Wilson's of outcomes. */
    record Independent() implements Sampling {
        @Override
        public Estimate estimate(SeedValues values, double level) {
            return Interval.of(values.values(), values.scale(), level);
        }
    }

    /**
     * Values that share seeds, as means over pairs of seeds do: the jackknife over seeds.
     *
     * @param value of all seeds, in the quantity's unit; NaN where undefined
     * @param without the same of all seeds but one, by that one; NaN where undefined
     */
    record Shared(double value, SortedMap<Long, Double> without) implements Sampling {
        public Shared {
            without = Collections.unmodifiableSortedMap(new TreeMap<>(without));
        }

        /**
         * A number that belongs to one seed or several.
         *
         * @param value NaN where undefined
         */
        public record Part(Set<Long> seeds, double value) {}

        /** The mean of these numbers on a scale; a seed is left out with every number that it has a part in. */
        public static Shared mean(Scale scale, Collection<Long> seeds, List<Part> parts) {
            TreeMap<Long, Double> without = new TreeMap<>();
            seeds.forEach(
                    seed -> without.put(seed, mean(scale, parts.stream().filter(part -> !part.seeds.contains(seed)))));
            return new Shared(mean(scale, parts.stream()), without);
        }

        /** The standard error falls as {@code sqrt(m/n)}: deviations of the values without a seed, again and again, times {@code sqrt(m (m - 1)/(n (n - 1)))}. */
        @Override
        public Sampling extended(Scale scale, Set<Long> seeds) {
            double[] left =
                    without.values().stream().mapToDouble(scale::forward).toArray();
            double m = left.length;
            double n = seeds.size();
            double mean = Arrays.stream(left).average().orElse(Double.NaN);
            double shrink = Math.sqrt(m * (m - 1) / (n * (n - 1)));
            TreeMap<Long, Double> more = new TreeMap<>();
            for (long seed : seeds) {
                double deviation = left[more.size() % left.length] - mean;
                more.put(seed, scale.back(scale.forward(value) + shrink * deviation));
            }
            return new Shared(value, more);
        }

        private static double mean(Scale scale, Stream<Part> parts) {
            return scale.back(parts.mapToDouble(part -> scale.forward(part.value))
                    .average()
                    .orElse(Double.NaN));
        }

        @Override
        public Estimate estimate(SeedValues values, double level) {
            double[] left =
                    without.values().stream().mapToDouble(Double::doubleValue).toArray();
            return Jackknife.of(value, left, values.scale(), level);
        }
    }

    /**
     * A rank correlation over runs that share nothing, one of each seed: {@link RankInterval}. Beside another number it is as {@link Shared}.
     *
     * @param value rho, NaN where undefined
     * @param left of all runs, and without each, where another number is beside it: never exactly 1, which has no z
     */
    record Ranked(double value, Shared left) implements Sampling {
        @Override
        public Sampling extended(Scale scale, Set<Long> seeds) {
            return new Ranked(value, (Shared) left.extended(scale, seeds));
        }

        @Override
        public Estimate estimate(SeedValues values, double level) {
            return RankInterval.of(value, left.without.size(), level);
        }
    }

    /**
     * A number over runs of which some share a seed and some a setting. Beside another one of the same runs seeds and settings are left out of both, whole: {@link Jackknife#crossed}.
     *
     * @param value of all runs, NaN where undefined
     * @param seeds the same of all runs but one seed's, by that one
     * @param settings the same of all runs but one setting's, by that one
     * @param own its interval of a level where it has a better one; null where it has not
     */
    record Crossed(
            double value,
            SortedMap<Long, Double> seeds,
            SortedMap<String, Double> settings,
            @Nullable DoubleFunction<Estimate> own)
            implements Sampling {
        public Crossed {
            seeds = Collections.unmodifiableSortedMap(new TreeMap<>(seeds));
            settings = Collections.unmodifiableSortedMap(new TreeMap<>(settings));
        }

        @Override
        public Estimate estimate(SeedValues values, double level) {
            return own != null
                    ? own.apply(level)
                    : Jackknife.crossed(
                            value,
                            List.of(array(seeds), array(settings)),
                            values.scale(),
                            level,
                            "jackknife over seeds and over settings");
        }

        private static double[] array(SortedMap<?, Double> numbers) {
            return numbers.values().stream().mapToDouble(Double::doubleValue).toArray();
        }

        private Crossed beside(Crossed other, DoubleBinaryOperator number) {
            boolean same = seeds.keySet().equals(other.seeds.keySet())
                    && settings.keySet().equals(other.settings.keySet());
            return new Crossed(
                    same ? number.applyAsDouble(value, other.value) : Double.NaN,
                    both(seeds, other.seeds, number),
                    both(settings, other.settings, number),
                    null);
        }

        private static <K> TreeMap<K, Double> both(
                SortedMap<K, Double> one, SortedMap<K, Double> other, DoubleBinaryOperator number) {
            TreeMap<K, Double> numbers = new TreeMap<>();
            one.forEach(
                    (key, left) -> numbers.put(key, number.applyAsDouble(left, other.getOrDefault(key, Double.NaN))));
            return numbers;
        }
    }

    /** What is estimated is not the values' mean but their spread: the coefficient of variation. */
    record Spread() implements Sampling {
        @Override
        public Estimate estimate(SeedValues values, double level) {
            return Variation.of(values.values(), level);
        }
    }

    /**
     * That of a number of both, seed by seed. Where either shares seeds, estimate is set beside estimate, with each seed left out of both.
     *
     * @throws UserError of a spread over seeds, which no seed has a value of; of a number over seeds and settings beside one that isn't
     */
    static Sampling paired(SeedValues one, SeedValues other, DoubleBinaryOperator number) {
        refuse(
                Spread.class,
                one,
                other,
                "a spread over seeds, no seed has a value of it",
                "state a range for it: isAtMost, isAtLeast, isWithin");
        if (one.sampling() instanceof Crossed first && other.sampling() instanceof Crossed second) {
            return first.beside(second, number);
        }
        refuse(
                Crossed.class,
                one,
                other,
                "one number of all runs, whatever their seed and setting",
                "set it beside another one of the same runs");
        return one.sampling() instanceof Independent && other.sampling() instanceof Independent
                ? INDEPENDENT
                : ofMeans(one, other, number);
    }

    private static void refuse(
            Class<? extends Sampling> kind, SeedValues one, SeedValues other, String what, String instead) {
        for (SeedValues each : new SeedValues[] {one, other}) {
            if (kind.isInstance(each.sampling())) {
                throw new UserError("'" + each.label() + "' is " + what + ", so it can't be set beside '"
                        + (each == one ? other : one).label() + "' seed by seed; " + instead);
            }
        }
    }

    /** That of a number of both estimates, which is no mean of numbers of both values: each seed is left out of both. */
    static Shared ofMeans(SeedValues one, SeedValues other, DoubleBinaryOperator number) {
        Shared first = shared(one);
        Shared second = shared(other);
        TreeMap<Long, Double> without = new TreeMap<>();
        first.without.forEach((seed, left) ->
                without.put(seed, number.applyAsDouble(left, second.without.getOrDefault(seed, Double.NaN))));
        boolean same = first.without.keySet().equals(second.without.keySet());
        return new Shared(same ? number.applyAsDouble(first.value, second.value) : Double.NaN, without);
    }

    /** Independent values' mean on their scale, with and without each. */
    private static Shared shared(SeedValues values) {
        if (values.sampling() instanceof Shared shared) {
            return shared;
        }
        if (values.sampling() instanceof Ranked ranked) {
            return ranked.left;
        }
        List<Shared.Part> parts = values.bySeed().entrySet().stream()
                .map(entry -> new Shared.Part(Set.of(entry.getKey()), entry.getValue()))
                .toList();
        return Shared.mean(values.scale(), values.bySeed().keySet(), parts);
    }
}
