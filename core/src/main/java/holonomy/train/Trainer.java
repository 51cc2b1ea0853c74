package holonomy.train;

import holonomy.intervention.Basis;
import holonomy.intervention.Interventions;
import holonomy.model.Network;
import holonomy.task.Batch;
import holonomy.task.EvaluationSet;
import java.util.List;
import java.util.function.BooleanSupplier;

/** The training loop. It knows the task, the model and the recipe; what is observed is none of its business. */
public final class Trainer {
    /** Why a training returned. */
    public enum Ending {
        /** All steps were taken, or its stop rule ended it. */
        COMPLETE,
        /** The loss or the gradient stopped being finite; theta is as it was before that step. */
        DIVERGED,
        /** The caller asked to stop; the training can go on from its state. */
        STOPPED
    }

    private final RunSpec spec;
    private final Network network;
    private final Interventions interventions;

    /** A training whose interventions, if any, take no directions from stored runs. */
    public Trainer(RunSpec spec, Network network) {
        this(spec, network, Basis.Source.RANDOM_ONLY);
    }

    /**
     * @param network a float32 network of the run's model
     * @param bases where its interventions' directions come from
     */
    public Trainer(RunSpec spec, Network network, Basis.Source bases) {
        if (!spec.model().equals(network.model())) {
            throw new IllegalArgumentException("run needs " + spec.model() + ", the network is " + network.model());
        }
        this.spec = spec;
        this.network = network;
        Training training = spec.training();
        interventions = new Interventions(
                training.interventions(),
                spec.dataSeed(),
                (stream, index, step) -> spec.weighted(spec.task().batch(stream, index, training.batch()), step),
                spec.task().groups(),
                network,
                bases,
                () -> spec.initialWeights().values());
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
        float[] gradient = new float[state.theta().length];
        if (state.step() == 0) {
            notify(observers, state, Observer.Step.NONE);
        }
        while (state.step() < training.steps() && !over(state)) {
            if (stop.getAsBoolean()) {
                return Ending.STOPPED;
            }
            Batch batch = spec.trainingBatch(state.step());
            double loss = training.optimizer()
                    .accumulate(
                            training.microBatches().of(batch),
                            (part, into) -> network.gradient(state.theta(), part, into),
                            gradient);
            Observer.Step latest = new Observer.Step(loss, norm(gradient));
            if (!latest.finite()) {
                return Ending.DIVERGED;
            }
            clip(gradient, latest.gradientNorm(), training.clip());
            step(state, gradient);
            look(state);
            notify(observers, state, latest);
        }
        return Ending.COMPLETE;
    }

    private void step(TrainingState state, float[] gradient) {
        long number = state.step();
        float[] theta = state.theta();
        interventions.beforeOptimiser(number, theta, gradient, state.anchors());
        float[] before = interventions.needsUpdate(number) ? theta.clone() : null;
        state.optimizer().step(theta, gradient, spec.scheduleFactor(number));
        interventions.afterOptimiser(number, theta, gradient, before);
    }

    private boolean over(TrainingState state) {
        return spec.training().stopRule().isPresent()
                && spec.training().stopRule().get().over(state.stopCount(), state.step());
    }

    private void look(TrainingState state) {
        spec.training().stopRule().ifPresent(rule -> {
            EvaluationSet.Given test = Objective.testSet(spec.task(), rule);
            state.stopCount(rule.after(state.stopCount(), state.step(), network, state.theta(), test));
        });
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
