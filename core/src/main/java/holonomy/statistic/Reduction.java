package holonomy.statistic;

import holonomy.stats.Quantiles;
import java.util.Arrays;

/** How the numbers of several runs of one seed become one. Undefined (NaN) where one of them is. */
public enum Reduction {
    MEAN("mean") {
        @Override
        double ofDefined(double[] values) {
            return Arrays.stream(values).average().orElse(Double.NaN);
        }
    },
    MEDIAN("median") {
        @Override
        double ofDefined(double[] values) {
            return Quantiles.median(values);
        }
    },
    LEAST("least") {
        @Override
        double ofDefined(double[] values) {
            return Arrays.stream(values).min().orElse(Double.NaN);
        }
    },
    MOST("most") {
        @Override
        double ofDefined(double[] values) {
            return Arrays.stream(values).max().orElse(Double.NaN);
        }
    };

    private final String word;

    Reduction(String word) {
        this.word = word;
    }

    /** The reduction of at least one number. Nothing is modified. */
    public double of(double[] values) {
        return Arrays.stream(values).anyMatch(Double::isNaN) ? Double.NaN : ofDefined(values);
    }

    abstract double ofDefined(double[] values);

    /** The word that labels use. */
    @Override
    public String toString() {
        return word;
    }
}
