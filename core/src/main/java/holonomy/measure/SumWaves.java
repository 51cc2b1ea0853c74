package holonomy.measure;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * Functions of the residues modulo an odd p as waves, and with them logits on all pairs (a, b) as waves of the sum, in float64. With y the logits less their mean
 * over classes, averaged over the p pairs of each sum s,
 *
 * <pre>
 *   y_c(s) = y0_c + sum over k = 1 .. (p - 1)/2 of A_kc cos(2 pi k s / p) + B_kc sin(2 pi k s / p)
 *   energy_k = sum over c of (A_kc^2 + B_kc^2) / 2
 *   total    = mean over pairs of sum over c of (y_c - y0_c)^2
 * </pre>
 *
 * <p>in nats squared. The waves' energies add up to the total if the logits depend on the sum alone; what is left belongs to a and b apart.
 */
public final class SumWaves {
    /** The logits of the pairs (a, 0) .. (a, p - 1), [p, p] row by row. */
    @FunctionalInterface
    public interface PairLogits {
        float[] of(int a);
    }

    private final int p;
    private final double[] mean;
    private final double[][] cosines;
    private final double[][] sines;
    private final double total;

    private SumWaves(int p, double[][] bySum, double squares) {
        this.p = p;
        int columns = bySum[0].length;
        mean = new double[columns];
        for (double[] row : bySum) {
            for (int c = 0; c < columns; c++) {
                mean[c] += row[c] / p;
            }
        }
        cosines = new double[frequencies(p)][columns];
        sines = new double[frequencies(p)][columns];
        for (int k = 1; k <= cosines.length; k++) {
            for (int s = 0; s < p; s++) {
                double angle = angle(k, s);
                double cosine = 2 * Math.cos(angle) / p;
                double sine = 2 * Math.sin(angle) / p;
                for (int c = 0; c < columns; c++) {
                    cosines[k - 1][c] += cosine * bySum[s][c];
                    sines[k - 1][c] += sine * bySum[s][c];
                }
            }
        }
        total = squares - DoubleStream.of(mean).map(m -> m * m).sum();
    }

    /** Waves of logits. */
    public static SumWaves of(int p, PairLogits logits) {
        double[][] bySum = new double[p][p];
        double squares = 0;
        for (int a = 0; a < p; a++) {
            float[] rows = logits.of(a);
            for (int b = 0; b < p; b++) {
                double level = 0;
                for (int c = 0; c < p; c++) {
                    level += (double) rows[b * p + c] / p;
                }
                double[] sum = bySum[(a + b) % p];
                for (int c = 0; c < p; c++) {
                    double y = rows[b * p + c] - level;
                    sum[c] += y / p;
                    squares += y * y / ((double) p * p);
                }
            }
        }
        return new SumWaves(p, bySum, squares);
    }

    /** Waves of a table with a row for each residue, [p, d]: its columns take the place of the classes, and nothing is subtracted. */
    public static SumWaves of(double[][] rows) {
        double squares = Arrays.stream(rows)
                        .flatMapToDouble(Arrays::stream)
                        .map(x -> x * x)
                        .sum()
                / rows.length;
        return new SumWaves(rows.length, rows, squares);
    }

    /** Number of frequencies, (p - 1)/2. */
    public static int frequencies(int p) {
        return (p - 1) / 2;
    }

    private double angle(int k, int s) {
        return 2 * Math.PI * ((long) k * s % p) / p;
    }

    /** energy_k over the total, of k = 1 .. (p - 1)/2; dimensionless, NaN where nothing varies. */
    public double[] shares() {
        return IntStream.range(0, cosines.length)
                .mapToDouble(k -> IntStream.range(0, mean.length)
                                .mapToDouble(c -> cosines[k][c] * cosines[k][c] + sines[k][c] * sines[k][c])
                                .sum()
                        / 2
                        / total)
                .toArray();
    }

    /** The waves of some frequencies, by sum and class [p, p], without the mean y0. */
    public double[][] part(List<Integer> frequencies) {
        double[][] part = new double[p][mean.length];
        for (int k : frequencies) {
            for (int s = 0; s < p; s++) {
                double cosine = Math.cos(angle(k, s));
                double sine = Math.sin(angle(k, s));
                for (int c = 0; c < mean.length; c++) {
                    part[s][c] += cosine * cosines[k - 1][c] + sine * sines[k - 1][c];
                }
            }
        }
        return part;
    }

    /** y0, by class. */
    public double[] mean() {
        return mean.clone();
    }

    /**
     * The fewest frequencies that hold a share of all waves' energy, those of most energy first; at least one.
     *
     * @param shares of k = 1 .., as {@link #shares}. Not modified.
     * @param share above 0, at most 1; dimensionless
     */
    public static List<Integer> holding(double[] shares, double share) {
        List<Integer> order =
                new ArrayList<>(IntStream.rangeClosed(1, shares.length).boxed().toList());
        order.sort((one, other) -> Double.compare(shares[other - 1], shares[one - 1]));
        double wanted = share * DoubleStream.of(shares).sum();
        double held = shares[order.get(0) - 1];
        int count = 1;
        while (count < order.size() && held < wanted) {
            held += shares[order.get(count++) - 1];
        }
        return List.copyOf(order.subList(0, count));
    }
}
