package holonomy.train;

import holonomy.data.UserError;
import holonomy.model.Weights;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Everything that changes while a run trains: theta, the optimiser's state, where interventions found their directions, the number of steps taken. Not thread-safe. */
public final class TrainingState {
    private final float[] theta;
    private final OptimizerState optimizer;
    private final long before;
    private final SortedMap<String, float[]> anchors = new TreeMap<>();
    private StopRule.Count stopCount = StopRule.Count.NONE;

    private TrainingState(float[] theta, OptimizerState optimizer, long before) {
        this.theta = theta;
        this.optimizer = optimizer;
        this.before = before;
        optimizer.restoreSteps(before);
    }

    /** The state before the first step, at the seed's initial values, which a fork replaces by what it starts from: {@link #startFrom}. */
    public static TrainingState initial(RunSpec spec) {
        Weights start = spec.initialWeights();
        OptimizerState fresh = spec.training().optimizer().start(Decaying.of(start.layout()));
        return new TrainingState(start.values(), fresh, spec.optimizerSteps(0));
    }

    /** Sets the weights, the arrays of the optimiser's state and the number of steps taken. Nothing is kept of the arguments. */
    public void restore(float[] values, Map<String, float[]> arrays, long step) {
        System.arraycopy(values, 0, theta, 0, theta.length);
        optimizer.restore(arrays, before + step);
    }

    /** Sets the number of steps taken. */
    public void restoreStep(long step) {
        optimizer.restoreSteps(before + step);
    }

    /**
     * Makes this, the initial state of a fork, that of another run: its weights, and its optimiser's state if that is kept.
     *
     * @throws UserError if the optimiser's state has not the same arrays
     */
    public void startFrom(TrainingState other) {
        if (before == 0) {
            System.arraycopy(other.theta, 0, theta, 0, theta.length);
        } else if (optimizer.arrays().keySet().equals(other.optimizer.arrays().keySet())) {
            restore(other.theta, other.optimizer.arrays(), 0);
        } else {
            throw new UserError("fork: expected an optimiser whose state is "
                    + other.optimizer.arrays().keySet() + ", as that of the run it starts from, found "
                    + optimizer.arrays().keySet()
                    + "; train by the same kind of optimiser, or begin with a fresh state");
        }
    }

    /** theta [P]; live. */
    public float[] theta() {
        return theta;
    }

    public OptimizerState optimizer() {
        return optimizer;
    }

    /** The weights [P] at which interventions last found their directions, by the place of each; live. */
    public SortedMap<String, float[]> anchors() {
        return anchors;
    }

    /** How far the training is with its stop rule, if it has one. */
    public StopRule.Count stopCount() {
        return stopCount;
    }

    /** Notes how far the training is with its stop rule. */
    public void stopCount(StopRule.Count count) {
        stopCount = count;
    }

    /** Number of steps taken; what a kept optimiser saw before a fork is not among them. */
    public long step() {
        return optimizer.steps() - before;
    }
}
