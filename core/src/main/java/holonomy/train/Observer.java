package holonomy.train;

/** Sees a training between two steps. It may read theta but never changes it; the trainer knows nothing else about it. */
public interface Observer {
    /**
     * Called before the first step and after every step.
     *
     * @param state the training's state; theta is live: copy what you keep
     * @param latest what the latest step saw; its loss and norm are NaN before the first step
     */
    void observe(TrainingState state, Step latest);

    /**
     * What one step saw.
     *
     * @param loss training loss of the step's batch, before the step, in nats
     * @param gradientNorm norm of the gradient before clipping
     */
    record Step(double loss, double gradientNorm) {
        /** Before the first step, or when a training is only looked at again. */
        public static final Step NONE = new Step(Double.NaN, Double.NaN);

        boolean finite() {
            return Double.isFinite(loss) && Double.isFinite(gradientNorm);
        }
    }
}
