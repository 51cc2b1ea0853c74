package holonomy.measure;

import holonomy.geometry.Trajectory;
import holonomy.model.Network;
import holonomy.task.Stream;
import holonomy.train.FrozenStep;
import holonomy.train.RunSpec;

/** One moment of a training, as a measure sees it: everything may be read, nothing changed. */
public interface Moment {
    /** What is trained. */
    RunSpec run();

    /** Optimiser steps taken. */
    long step();

    /** theta [P] at this moment. Live: never modify, copy what you keep. */
    float[] theta();

    /** The model made runnable; its calls are pure functions of (theta, batch). */
    Network network();

    /** The same model in float64, made at the first call and closed with the moment. */
    Network preciseNetwork();

    /** The step that the optimiser would take next, its state frozen. */
    FrozenStep nextStep();

    /** Training loss of the latest batch in nats; NaN before the first step. */
    double trainingLoss();

    /** Norm of the latest gradient before clipping; NaN before the first step. */
    double gradientNorm();

    /** The snapshots taken so far, this moment's included. The measure must have named the plan in {@link Measure#needs()}. */
    Trajectory trajectory(SnapshotPlan plan);

    /** A random stream of the measure's own, from the run's data seed: it can't disturb the training's. */
    default Stream stream(String name) {
        return Stream.of(run().dataSeed(), "measure " + name);
    }
}
