package holonomy.inference;

import java.util.Arrays;

/**
 * Least squares under an order: the nearest curve that never falls, and the nearest that rises to one place and falls from there on.
 *
 * <p>Rising: sum (x_i - y_i)^2 smallest with y_1 <= ... <= y_n, by pooling neighbours that stand the wrong way round until none do (Barlow et al., Statistical Inference under Order Restrictions, 1972). Of one
 * peak: the best over all places where the rise may end; time n^2.
 */
public final class Unimodal {
    private Unimodal() {}

    /** The nearest curve [n] with one rise and one fall, either of which may be missing. @param values [n], not modified */
    public static double[] fit(double[] values) {
        double[] best = rising(values);
        double least = distance(values, best);
        for (int rise = 0; rise < values.length; rise++) {
            double[] one = new double[values.length];
            double[] before = rising(Arrays.copyOfRange(values, 0, rise));
            double[] after = reversed(rising(reversed(Arrays.copyOfRange(values, rise, values.length))));
            System.arraycopy(before, 0, one, 0, rise);
            System.arraycopy(after, 0, one, rise, after.length);
            double distance = distance(values, one);
            if (distance < least) {
                least = distance;
                best = one;
            }
        }
        return best;
    }

    /** The nearest curve [n] that never falls. */
    static double[] rising(double[] values) {
        double[] mean = new double[values.length];
        int[] count = new int[values.length];
        int pools = 0;
        for (double value : values) {
            mean[pools] = value;
            count[pools] = 1;
            pools++;
            while (pools > 1 && mean[pools - 2] > mean[pools - 1]) {
                int both = count[pools - 2] + count[pools - 1];
                mean[pools - 2] = (mean[pools - 2] * count[pools - 2] + mean[pools - 1] * count[pools - 1]) / both;
                count[pools - 2] = both;
                pools--;
            }
        }
        double[] fitted = new double[values.length];
        int at = 0;
        for (int pool = 0; pool < pools; pool++) {
            Arrays.fill(fitted, at, at + count[pool], mean[pool]);
            at += count[pool];
        }
        return fitted;
    }

    private static double[] reversed(double[] values) {
        double[] other = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            other[i] = values[values.length - 1 - i];
        }
        return other;
    }

    private static double distance(double[] one, double[] other) {
        double sum = 0;
        for (int i = 0; i < one.length; i++) {
            sum += (one[i] - other[i]) * (one[i] - other[i]);
        }
        return sum;
    }
}
