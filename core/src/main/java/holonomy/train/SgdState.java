package holonomy.train;

import java.util.SortedMap;
import java.util.TreeMap;

/** The state of SGD: the velocity, when there is momentum. */
final class SgdState implements OptimizerState {
    private final Optimizer.Sgd settings;
    private final float[] velocity;
    private long steps;

    SgdState(Optimizer.Sgd settings, int parameters) {
        this.settings = settings;
        velocity = new float[settings.momentum() > 0 ? parameters : 0];
    }

    @Override
    public void step(float[] theta, float[] gradient, double scheduleFactor) {
        double rate = settings.learningRate() * scheduleFactor;
        float shrink = 1f;
        if (settings.weightDecay() > 0) {
            if (settings.decay() == Optimizer.Decay.DECOUPLED) {
                shrink = (float) (1 - rate * settings.weightDecay());
            } else {
                addPenalty(theta, gradient, (float) settings.weightDecay());
            }
        }
        if (velocity.length > 0) {
            momentum(theta, gradient, (float) rate, shrink);
        } else {
            float lr = (float) rate;
            for (int i = 0; i < theta.length; i++) {
                theta[i] = shrink * theta[i] - lr * gradient[i];
            }
        }
        steps++;
    }

    private void momentum(float[] theta, float[] gradient, float lr, float shrink) {
        float mu = (float) settings.momentum();
        boolean nesterov = settings.nesterov();
        for (int i = 0; i < theta.length; i++) {
            float u = mu * velocity[i] + gradient[i];
            velocity[i] = u;
            theta[i] = shrink * theta[i] - lr * (nesterov ? gradient[i] + mu * u : u);
        }
    }

    /** g += decay x theta. */
    static void addPenalty(float[] theta, float[] gradient, float decay) {
        for (int i = 0; i < theta.length; i++) {
            gradient[i] += decay * theta[i];
        }
    }

    @Override
    public SortedMap<String, float[]> arrays() {
        SortedMap<String, float[]> arrays = new TreeMap<>();
        if (velocity.length > 0) {
            arrays.put("velocity", velocity);
        }
        return arrays;
    }

    @Override
    public long steps() {
        return steps;
    }

    @Override
    public void restoreSteps(long steps) {
        this.steps = steps;
    }
}
