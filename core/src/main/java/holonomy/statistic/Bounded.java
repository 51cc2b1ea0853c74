package holonomy.statistic;

/**
 * A number of a run, or a bound on it: a run that never gets somewhere needs longer than it had.
 *
 * @param value the number; NaN where not even a bound is known
 */
public record Bounded(double value, Bound bound) {
    /** What a value stands for. */
    public enum Bound {
        /** Itself. */
        NONE(""),
        /** The unknown number is at least this. */
        AT_LEAST("at least"),
        /** The unknown number is at most this. */
        AT_MOST("at most"),
        /** Nothing is known. */
        UNKNOWN("unknown");

        private final String word;

        Bound(String word) {
            this.word = word;
        }

        /** The word that tables use. */
        @Override
        public String toString() {
            return word;
        }

        private Bound opposite() {
            return this == AT_LEAST ? AT_MOST : AT_LEAST;
        }
    }

    /** A number that is known. */
    public static Bounded exactly(double value) {
        return new Bounded(value, Bound.NONE);
    }

    /** The number where it is finite, else what bounds it. */
    public static Bounded orElse(double value, Bounded bound) {
        return Double.isFinite(value) ? exactly(value) : bound;
    }

    /** The difference: with one bound a bound itself, with two nothing is known. */
    public Bounded minus(Bounded other) {
        if (other.bound == Bound.NONE) {
            return new Bounded(value - other.value, bound);
        }
        return bound == Bound.NONE
                ? new Bounded(value - other.value, other.bound.opposite())
                : new Bounded(Double.NaN, Bound.UNKNOWN);
    }
}
