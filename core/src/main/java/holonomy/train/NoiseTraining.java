package holonomy.train;

import holonomy.data.UserError;
import holonomy.geometry.ArrayTrajectory;
import holonomy.geometry.InitialDirection;
import holonomy.model.Block;
import holonomy.task.Stream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * A training that has nothing to learn: the run's own optimiser, decay and schedule from its own initial values, fed gradients of independent Gaussian noise of the second moment that was measured (null N2 of
 * spec/backbone.md, section 4.N). It checks {@link holonomy.geometry.NoiseWalk}: it has the momentum and the finite number of weights that the closed form leaves out.
 *
 * <p>Weights do not know of each other, so they are trained part by part, and memory is that of one part's snapshots. Gradients are not clipped: their second moment was measured after it.
 */
public final class NoiseTraining {
    /** Weights trained at once. */
    private static final int PART = 1 << 14;

    private final RunSpec run;
    private final long[] steps;
    private final Stream noise;

    /**
     * The training of a run, seen at some steps.
     *
     * @param steps of the snapshots [n], strictly increasing. Copied.
     * @param noise where gradients are drawn from
     * @throws UserError if the run starts from another one, whose optimiser's state it would need
     */
    public NoiseTraining(RunSpec run, long[] steps, Stream noise) {
        if (run.start().isPresent()) {
            throw new UserError(
                    "noise training: expected a run from initial values, found one that starts from another run ("
                            + run.label() + "); ask for it of that one");
        }
        this.run = run;
        this.steps = steps.clone();
        this.noise = noise;
    }

    /**
     * Mean of a block's second moments in the optimiser's state, {@code v / (1 - beta2^t)} as Adam takes it. One that keeps none (SGD) moves in proportion to the gradient, so without decay noise of any size
     * takes a path of the same shape, and the moment is 1: shares, cosines and exponents of that path mean something, lengths do not.
     *
     * @throws UserError if the optimiser keeps none and decays
     */
    public static double secondMoment(OptimizerState state, Optimizer settings, Block block) {
        if (!settings.normalises() && settings.weightDecay() == 0) {
            return 1;
        }
        float[] moments = state.arrays().get("second_moment");
        if (!(settings instanceof AdamW adam) || moments == null || state.steps() == 0) {
            throw new UserError(
                    "noise training: expected an optimiser that has measured second moments of the gradient (AdamW, after"
                            + " a step) or does not decay, found " + settings.spec());
        }
        double sum = 0;
        for (int i = block.offset(); i < block.offset() + block.size(); i++) {
            sum += moments[i];
        }
        return sum / block.size() / (1 - Math.pow(adam.beta2(), state.steps()));
    }

    /**
     * The path of one block.
     *
     * @param secondMoment E g^2 of each of its weights
     */
    public InitialDirection path(Block block, double secondMoment) {
        float[] initial = run.initialWeights().values();
        List<InitialDirection> parts = new ArrayList<>();
        for (int from = block.offset(); from < block.offset() + block.size(); from += PART) {
            int to = Math.min(from + PART, block.offset() + block.size());
            float[][] snapshots = train(
                    Arrays.copyOfRange(initial, from, to), block.decays(), Math.sqrt(secondMoment), noise.at(from));
            parts.add(InitialDirection.of(ArrayTrajectory.of(Map.of(block.name(), snapshots), steps), block.name()));
        }
        return InitialDirection.sum(block.name(), parts);
    }

    /** Snapshots [n, weights]. @param weights the initial ones. Modified. */
    private float[][] train(float[] weights, boolean decays, double deviation, RandomGenerator random) {
        OptimizerState state =
                run.training().optimizer().start(new Decaying(List.of(new Decaying.Span(0, weights.length, decays))));
        float[] gradient = new float[weights.length];
        float[][] snapshots = new float[steps.length][];
        long step = 0;
        for (int i = 0; i < steps.length; i++) {
            for (; step < steps[i]; step++) {
                for (int d = 0; d < gradient.length; d++) {
                    gradient[d] = (float) (deviation * random.nextGaussian());
                }
                state.step(weights, gradient, run.scheduleFactor(step));
            }
            snapshots[i] = weights.clone();
        }
        return snapshots;
    }
}
