package holonomy.claim;

import holonomy.data.Numbers;
import holonomy.inference.Scale;

/**
 * The smallest excess over a null that matters.
 *
 * @param amount in the statistic's unit, or a factor; not read for the usual margin
 */
public record Margin(Kind kind, double amount) {
    /** How a margin is said. */
    public enum Kind {
        /** The scale's own: 10 % on LOG and IDENTITY, odds by a quarter on LOGIT, .1 in z on CORRELATION. */
        USUAL,
        /** In the statistic's unit, at the null's level. */
        BY,
        /** As a multiple of the null. */
        FACTOR
    }

    private static final double FACTOR_OF_VALUES = 1.1;
    private static final double FACTOR_OF_ODDS = 1.25;
    private static final double OF_Z = .1;
    private static final double OF_SHARES = .05;

    /** What holds where a claim says nothing. */
    public static Margin usual() {
        return new Margin(Kind.USUAL, 0);
    }

    /** An amount in the statistic's unit. */
    public static Margin by(double amount) {
        return new Margin(Kind.BY, amount);
    }

    /** A multiple of the null. */
    public static Margin factor(double factor) {
        return new Margin(Kind.FACTOR, factor);
    }

    /**
     * The distance on a scale between a null's value and the nearest one that matters; infinite where no value of the scale is so far.
     *
     * @param own the statistic's scale
     * @param by the scale that the two are contrasted on: IDENTITY in place of a bounded one where a value stands at its end
     * @param nullValue q
     */
    public double on(Scale own, Scale by, double nullValue, Claim.Side side) {
        double up = side == Claim.Side.ABOVE ? 1 : -1;
        return switch (kind) {
            case USUAL -> usual(own, by, nullValue);
            case BY -> distance(by, nullValue, nullValue + up * amount);
            case FACTOR -> distance(by, nullValue, nullValue * Math.pow(amount, up));
        };
    }

    private static double usual(Scale own, Scale by, double nullValue) {
        return switch (by) {
            case LOG -> Math.log(FACTOR_OF_VALUES);
            case LOGIT -> Math.log(FACTOR_OF_ODDS);
            case CORRELATION -> OF_Z;
            default -> own == Scale.IDENTITY ? Math.abs(nullValue) * (FACTOR_OF_VALUES - 1) : OF_SHARES;
        };
    }

    private static double distance(Scale by, double from, double to) {
        boolean there = to > by.lowest() && to < by.highest() || by == Scale.IDENTITY;
        return there ? Math.abs(by.forward(to) - by.forward(from)) : Double.POSITIVE_INFINITY;
    }

    @Override
    public String toString() {
        return switch (kind) {
            case USUAL -> "usual";
            case BY -> Numbers.brief(amount);
            case FACTOR -> "factor " + Numbers.brief(amount);
        };
    }
}
