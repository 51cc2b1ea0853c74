package holonomy.inference;

/** The scale on which runs are averaged and spread is measured; results are taken back to the quantity's own. */
public enum Scale {
    /** x: differences, ranks, whatever may have either sign. */
    IDENTITY("", Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY) {
        @Override
        public double forward(double x) {
            return x;
        }

        @Override
        public double back(double y) {
            return y;
        }
    },
    /** What a run did or did not do: 1 or 0. The estimate is the share of runs, its interval Wilson's. */
    OUTCOME(" of runs", 0, 1) {
        @Override
        public double forward(double x) {
            return x;
        }

        @Override
        public double back(double y) {
            return y;
        }
    },
    /** ln x: positive ratios, times, norms. The estimate is the geometric mean. */
    LOG(" on a log scale", 0, Double.POSITIVE_INFINITY) {
        @Override
        public double forward(double x) {
            return Math.log(x);
        }

        @Override
        public double back(double y) {
            return Math.exp(y);
        }
    },
    /** ln(x/(1 - x)): shares strictly between 0 and 1. */
    LOGIT(" on a logit scale", 0, 1) {
        @Override
        public double forward(double x) {
            return Math.log(x) - Math.log1p(-x);
        }

        @Override
        public double back(double y) {
            return 1 / (1 + Math.exp(-y));
        }
    },
    /** artanh x, Fisher's z: cosines and correlations strictly between -1 and 1. */
    CORRELATION(" on Fisher's z scale", -1, 1) {
        @Override
        public double forward(double x) {
            return (Math.log1p(x) - Math.log1p(-x)) / 2;
        }

        @Override
        public double back(double y) {
            return Math.tanh(y);
        }
    };

    private final String words;
    private final double lowest;
    private final double highest;

    Scale(String words, double lowest, double highest) {
        this.words = words;
        this.lowest = lowest;
        this.highest = highest;
    }

    /** The value on this scale. */
    public abstract double forward(double x);

    /** The inverse of {@link #forward}. */
    public abstract double back(double y);

    /** Smallest value the quantity can come near. */
    public double lowest() {
        return lowest;
    }

    /** Largest value the quantity can come near. */
    public double highest() {
        return highest;
    }

    /** Its part of a method's text: empty, or {@code " on a log scale"}. */
    String words() {
        return words;
    }

    /** Whether contrasts on this scale are ratios (of values, of odds), 1 where there is no difference; else differences. */
    public boolean isRatio() {
        return this == LOG || this == LOGIT;
    }

    /** Whether the value stands at an end of a bounded scale (a share of exactly 0 or 1, a cosine of exactly 1), where {@link #forward} is infinite. */
    public boolean isAtEnd(double x) {
        return (this == LOGIT || this == CORRELATION) && (x == lowest || x == highest);
    }

    /** Fails for a value the quantity cannot have. */
    void require(double x) {
        boolean fits =
                switch (this) {
                    case IDENTITY -> true;
                    case OUTCOME -> x == 0 || x == 1;
                    case LOG -> x > 0;
                    case LOGIT -> x >= 0 && x <= 1;
                    case CORRELATION -> x >= -1 && x <= 1;
                };
        if (!fits && !Double.isNaN(x)) {
            String expected =
                    switch (this) {
                        case LOG -> "a positive number";
                        case OUTCOME -> "0 or 1";
                        case CORRELATION -> "a cosine or correlation in -1 .. 1";
                        default -> "a share in 0 .. 1";
                    };
            throw new IllegalArgumentException(
                    "value " + x + words() + ": expected " + expected + "; choose another scale");
        }
    }
}
