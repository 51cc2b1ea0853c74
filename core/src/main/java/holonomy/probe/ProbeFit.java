package holonomy.probe;

import holonomy.data.Table;
import holonomy.data.UserError;
import holonomy.measure.Cadence;
import holonomy.task.RandomSequence;
import holonomy.task.Stream;
import holonomy.train.OptimizerState;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * Trains a sparse autoencoder: rows are drawn with replacement from the first nine tenths, the last tenth is held out. A pure function of
 * (activations, recipe, seed).
 */
public final class ProbeFit {
    private static final int REPORTS = 25;
    private static final int HELD_OUT_SHARE = 10;
    private static final int MOST_HELD_OUT = 4096;
    private static final double STEERING = .02;
    private static final double FIRST_L1 = .1;

    private final Activations activations;
    private final ProbeTraining recipe;
    private final int trained;
    private final SparseGradient gradient;
    private final Table.Builder history = Table.builder(List.of(
            Table.whole("step"),
            Table.quantity("loss"),
            Table.quantity("l0"),
            Table.quantity("validation_loss"),
            Table.quantity("fvu"),
            Table.quantity("validation_l0"),
            Table.quantity("l1")));

    private ProbeFit(Activations activations, ProbeTraining recipe) {
        this.activations = activations;
        this.recipe = recipe;
        if (activations.count() < 2) {
            throw new UserError("sparse probe: expected at least 2 activations, found " + activations.count());
        }
        trained = activations.count() - Math.max(1, activations.count() / HELD_OUT_SHARE);
        gradient = new SparseGradient(activations.width(), recipe.latents());
    }

    /**
     * Trains.
     *
     * @param seed of initial directions and batches
     * @param advanced told the number of steps taken; may throw to stop
     */
    public static FittedProbe fit(Activations activations, ProbeTraining recipe, long seed, LongConsumer advanced) {
        ProbeFit fit = new ProbeFit(activations, recipe);
        try (Products products = new Products()) {
            return fit.run(seed, products, advanced);
        }
    }

    private FittedProbe run(long seed, Products products, LongConsumer advanced) {
        Moments moments = Moments.of(activations, trained);
        moments.check(trained);
        float scale = (float) (Math.sqrt(activations.width()) / moments.meanNorm());
        float[] theta = initial(moments, scale, seed);
        float[] step = new float[theta.length];
        OptimizerState state = recipe.optimizer().start(theta.length);
        HeldOut heldOut = new HeldOut(activations, trained, MOST_HELD_OUT);
        Stream batches = Stream.of(seed, "sparse probe batches");
        Cadence reports = Cadence.times(REPORTS);
        double l1 = firstL1();
        for (int taken = 1; taken <= recipe.steps(); taken++) {
            SparseProbe probe = probe(theta, scale);
            float[] x = probe.scaled(batch(batches.at(taken)));
            Codes codes = probe.encodeScaled(x, products);
            double loss = gradient.at(probe, x, codes, l1, step);
            if (!Double.isFinite(loss)) {
                throw new UserError("sparse probe: the loss stopped being finite at step " + taken
                        + "; use a smaller learning rate than "
                        + recipe.optimizer().learningRate());
            }
            gradient.projectDirections(theta, step);
            state.step(theta, step, 1);
            gradient.normaliseDirections(theta);
            if (reports.due(taken, recipe.steps())) {
                report(taken, loss, codes, l1, heldOut.measure(probe(theta, scale), l1, products));
            }
            l1 = steered(l1, codes.meanActive(), taken);
            advanced.accept(taken);
        }
        SparseProbe probe = probe(theta, scale);
        Latents latents = Latents.of(probe.encode(heldOut.rows(), products), recipe.latents());
        return new FittedProbe(probe, history.build(), latents.table(), latents.dead(), warnings());
    }

    private SparseProbe probe(float[] theta, float scale) {
        return gradient.probe(theta, recipe.sparsity() instanceof Sparsity.TopK top ? top.k() : 0, scale);
    }

    /** Random directions, the encoder equal to them, biases 0, the output bias at the mean activation. */
    private float[] initial(Moments moments, float scale, long seed) {
        int d = activations.width();
        int h = recipe.latents();
        RandomSequence random = Stream.of(seed, "sparse probe initial").at(0);
        float[] directions = new float[h * d];
        for (int i = 0; i < directions.length; i++) {
            directions[i] = (float) random.nextGaussian();
        }
        float[] mean = new float[d];
        for (int i = 0; i < d; i++) {
            mean[i] = (float) (scale * moments.mean()[i]);
        }
        float[] theta = gradient.theta(new SparseProbe(d, h, 0, scale, directions, new float[h], directions, mean));
        gradient.normaliseDirections(theta);
        System.arraycopy(theta, h * d + h, theta, 0, h * d);
        return theta;
    }

    private float[] batch(RandomSequence random) {
        float[] rows = new float[recipe.batch() * activations.width()];
        for (int i = 0; i < recipe.batch(); i++) {
            activations.read(random.nextInt(trained), rows, i * activations.width());
        }
        return rows;
    }

    private double firstL1() {
        if (recipe.sparsity() instanceof Sparsity.Relu relu) {
            return relu.l1();
        }
        return recipe.sparsity() instanceof Sparsity.SteeredRelu ? FIRST_L1 : 0;
    }

    /** l1 grows where more latents are active than wanted, by at most 2 % a step, until two thirds of the steps are taken. */
    private double steered(double l1, double active, int taken) {
        if (!(recipe.sparsity() instanceof Sparsity.SteeredRelu wanted) || taken * 3L > recipe.steps() * 2L) {
            return l1;
        }
        double excess = active / wanted.active() - 1;
        return l1 * Math.exp(STEERING * Math.max(-1, Math.min(1, excess)));
    }

    private void report(int taken, double loss, Codes codes, double l1, HeldOut.Quality quality) {
        history.row(taken, loss, codes.meanActive(), quality.loss(), quality.fvu(), quality.active(), l1);
    }

    private List<String> warnings() {
        List<String> warnings = new ArrayList<>();
        if (activations.count() < recipe.latents()) {
            warnings.add("fewer activations (" + activations.count() + ") than latents (" + recipe.latents() + ")");
        }
        return warnings;
    }
}
