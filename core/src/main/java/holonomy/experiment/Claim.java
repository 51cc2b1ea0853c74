package holonomy.experiment;

import java.util.List;
import java.util.function.UnaryOperator;

/**
 * An executable statement of a source: what was claimed, what we measured over seeds, the nulls that could have given it too.
 *
 * @param text the statement, in one sentence
 * @param source paper and section; {@link #OURS} where no paper says it
 * @param published the published value, as published
 * @param measured our statistic, one value per seed
 * @param claimed the set of values that the statement allows
 * @param nulls what could have given the value without the effect
 * @param conditions what must hold for the statement to be testable at all, for instance that the model was trained
 */
public record Claim(
        String text,
        String source,
        String published,
        SeedValues measured,
        ClaimedSet claimed,
        List<Null> nulls,
        List<Condition> conditions) {
    /** How the source of a statement of our own begins: counted apart from the papers'. */
    public static final String OURS = "ours";

    public Claim {
        nulls = List.copyOf(nulls);
        conditions = List.copyOf(conditions);
    }

    /** The same claim of other numbers: what is measured and every null changed alike. */
    public Claim of(UnaryOperator<SeedValues> change) {
        List<Null> changed = nulls.stream()
                .map(each -> new Null(each.name(), change.apply(each.values()), each.side(), each.margin()))
                .toList();
        return new Claim(text, source, published, change.apply(measured), claimed, changed, conditions);
    }

    /**
     * The values that a statement allows: {@code low <= value <= high}, either end possibly infinite.
     */
    public record ClaimedSet(double low, double high) {
        public ClaimedSet {
            if (!(low <= high)) {
                throw new holonomy.data.UserError("claim: expected low <= high, found " + low + " and " + high);
            }
        }

        /** Values of at most {@code high}. */
        public static ClaimedSet atMost(double high) {
            return new ClaimedSet(Double.NEGATIVE_INFINITY, high);
        }

        /** Values of at least {@code low}. */
        public static ClaimedSet atLeast(double low) {
            return new ClaimedSet(low, Double.POSITIVE_INFINITY);
        }

        /** Values below 0; 0 itself is not allowed. */
        public static ClaimedSet below0() {
            return atMost(-Double.MIN_VALUE);
        }

        /** Values above 0; 0 itself is not allowed. */
        public static ClaimedSet above0() {
            return atLeast(Double.MIN_VALUE);
        }

        @Override
        public String toString() {
            if (equals(below0())) {
                return "< 0";
            }
            if (equals(above0())) {
                return "> 0";
            }
            if (low == Double.NEGATIVE_INFINITY) {
                return "<= " + Numbers.brief(high);
            }
            return high == Double.POSITIVE_INFINITY
                    ? ">= " + Numbers.brief(low)
                    : Numbers.brief(low) + " to " + Numbers.brief(high);
        }
    }

    /**
     * A null and the side of it on which the effect lies.
     *
     * @param name for instance {@code uncorrelated walk}
     * @param values the statistic under the null, one value per seed
     * @param side where the measured value must lie to beat it
     * @param margin smallest excess that matters, in the statistic's unit
     */
    public record Null(String name, SeedValues values, Side side, double margin) {}

    /** Where a measured value must lie beside its null. */
    public enum Side {
        BELOW,
        ABOVE
    }

    /**
     * Something that must hold before a statement can be tested.
     *
     * @param text for instance {@code trained to an accuracy of .95 on every m}
     * @param holds whether it does
     * @param found what was found instead
     * @param beforehand whether it is known before anything trains: it speaks of sizes, not of what comes out
     */
    public record Condition(String text, boolean holds, String found, boolean beforehand) {
        /** A condition on what comes out of the runs. */
        public Condition(String text, boolean holds, String found) {
            this(text, holds, found, false);
        }

        /** A condition on sizes and recipes: more seeds don't change it. */
        public static Condition beforehand(String text, boolean holds, String found) {
            return new Condition(text, holds, found, true);
        }
    }
}
