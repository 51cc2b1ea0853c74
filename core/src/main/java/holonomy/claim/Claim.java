package holonomy.claim;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Identity;
import holonomy.data.Numbers;
import holonomy.data.UserError;
import holonomy.inference.Estimate;
import holonomy.inference.Scale;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * An executable statement of a source: what was claimed, what we measured over seeds, the nulls that could have given it too.
 *
 * @param text the statement, in one sentence
 * @param source paper and section; {@link #OURS} where no paper says it
 * @param published the published value, as published
 * @param measured our statistic, one value per seed
 * @param claimed the set of values that the statement allows; of a change, those that are large enough to matter
 * @param size the values that the source gives for the change; null where it gives none, or the claimed set is them
 * @param nulls what could have given the value without the effect
 * @param conditions what must hold for the statement to be testable at all, for instance that the model was trained
 */
public record Claim(
        String text,
        String source,
        String published,
        SeedValues measured,
        ClaimedSet claimed,
        @Nullable ClaimedSet size,
        List<Null> nulls,
        List<Condition> conditions) {
    /** How the source of a statement of our own begins: counted apart from the papers'. */
    public static final String OURS = "ours";

    /** The condition of every claim, said where it fails. */
    public static final String COMPLETE = "every run that the claim speaks of complete";

    public Claim {
        claimed.requireSize(measured.scale());
        nulls = List.copyOf(nulls);
        conditions = List.copyOf(conditions);
    }

    /** The same claim of other numbers: what is measured and every null changed alike. */
    public Claim of(UnaryOperator<SeedValues> change) {
        List<Null> changed = nulls.stream()
                .map(each -> new Null(each.name(), change.apply(each.values()), each.side(), each.margin()))
                .toList();
        return new Claim(text, source, published, change.apply(measured), claimed, size, changed, conditions);
    }

    /**
     * What was declared, in twelve hexadecimal digits: text, source, published value, statistic, sets, nulls with their margins, conditions. Nothing of what was
     * found: a label is read up to its first semicolon, behind which tests of the numbers stand.
     */
    public String digest() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("claim", text).put("source", source).put("published", published);
        node.put("statistic", declared(measured.label()))
                .put("scale", measured.scale().name());
        node.put("claimed", claimed.exactly());
        if (size != null) {
            node.put("size", size.exactly());
        }
        ArrayNode against = node.putArray("nulls");
        nulls.forEach(each -> against.addObject()
                .put("null", declared(each.name()))
                .put("side", each.side().name())
                .put("margin", each.margin().kind() + " " + each.margin().amount()));
        ArrayNode needed = node.putArray("conditions");
        conditions.stream()
                .map(Condition::text)
                .filter(condition -> !condition.equals(COMPLETE))
                .forEach(needed::add);
        return Identity.shortened(Identity.of(node));
    }

    private static String declared(String label) {
        return label.split(";", 2)[0];
    }

    /**
     * The values that a statement allows: {@code low <= value <= high}, either end possibly infinite.
     */
    public record ClaimedSet(double low, double high) {
        public ClaimedSet {
            if (!(low <= high)) {
                throw new UserError("claim: expected low <= high, found " + low + " and " + high);
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

        /** Whether all of an interval lies in it. */
        public boolean holds(Estimate estimate) {
            return estimate.liesWithin(low, high);
        }

        /** Whether all of an interval lies outside. */
        public boolean excludes(Estimate estimate) {
            return estimate.liesOutside(low, high);
        }

        /**
         * Fails for a direction without a size: 'at least' or 'at most' the value of no change, 0, or 1 of a ratio. A tie would support it.
         *
         * @param scale of what is measured
         */
        public void requireSize(Scale scale) {
            double noChange = scale == Scale.LOG ? 1 : 0;
            boolean up = low == noChange && high == Double.POSITIVE_INFINITY;
            boolean down = high == noChange && low == Double.NEGATIVE_INFINITY;
            if ((up || down) && scale != Scale.OUTCOME) {
                String shown = scale == Scale.LOG ? "1.0" : "0.0";
                throw new UserError(
                        "claim '" + this + "': a direction without a size, which a tie would support; say what"
                                + " change matters, such as (a " + (up ? "isAbove" : "isBelow") + " "
                                + (scale == Scale.LOG
                                        ? "b byFactor 1.5), or another bound than "
                                        : "b by 0.05), or another bound than ")
                                + shown);
            }
        }

        private String exactly() {
            return low + " " + high;
        }

        @Override
        public String toString() {
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
     * @param margin smallest excess that matters
     */
    public record Null(String name, SeedValues values, Side side, Margin margin) {}

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
