package holonomy.statistic;

import holonomy.claim.Sampling;
import holonomy.claim.SeedValues;
import holonomy.data.Table;
import holonomy.data.UserError;
import holonomy.inference.Quantiles;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;

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

    /** Of several numbers, seed by seed: what holds for the least holds for all. Undefined where one of them is; the seeds and the scale are the first one's. */
    public SeedValues of(List<SeedValues> numbers) {
        SeedValues first = numbers.get(0);
        if (numbers.size() == 1) {
            return first;
        }
        for (SeedValues number : numbers) {
            if (!number.sampling().equals(Sampling.INDEPENDENT)) {
                throw new UserError(
                        word + " of " + numbers.size() + " numbers: the seeds of '" + number.label()
                                + "' share runs or give one spread, so it has no value that is a seed's alone; state one claim for each number");
            }
        }
        TreeMap<Long, Double> reduced = new TreeMap<>();
        for (long seed : first.seeds()) {
            reduced.put(
                    seed,
                    of(numbers.stream()
                            .mapToDouble(each -> each.bySeed().getOrDefault(seed, Double.NaN))
                            .toArray()));
        }
        String several = numbers.size() > 1 ? ", " + word + " of " + numbers.size() : "";
        double coarsest = numbers.stream().mapToDouble(SeedValues::grain).max().orElse(0);
        return new SeedValues(first.label() + several, first.scale(), reduced, coarsest);
    }

    abstract double ofDefined(double[] values);

    /** The word that labels use. */
    @Override
    public String toString() {
        return word;
    }
}
