package holonomy.train;

import java.util.SortedMap;

/** What an optimiser remembers between steps. Not thread-safe. */
public interface OptimizerState {
    /**
     * Takes one step.
     *
     * @param theta weights [P]. Modified.
     * @param gradient d loss / d theta [P]. Modified where an L2 penalty is added.
     * @param scheduleFactor factor on the learning rate, dimensionless
     */
    void step(float[] theta, float[] gradient, double scheduleFactor);

    /**
     * The step [P] that {@link #step} would take, before it is added to theta, in float64. Nothing is modified.
     *
     * @param theta [P]
     * @param gradient [P], clipped
     */
    double[] frozenStep(double[] theta, double[] gradient, double scheduleFactor);

    /** The arrays [P] that make up the state, by name; live, not copied. A checkpoint keeps them beside the step count. */
    SortedMap<String, float[]> arrays();

    /** Number of steps taken. */
    long steps();

    /** Continues from a checkpoint: fills {@link #arrays()} with a copy of these and sets the number of steps taken. */
    default void restore(java.util.Map<String, float[]> saved, long steps) {
        arrays().forEach((name, array) -> {
            float[] values = saved.get(name);
            if (values == null || values.length != array.length) {
                throw new IllegalArgumentException("checkpoint: optimiser state '" + name + "' expected " + array.length
                        + " values, found " + (values == null ? "none" : values.length));
            }
            System.arraycopy(values, 0, array, 0, array.length);
        });
        restoreSteps(steps);
    }

    /** Sets the number of steps taken. */
    void restoreSteps(long steps);
}
