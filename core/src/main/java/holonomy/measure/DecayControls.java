package holonomy.measure;

import holonomy.data.Table;
import holonomy.geometry.ArrayTrajectory;
import holonomy.geometry.Centring;
import holonomy.geometry.Gram;
import holonomy.geometry.Increments;
import holonomy.geometry.NullSpectrum;
import holonomy.geometry.Shrinkage;
import holonomy.geometry.Spectrum;
import holonomy.geometry.Statistic;
import holonomy.geometry.SymmetricMatrix;
import holonomy.geometry.Trajectory;
import holonomy.geometry.WalkNull;
import holonomy.model.Layout;
import java.util.Arrays;
import java.util.List;

/**
 * What passive weight decay does to the first component of a block's path (arXiv 2602.16746; controls D13, D14): share of the variance along PC1 of
 * several paths over the same steps, all centred, dimensionless.
 *
 * <pre>
 *   measured         w_t
 *   start removed    w_t - (w_t . u) u,   u = w_0 / |w_0|
 *   gradient part    g_0 = 0,   g_t+1 = g_t + w_t+1 - r_t w_t,   r_t what decay alone leaves between the snapshots
 *   decay only       w_0 r_1 ... r_t
 * </pre>
 *
 * <p>With each but the last the uncorrelated walk and the mean-reverting walk of the same step lengths. With the gradient part also what it is where nothing is
 * learned: weights that stay about w_0 need a gradient that balances decay, so its increments are
 *
 * <pre>
 *   balance of decay   (1 - r_t) w_0 + e_t,   e_t independent, |e_t|^2 = max(0, l_t^2 - (1 - r_t)^2 |w_0|^2),   l_t the measured lengths
 * </pre>
 *
 * <p>and its path is nearly a line: no fitted parameter, no learning. {@code start share} is the part of
 * {@code |w_T - w_0|^2} that lies along u, {@code decay share} the part that decay alone predicts.
 *
 * @param snapshots the paths
 */
public record DecayControls(SnapshotPlan snapshots) implements PathMeasure {
    /** Which path: as measured, without the start's direction, or a control. */
    public static final Table.Column OF_PATH = Table.text("path");

    public static final String MEASURED = "measured";
    public static final String START_REMOVED = "start removed";
    public static final String GRADIENT_PART = "gradient part";
    public static final String DECAY_ONLY = "decay only";
    public static final String BALANCE = "balance of decay";
    public static final String PC1 = "PC1 share";
    public static final String START_SHARE = "start share";
    public static final String DECAY_SHARE = "decay share";

    /** Components whose shares are kept of the path as it is, by "share of PC" and their number from 1. */
    public static final int COMPONENTS = 5;

    /** The statistic of component {@code number}, from 1. */
    public static String component(int number) {
        return "share of PC" + number;
    }

    /** The path itself, beside its nulls by their labels. */
    public static final String PATH = "path";

    public DecayControls {
        PathMeasure.requireAtLeast(3, snapshots, "decay controls");
    }

    @Override
    public String name() {
        return "decay-controls";
    }

    @Override
    public List<Table.Column> columns() {
        return List.of(BLOCK, SNAPSHOTS, OF_PATH, STATISTIC, SERIES, VALUE);
    }

    @Override
    public int semantics() {
        return 4;
    }

    @Override
    public void measure(Moment moment, Table.Builder rows) {
        Trajectory path = moment.trajectory(snapshots);
        Layout layout = moment.run().model().layout();
        long[] steps = path.steps();
        for (String block : path.blocks()) {
            Shrinkage decay = moment.run().shrinkage(layout.block(block));
            float[][] w = read(path, block);
            Rows writer = new Rows(block, steps, decay, rows);
            writer.path(MEASURED, w);
            writer.path(START_REMOVED, startRemoved(w));
            writer.path(GRADIENT_PART, gradientPart(w, steps, decay));
            writer.balance(gradientPart(w, steps, decay), Math.sqrt(dot(w[0], w[0])));
            writer.path(DECAY_ONLY, decayOnly(w[0], steps, decay));
            writer.shares(w);
        }
    }

    private static float[][] read(Trajectory path, String block) {
        float[][] w = new float[path.snapshots()][Math.toIntExact(path.dimension(block))];
        for (int i = 0; i < w.length; i++) {
            path.read(i, block, 0, w[i], w[i].length);
        }
        return w;
    }

