package holonomy.probe;

import holonomy.data.Table;
import holonomy.task.RandomSequence;
import holonomy.task.Stream;
import java.util.Arrays;
import java.util.List;

/**
 * How strongly each latent goes with each attribute, beside a permutation null. One row per sequence, so that rows are independent.
 *
 * <pre>
 *   a number a:  strength |r|, r = cov(z, a) / (sd z sd a)
 *   a class c:   strength eta = sqrt(sum_c n_c (mean_c - mean)^2 / sum_i (z_i - mean)^2)
 *   p corrected for h latents: (1 + permutations whose largest strength over latents is at least this) / (1 + permutations)
 * </pre>
 *
 * <p>Dimensionless, 0 .. 1. A latent that never varies has no strength (missing); an attribute that never varies has no rows.
 */
public final class Attribution {
    private final Codes codes;
    private final int latents;
    private final int[][] rows;
    private final float[][] values;
    private final double[] means;
    private final double[] squares;

    private Attribution(Codes codes, int latents) {
        this.codes = codes;
        this.latents = latents;
        rows = new int[latents][];
        values = new float[latents][];
        means = new double[latents];
        squares = new double[latents];
        byLatent();
    }

    /**
     * The table: columns attribute, latent, rank (1 is the strongest of its attribute), strength, correlation (r; missing for a class), p, and at the same
     * rank under permutation null (mean) and null_largest (95 % quantile of the largest).
     *
     * @param codes one row per sequence
     * @param labels of the same rows
     */
    public static Table table(Codes codes, int latents, RowLabels labels, int permutations, Stream stream) {
        Attribution attribution = new Attribution(codes, latents);
        Table.Builder table = Table.builder(List.of(
                Table.text("attribute"),
                Table.whole("latent"),
                Table.whole("rank"),
                Table.quantity("strength"),
                Table.quantity("correlation"),
                Table.quantity("p"),
                Table.quantity("null"),
                Table.quantity("null_largest")));
        for (Attribute attribute : Attribute.values()) {
            int[] numbers = attribute.of(labels);
            if (Arrays.stream(numbers).distinct().count() > 1) {
                attribution.rows(attribute, numbers, permutations, stream.at(attribute.ordinal()), table);
            }
        }
        return table.build();
    }

    /** One row per sequence, drawn among the sequence's rows; the first {@code most} sequences. */
    public static int[] onePerSequence(RowLabels labels, int most, RandomSequence random) {
        int[] chosen = new int[Math.min(most, labels.count())];
        int count = 0;
        for (int from = 0, to; from < labels.count() && count < most; from = to) {
            to = from + 1;
            while (to < labels.count() && labels.sequence()[to] == labels.sequence()[from]) {
                to++;
            }
            chosen[count++] = from + random.nextInt(to - from);
        }
        return Arrays.copyOf(chosen, count);
    }

    private void byLatent() {
        int[] sizes = new int[latents];
        int entries = codes.end(codes.rows() - 1);
        for (int entry = 0; entry < entries; entry++) {
            sizes[codes.latent(entry)]++;
        }
        for (int j = 0; j < latents; j++) {
            rows[j] = new int[sizes[j]];
            values[j] = new float[sizes[j]];
        }
        int[] next = new int[latents];
        for (int row = 0; row < codes.rows(); row++) {
            for (int entry = codes.start(row); entry < codes.end(row); entry++) {
                int j = codes.latent(entry);
                rows[j][next[j]] = row;
                values[j][next[j]++] = codes.value(entry);
            }
        }
        int n = codes.rows();
        for (int j = 0; j < latents; j++) {
            double sum = 0;
            double square = 0;
            for (float value : values[j]) {
                sum += value;
                square += (double) value * value;
            }
            means[j] = sum / n;
            double spread = square - n * means[j] * means[j];
            squares[j] = spread > 1e-9 * square ? spread : 0;
        }
    }

