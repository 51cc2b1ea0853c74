package holonomy.statistic;

import holonomy.data.Table;
import holonomy.stats.Quantiles;
import java.util.Arrays;
import java.util.List;

/** How several numbers become one: those of pairs, of blocks, of moments, of runs of one seed. Undefined (NaN) where one of them is, or none is there. */
public enum Reduction {
    MEAN("mean") {
        @Override
        double ofDefined(double[] values) {
            // Summed in order: a compensated sum would differ in the last digit from what is published.
            double sum = 0;
            for (double value : values) {
                sum += value;
            }
            return sum / values.length;
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

    /** The reduction of some numbers. Nothing is modified. */
    public double of(double... values) {
        boolean undefined = values.length == 0 || Arrays.stream(values).anyMatch(Double::isNaN);
        return undefined ? Double.NaN : ofDefined(values);
    }

    /** The reduction of a number of each row. */
    public double of(List<Table.Row> rows, RowNumber number) {
        return of(rows.stream().mapToDouble(number::of).toArray());
    }

    abstract double ofDefined(double[] values);

    /** The word that labels use. */
    @Override
    public String toString() {
        return word;
    }
}
