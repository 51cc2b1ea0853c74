package holonomy.train;

/**
 * A state of an optimiser that only has to say what it makes of a gradient: decay, decoupled or as a penalty and where blocks decay, is done here.
 *
 * <p>One pass over theta per step; loops are kept plain so that the JIT vectorises them.
 */
public abstract class DecayedState implements OptimizerState {
    private final Optimizer settings;
    private final Decaying weights;
    private long steps;

    protected DecayedState(Optimizer settings, Decaying weights) {
        this.settings = settings;
        this.weights = weights;
    }

    /**
     * Moves weights {@code from .. to - 1} by one step, number {@link #steps()} + 1: {@code theta = shrink theta - what the gradient makes}.
     *
     * @param theta [P]. Modified, as is the state.
     * @param gradient [P], with the penalty where there is one
     * @param rate learning rate of this step
     */
    protected abstract void move(float[] theta, float[] gradient, int from, int to, float shrink, double rate);

    /**
     * The next step [P] by the gradient alone, in float64; nothing is modified.
     *
     * @param gradient [P], with the penalty where there is one
     */
    protected abstract double[] wouldMove(double[] gradient, double rate);

    @Override
    public final void step(float[] theta, float[] gradient, double scheduleFactor) {
        double rate = settings.learningRate() * scheduleFactor;
        for (Decaying.Span span : weights.spans()) {
            if (acts(Optimizer.Decay.L2, span)) {
                addPenalty(theta, gradient, (float) settings.weightDecay(), span);
            }
            float shrink = acts(Optimizer.Decay.DECOUPLED, span) ? (float) (1 - rate * settings.weightDecay()) : 1f;
            move(theta, gradient, span.from(), span.to(), shrink, rate);
        }
        steps++;
    }

    private boolean acts(Optimizer.Decay how, Decaying.Span span) {
        return span.decays() && settings.decay() == how && settings.weightDecay() > 0;
    }

    private static void addPenalty(float[] theta, float[] gradient, float decay, Decaying.Span span) {
        for (int i = span.from(); i < span.to(); i++) {
            gradient[i] += decay * theta[i];
        }
    }

    @Override
    public final double[] frozenStep(double[] theta, double[] gradient, double scheduleFactor) {
        double rate = settings.learningRate() * scheduleFactor;
        double[] slope = gradient.clone();
        for (Decaying.Span span : weights.spans()) {
            for (int i = span.from(); i < span.to() && acts(Optimizer.Decay.L2, span); i++) {
                slope[i] += settings.weightDecay() * theta[i];
            }
        }
        double[] step = wouldMove(slope, rate);
        for (Decaying.Span span : weights.spans()) {
            for (int i = span.from(); i < span.to() && acts(Optimizer.Decay.DECOUPLED, span); i++) {
                step[i] -= rate * settings.weightDecay() * theta[i];
            }
        }
        return step;
    }

    @Override
    public final long steps() {
        return steps;
    }

    @Override
    public final void restoreSteps(long steps) {
        this.steps = steps;
    }
}