    private void rows(
            Attribute attribute, int[] numbers, int permutations, RandomSequence random, Table.Builder table) {
        double[] signed = strengths(attribute, numbers);
        double[] strength = Arrays.stream(signed).map(Math::abs).toArray();
        double[] largest = new double[permutations];
        double[] ranked = new double[latents];
        int[] shuffled = numbers.clone();
        for (int draw = 0; draw < permutations; draw++) {
            shuffle(shuffled, random);
            double[] sorted = descending(strengths(attribute, shuffled));
            largest[draw] = sorted.length > 0 ? sorted[0] : Double.NaN;
            for (int rank = 0; rank < sorted.length; rank++) {
                ranked[rank] += sorted[rank] / permutations;
            }
        }
        Arrays.sort(largest);
        double bound = largest[(int) Math.min(permutations - 1, Math.ceil(.95 * permutations))];
        Integer[] order = new Integer[latents];
        Arrays.setAll(order, j -> j);
        // Undefined strengths (NaN) are the largest to Double.compare: last.
        Arrays.sort(
                order,
                (a, b) -> Double.compare(
                        Double.isNaN(strength[a]) ? 1 : -strength[a], Double.isNaN(strength[b]) ? 1 : -strength[b]));
        for (int rank = 0; rank < latents; rank++) {
            int j = order[rank];
            boolean defined = !Double.isNaN(strength[j]);
            double p = defined ? corrected(strength[j], largest) : Double.NaN;
            double r = attribute.isClass() ? Double.NaN : signed[j];
            double chance = defined ? ranked[rank] : Double.NaN;
            table.row(attribute.label(), j, rank + 1, strength[j], r, p, chance, bound);
        }
    }

    private static double corrected(double strength, double[] largest) {
        int reaching = 0;
        for (double chance : largest) {
            reaching += chance >= strength ? 1 : 0;
        }
        return (1.0 + reaching) / (1 + largest.length);
    }

    private static double[] descending(double[] signed) {
        double[] sorted = Arrays.stream(signed)
                .filter(value -> !Double.isNaN(value))
                .map(value -> -Math.abs(value))
                .sorted()
                .toArray();
        for (int i = 0; i < sorted.length; i++) {
            sorted[i] = -sorted[i];
        }
        return sorted;
    }

    /** Fisher and Yates. */
    private static void shuffle(int[] numbers, RandomSequence random) {
        for (int i = numbers.length - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int kept = numbers[i];
            numbers[i] = numbers[j];
            numbers[j] = kept;
        }
    }

    private double[] strengths(Attribute attribute, int[] numbers) {
        return attribute.isClass() ? ratios(numbers) : correlations(numbers);
    }

    private double[] correlations(int[] numbers) {
        int n = codes.rows();
        double mean = Arrays.stream(numbers).average().orElseThrow();
        double spread = 0;
        for (int number : numbers) {
            spread += (number - mean) * (number - mean);
        }
        double[] result = new double[latents];
        for (int j = 0; j < latents; j++) {
            double products = 0;
            for (int i = 0; i < rows[j].length; i++) {
                products += values[j][i] * (numbers[rows[j][i]] - mean);
            }
            result[j] = squares[j] > 0 ? products / Math.sqrt(spread * squares[j]) : Double.NaN;
        }
        return result;
    }

    private double[] ratios(int[] numbers) {
        int n = codes.rows();
        int least = Arrays.stream(numbers).min().orElseThrow();
        int classes = Arrays.stream(numbers).max().orElseThrow() - least + 1;
        int[] sizes = new int[classes];
        for (int number : numbers) {
            sizes[number - least]++;
        }
        double[] result = new double[latents];
        double[] sums = new double[classes];
        for (int j = 0; j < latents; j++) {
            Arrays.fill(sums, 0);
            for (int i = 0; i < rows[j].length; i++) {
                sums[numbers[rows[j][i]] - least] += values[j][i];
            }
            double between = -n * means[j] * means[j];
            for (int c = 0; c < classes; c++) {
                between += sizes[c] > 0 ? sums[c] * sums[c] / sizes[c] : 0;
            }
            result[j] = squares[j] > 0 ? Math.sqrt(Math.max(0, between) / squares[j]) : Double.NaN;
        }
        return result;
    }
}
