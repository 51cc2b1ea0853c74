package holonomy.train;

/**
 * The step that an optimiser would take next, as a function of (theta, gradient): its state is frozen, so the same arguments always give the same step.
 *
 * <p>The update is computed in float64 from the state's float32 numbers, clipping and weight decay included: nothing is added to theta and subtracted
 * again, and nothing is rounded on the way.
 *
 * @param state the optimiser's state. Read whenever a step is asked for, never changed.
 * @param factor the schedule's factor on the learning rate, dimensionless
 */
public record FrozenStep(Training training, OptimizerState state, double factor) {
    /**
     * The step [P], in weight units, before it is added to theta.
     *
     * @param theta [P]; not modified
     * @param gradient [P], before clipping; not modified
     */
    public double[] at(double[] theta, double[] gradient) {
        double square = 0;
        for (double g : gradient) {
            square += g * g;
        }
        double norm = Math.sqrt(square);
        double clip = training.clip() > 0 && norm > training.clip() ? training.clip() / norm : 1;
        double[] clipped = new double[gradient.length];
        for (int i = 0; i < clipped.length; i++) {
            clipped[i] = clip * gradient[i];
        }
        return state.frozenStep(theta, clipped, factor);
    }
}