    private static float[][] startRemoved(float[][] w) {
        double length = dot(w[0], w[0]);
        float[][] result = new float[w.length][];
        for (int i = 0; i < w.length; i++) {
            double factor = length > 0 ? dot(w[i], w[0]) / length : 0;
            result[i] = plus(w[i], w[0], -factor);
        }
        return result;
    }

    private static float[][] gradientPart(float[][] w, long[] steps, Shrinkage decay) {
        float[][] result = new float[w.length][];
        result[0] = new float[w[0].length];
        for (int i = 1; i < w.length; i++) {
            double kept = decay.kept(steps[i - 1], steps[i]);
            result[i] = plus(plus(result[i - 1], w[i], 1), w[i - 1], -kept);
        }
        return result;
    }

    private static float[][] decayOnly(float[] start, long[] steps, Shrinkage decay) {
        float[][] result = new float[steps.length][];
        for (int i = 0; i < steps.length; i++) {
            result[i] = plus(new float[start.length], start, decay.kept(steps[0], steps[i]));
        }
        return result;
    }

    /** The expected gradient part of weights that stay about a w_0 of norm {@code start}, with these increments' lengths. */
    static Gram balanceOfDecay(Increments gradientPart, Shrinkage decay, double start) {
        long[] steps = gradientPart.path().steps();
        double[] drift = new double[gradientPart.size()];
        Arrays.setAll(drift, t -> (1 - decay.kept(steps[t], steps[t + 1])) * start);
        return gradientPart.path(SymmetricMatrix.of(drift.length, (s, t) -> {
            double length = gradientPart.length(t);
            double along = drift[s] * drift[t];
            return s == t ? Math.max(length * length, along) : along;
        }));
    }

    private static float[] plus(float[] a, float[] b, double factor) {
        float[] result = new float[a.length];
        for (int d = 0; d < a.length; d++) {
            result[d] = (float) (a[d] + factor * b[d]);
        }
        return result;
    }

    private static double dot(float[] a, float[] b) {
        double sum = 0;
        for (int d = 0; d < a.length; d++) {
            sum += (double) a[d] * b[d];
        }
        return sum;
    }

    /** Writes the rows of one block. */
    private record Rows(String block, long[] steps, Shrinkage decay, Table.Builder rows) {
        void path(String name, float[][] w) {
            Gram gram = Gram.of(ArrayTrajectory.of(java.util.Map.of(block, w), steps), block);
            row(name, PC1, PATH, Statistic.PC1_SHARE.of(Spectrum.of(gram, Centring.CENTRED)));
            if (name.equals(MEASURED)) {
                components(PATH, Spectrum.of(gram, Centring.CENTRED));
                WalkNull walk = new WalkNull.Uncorrelated();
                components(
                        walk.label(),
                        NullSpectrum.of(walk, gram, Centring.CENTRED).spectra().get(0));
            }
            if (!name.equals(DECAY_ONLY)) {
                walk(name, gram, new WalkNull.Uncorrelated());
                walk(name, gram, new WalkNull.DriftPlusNoise(decay));
            }
        }

        private void components(String series, Spectrum spectrum) {
            if (!spectrum.isDefined()) {
                return;
            }
            double[] shares = spectrum.varianceShare();
            for (int k = 0; k < Math.min(COMPONENTS, shares.length); k++) {
                row(MEASURED, component(k + 1), series, shares[k]);
            }
        }

        private void walk(String name, Gram gram, WalkNull walk) {
            NullSpectrum spectrum = NullSpectrum.of(walk, gram, Centring.CENTRED);
            row(name, PC1, spectrum.label(), spectrum.mean(Statistic.PC1_SHARE));
        }

        void balance(float[][] gradientPart, double start) {
            Gram gram = Gram.of(ArrayTrajectory.of(java.util.Map.of(block, gradientPart), steps), block);
            Gram balance = balanceOfDecay(Increments.of(gram), decay, start);
            row(GRADIENT_PART, PC1, BALANCE, Statistic.PC1_SHARE.of(Spectrum.of(balance, Centring.CENTRED)));
        }

        void shares(float[][] w) {
            float[] last = plus(w[w.length - 1], w[0], -1);
            double moved = dot(last, last);
            double length = dot(w[0], w[0]);
            double along = dot(last, w[0]);
            double passive = 1 - decay.kept(steps[0], steps[steps.length - 1]);
            row(MEASURED, START_SHARE, PATH, along * along / (length * moved));
            row(MEASURED, DECAY_SHARE, PATH, passive * passive * length / moved);
        }

        private void row(String path, String statistic, String series, double value) {
            rows.row(block, steps.length, path, statistic, series, value);
        }
    }
}
