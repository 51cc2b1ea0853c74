package holonomy.inference;

/**
 * A quantity estimated from n independent runs, with its interval.
 *
 * @param value the estimate, in the quantity's unit; NaN if undefined
 * @param low lower end of the interval; minus infinity (or the scale's lower end) if the values do not bound it, NaN if undefined
 * @param high upper end likewise
 * @param n number of runs (seeds) it rests on
 * @param level coverage of the interval, for instance .95
 * @param method how it was made, in words, for instance {@code mean, Student t}
 */
public record Estimate(double value, double low, double high, int n, double level, String method) {
    /** The method of a value that nothing bounds. */
    static final String NO_INTERVAL = "one run, no interval";

    public Estimate {
        if (n < 0 || !(level > 0 && level < 1)) {
            throw new IllegalArgumentException(
                    "estimate of n " + n + " at level " + level + ": expected n of at least 0 and a level in 0 .. 1");
        }
        if (low > high) {
            throw new IllegalArgumentException("estimate " + value + ": interval from " + low + " to " + high
                    + " is upside down (" + method + ")");
        }
    }

    /** Whether the value is known. */
    public boolean isDefined() {
        return !Double.isNaN(value);
    }

    /** Whether both ends are finite: the runs say something about the spread. */
    public boolean isBounded() {
        return Double.isFinite(low) && Double.isFinite(high);
    }

    /** Whether there is an interval: not the scale's whole range because nothing bounds the value. */
    public boolean hasInterval() {
        return isDefined() && !method.equals(NO_INTERVAL);
    }

    /**
     * The interval made no narrower than a grain: at least {@code value -+ grain}, within the scale's range. A reading every g steps is late by up to g, and the mean of
     * such readings can be, however much the seeds agree.
     *
     * @param grain in the quantity's unit; 0 changes nothing
     */
    public Estimate noFinerThan(double grain, Scale scale) {
        double from = Math.max(value - grain, scale.lowest());
        double to = Math.min(value + grain, scale.highest());
        if (!(grain > 0) || !hasInterval() || (low <= from && high >= to)) {
            return this;
        }
        return new Estimate(
                value, Math.min(low, from), Math.max(high, to), n, level, method + ", no narrower than its grain");
    }

    /** Whether the interval has no width: equal values without a grain, which is no certainty. */
    public boolean isFlat() {
        return hasInterval() && low == high;
    }

    /** Whether the whole interval lies in [from, to]; false if undefined. */
    public boolean liesWithin(double from, double to) {
        return low >= from && high <= to;
    }

    /** Whether the whole interval lies outside [from, to]; false if undefined. */
    public boolean liesOutside(double from, double to) {
        return high < from || low > to;
    }
}
