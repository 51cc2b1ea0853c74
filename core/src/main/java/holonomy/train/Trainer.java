package holonomy.train;

import holonomy.model.Network;
import holonomy.task.Batch;
import holonomy.task.Stream;
import java.util.List;
import java.util.function.BooleanSupplier;

/** The training loop. It knows the task, the model and the recipe; what is observed is none of its business. */
public final class Trainer {
    /** Why a training returned. */
    public enum Ending {
        /** All steps were taken. */
        COMPLETE,
        /** The loss or the gradient stopped being finite; theta is as it was before that step. */
        DIVERGED,
        /** The caller asked to stop; the training can go on from its state. */
        STOPPED
    }

    private final RunSpec spec;
    private final Network network;

    /**
     * @param network a float32 network of the run's model
     */
    public Trainer(RunSpec spec, Network network) {
        if (!spec.model().equals(network.model())) {
            throw new IllegalArgumentException("run needs " + spec.model() + ", the network is " + network.model());
        }
        this.spec = spec;
        this.network = network;
    }

    /**
     * Trains from a state to the last step.
     *
     * @param state modified
     * @param observers called before the first step and after every step; not at all at the state a training resumes from
     * @param stop asked before every step
     */
    public Ending train(TrainingState state, List<Observer> observers, BooleanSupplier stop) {
        Training training = spec.training();
        Stream batches = spec.batches();
        float[] gradient = new float[state.theta().length];
        if (state.step() == 0) {
            notify(observers, state, Observer.Step.NONE);
        }
        while (state.step() < training.steps()) {
            if (stop.getAsBoolean()) {
                return Ending.STOPPED;
            }
            Batch batch = spec.task().batch(batches, state.step(), training.batch());
            double loss = network.gradient(state.theta(), batch, gradient);
            Observer.Step latest = new Observer.Step(loss, norm(gradient));
            if (!latest.finite()) {
                return Ending.DIVERGED;
            }
            clip(gradient, latest.gradientNorm(), training.clip());
            state.optimizer().step(state.theta(), gradient, training.schedule().factor(state.step(), training.steps()));
            notify(observers, state, latest);
        }
        return Ending.COMPLETE;
    }

    private static void notify(List<Observer> observers, TrainingState state, Observer.Step latest) {
        for (Observer observer : observers) {
            observer.observe(state, latest);
        }
    }

    private static double norm(float[] vector) {
        double sum = 0;
        for (float x : vector) {
            sum += (double) x * x;
        }
        return Math.sqrt(sum);
    }

    private static void clip(float[] gradient, double norm, double largest) {
        if (largest > 0 && norm > largest) {
            float factor = (float) (largest / norm);
            for (int i = 0; i < gradient.length; i++) {
                gradient[i] *= factor;
            }
        }
    }
}
