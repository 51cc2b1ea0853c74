package holonomy.train;

/**
 * The step that an optimiser would take next, as a function of (theta, gradient): its state is frozen, so the same arguments always give the same step.
 *
 * <p>The step is computed from theta = 0, where float32 keeps all of its digits, and weight decay is added in float64: the difference of two
 * weight vectors would have lost them.
 */
public final class FrozenStep {
    private final Optimizer optimizer;
    private final OptimizerState state;
    private final double factor;

    /**
     * @param state the optimiser's state. Read whenever a step is asked for, never changed.
     * @param factor the schedule's factor on the learning rate, dimensionless
     */
    public FrozenStep(Optimizer optimizer, OptimizerState state, double factor) {
        this.optimizer = optimizer;
        this.state = state;
        this.factor = factor;
    }

    /**
     * The step [P], in weight units, before it is added to theta.
     *
     * @param theta [P]; not modified
     * @param gradient [P]; not modified
     */
    public double[] at(double[] theta, double[] gradient) {
        boolean penalty = optimizer.decay() == Optimizer.Decay.L2;
        float[] slope = new float[gradient.length];
        for (int i = 0; i < slope.length; i++) {
            slope[i] = (float) (penalty ? gradient[i] + optimizer.weightDecay() * theta[i] : gradient[i]);
        }
        OptimizerState copy = optimizer.start(slope.length);
        copy.restore(state.arrays(), state.steps());
        float[] moved = new float[slope.length];
        copy.step(moved, slope, factor);
        double shrink = penalty ? 0 : optimizer.learningRate() * factor * optimizer.weightDecay();
        double[] step = new double[slope.length];
        for (int i = 0; i < step.length; i++) {
            step[i] = moved[i] - shrink * theta[i];
        }
        return step;
    }
}
