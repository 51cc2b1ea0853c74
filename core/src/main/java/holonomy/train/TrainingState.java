package holonomy.train;

import holonomy.model.Weights;

/** Everything that changes while a run trains: theta, the optimiser's state, the number of steps taken. Not thread-safe. */
public final class TrainingState {
    private final float[] theta;
    private final OptimizerState optimizer;
    private StopRule.Count stopCount = StopRule.Count.NONE;

    private TrainingState(float[] theta, OptimizerState optimizer) {
        this.theta = theta;
        this.optimizer = optimizer;
    }

    /** The state before the first step. */
    public static TrainingState initial(RunSpec spec) {
        Weights start = Weights.initial(spec.model(), spec.initSeed());
        return new TrainingState(start.values(), spec.training().optimizer().start(Decaying.of(start.layout())));
    }

    /** theta [P]; live. */
    public float[] theta() {
        return theta;
    }

    public OptimizerState optimizer() {
        return optimizer;
    }

    /** How far the training is with its stop rule, if it has one. */
    public StopRule.Count stopCount() {
        return stopCount;
    }

    /** Notes how far the training is with its stop rule. */
    public void stopCount(StopRule.Count count) {
        stopCount = count;
    }

    /** Number of optimiser steps taken. */
    public long step() {
        return optimizer.steps();
    }
}
