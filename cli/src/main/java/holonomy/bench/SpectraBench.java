package holonomy.bench;

import holonomy.geometry.ArrayTrajectory;
import holonomy.geometry.Centring;
import holonomy.geometry.Gram;
import holonomy.geometry.Spectrum;
import holonomy.geometry.Windows;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Gram matrices and expanding windows of trajectories of 20 matrices of 16,384 weights, for growing numbers of snapshots. */
public final class SpectraBench {
    private static final int BLOCKS = 20;
    private static final int DIMENSION = 16_384;
    private static final int ROUNDS = 3;

    private SpectraBench() {}

    /** Lines (f), for each number of snapshots and the exponents of growth. */
    public static List<Measured> run(int[] snapshots) {
        List<Measured> lines = new ArrayList<>();
        double[] grams = new double[snapshots.length];
        double[] all = new double[snapshots.length];
        float[][] walk = walk(snapshots[snapshots.length - 1]);
        for (int i = 0; i < snapshots.length; i++) {
            float[][] first = java.util.Arrays.copyOf(walk, snapshots[i]);
            ArrayTrajectory trajectory = ArrayTrajectory.of("W", first);
            double[][] times = Turns.processor(
                    1, ROUNDS, List.of(() -> Gram.of(trajectory, "W"), () -> windows(Gram.of(trajectory, "W"))));
            Measured whole = Measured.of("(f) spectra of " + snapshots[i] + " snapshots, one matrix", "ms", times[1]);
            grams[i] = Measured.of("", "", times[0]).median();
            all[i] = whole.median();
            lines.add(whole.over("its Gram matrix", whole.median() / grams[i]));
        }
        Measured last = lines.get(lines.size() - 1);
        double seconds = last.median() * BLOCKS / 1000;
        int most = snapshots[snapshots.length - 1];
        lines.add(Measured.of("(f) " + most + " snapshots of " + BLOCKS + " matrices", "s", new double[] {seconds})
                .over("15 s", seconds / 15)
                .atMost(1));
        lines.add(exponent("(f) exponent of growth, Gram matrices", snapshots, grams, 2.1));
        lines.add(exponent("(f) exponent of growth, with eigenvalues", snapshots, all, 3.2));
        return lines;
    }

    private static Measured exponent(String name, int[] snapshots, double[] times, double limit) {
        double slope = slope(snapshots, times);
        return Measured.of(name, "", new double[] {slope}).over("", slope).atMost(limit);
    }

    /** Least-squares slope of ln time over ln snapshots. */
    static double slope(int[] snapshots, double[] times) {
        double meanX = 0;
        double meanY = 0;
        for (int i = 0; i < times.length; i++) {
            meanX += Math.log(snapshots[i]) / times.length;
            meanY += Math.log(times[i]) / times.length;
        }
        double over = 0;
        double under = 0;
        for (int i = 0; i < times.length; i++) {
            double x = Math.log(snapshots[i]) - meanX;
            over += x * (Math.log(times[i]) - meanY);
            under += x * x;
        }
        return over / under;
    }

    private static void windows(Gram gram) {
        for (int count : Windows.expanding(gram.snapshots())) {
            Spectrum.of(gram.prefix(count), Centring.CENTRED);
        }
    }

    private static float[][] walk(int snapshots) {
        SplittableRandom random = new SplittableRandom(1);
        float[][] walk = new float[snapshots][DIMENSION];
        for (int i = 1; i < snapshots; i++) {
            for (int j = 0; j < DIMENSION; j++) {
                walk[i][j] = walk[i - 1][j] + (float) random.nextDouble() - .5f;
            }
        }
        return walk;
    }
}
