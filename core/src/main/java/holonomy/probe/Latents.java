package holonomy.probe;

import holonomy.data.Table;
import java.util.List;

/**
 * How each latent behaves on some rows; arrays [h].
 *
 * @param firing share of rows on which it is active (top-k: kept), dimensionless
 * @param mean of its value, 0 where it is not active
 * @param variance of its value
 */
public record Latents(double[] firing, double[] mean, double[] variance) {
    /** Of the codes of some rows. */
    public static Latents of(Codes codes, int latents) {
        double[] firing = new double[latents];
        double[] sums = new double[latents];
        double[] squares = new double[latents];
        for (int entry = 0; entry < codes.end(codes.rows() - 1); entry++) {
            int j = codes.latent(entry);
            double value = codes.value(entry);
            firing[j]++;
            sums[j] += value;
            squares[j] += value * value;
        }
        for (int j = 0; j < latents; j++) {
            firing[j] /= codes.rows();
            sums[j] /= codes.rows();
            squares[j] = Math.max(0, squares[j] / codes.rows() - sums[j] * sums[j]);
        }
        return new Latents(firing, sums, squares);
    }

    /** The latents of a {@link #table}. */
    public static Latents of(Table table) {
        return new Latents(column(table, "firing"), column(table, "mean"), column(table, "variance"));
    }

    private static double[] column(Table table, String name) {
        return table.rows().stream().mapToDouble(row -> row.number(name)).toArray();
    }

    /** Latents that were never active. */
    public int dead() {
        int dead = 0;
        for (double share : firing) {
            dead += share == 0 ? 1 : 0;
        }
        return dead;
    }

    /** Columns latent, firing, mean, variance. */
    public Table table() {
        Table.Builder rows = Table.builder(List.of(
                Table.whole("latent"), Table.quantity("firing"), Table.quantity("mean"), Table.quantity("variance")));
        for (int j = 0; j < firing.length; j++) {
            rows.row(j, firing[j], mean[j], variance[j]);
        }
        return rows.build();
    }
}
