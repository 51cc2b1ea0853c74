package holonomy.train;

import java.util.SortedMap;
import java.util.TreeMap;

/** One pass over theta per step; loops are kept plain so that the JIT vectorises them. */
final class AdamState implements OptimizerState {
    private final Optimizer.AdamW settings;
    private final float[] first;
    private final float[] second;
    private long steps;

    AdamState(Optimizer.AdamW settings, int parameters) {
        this.settings = settings;
        first = new float[parameters];
        second = new float[parameters];
    }

    @Override
    public void step(float[] theta, float[] gradient, double scheduleFactor) {
        steps++;
        double rate = settings.learningRate() * scheduleFactor;
        float shrink = 1f;
        if (settings.weightDecay() > 0) {
            if (settings.decay() == Optimizer.Decay.DECOUPLED) {
                shrink = (float) (1 - rate * settings.weightDecay());
            } else {
                SgdState.addPenalty(theta, gradient, (float) settings.weightDecay());
            }
        }
        float stepSize = (float) (rate / (1 - Math.pow(settings.beta1(), steps)));
        float scale = (float) (1 / Math.sqrt(1 - Math.pow(settings.beta2(), steps)));
        update(theta, gradient, shrink, stepSize, scale);
    }

    private void update(float[] theta, float[] gradient, float shrink, float stepSize, float scale) {
        float b1 = (float) settings.beta1();
        float b2 = (float) settings.beta2();
        float c1 = (float) (1 - settings.beta1());
        float c2 = (float) (1 - settings.beta2());
        float epsilon = (float) settings.epsilon();
        float[] m = first;
        float[] v = second;
        for (int i = 0; i < theta.length; i++) {
            float g = gradient[i];
            float mi = b1 * m[i] + c1 * g;
            float vi = b2 * v[i] + c2 * g * g;
            m[i] = mi;
            v[i] = vi;
            theta[i] = shrink * theta[i] - stepSize * mi / ((float) Math.sqrt(vi) * scale + epsilon);
        }
    }

    @Override
    public SortedMap<String, float[]> arrays() {
        return new TreeMap<>(java.util.Map.of("first_moment", first, "second_moment", second));
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
