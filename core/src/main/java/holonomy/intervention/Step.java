package holonomy.intervention;

import holonomy.geometry.Subspace;
import holonomy.model.Layout;
import holonomy.model.Network;
import holonomy.model.WeightGroup;
import holonomy.task.Batch;
import holonomy.task.Stream;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One step of a training, as an intervention sees it.
 *
 * @param number steps taken before
 * @param theta weights [P]. Modified by what acts on them.
 * @param gradient the clipped gradient [P]. Modified by what acts on it before the optimiser.
 * @param before the weights before the optimiser's step [P]; only after it, and only where asked for
 * @param bases the intervention's directions, in its order
 * @param stream the intervention's own: sequence {@code number} belongs to this step
 * @param surroundings what gradients of other batches are made from
 */
record Step(
        long number,
        float[] theta,
        float[] gradient,
        float @Nullable [] before,
        List<Subspace> bases,
        Stream stream,
        Surroundings surroundings) {
    /**
     * The run that a step belongs to.
     *
     * @param groups the task's groups of targets, by their names
     * @param initialNorm norm of the blocks of a group before the run's first step, in weight units
     */
    record Surroundings(
            Interventions.Batches batches,
            List<String> groups,
            Network network,
            ToDoubleFunction<WeightGroup> initialNorm) {
        Layout layout() {
            return network.model().layout();
        }

        /** Whether a batch asks something of a group. */
        boolean asks(Batch batch, String group) {
            int number = groups.indexOf(group);
            return IntStream.range(0, batch.targets().length)
                    .anyMatch(i -> batch.targets()[i] != Batch.IGNORE && batch.groups()[i] == number);
        }

        /** The gradient of a group's own mean loss, [P]. */
        float[] gradientOf(String group, float[] theta, Batch batch) {
            double[] only = groups.stream()
                    .mapToDouble(name -> name.equals(group) ? 1 : 0)
                    .toArray();
            float[] gradient = new float[theta.length];
            network.gradient(theta, batch.weighted(only), gradient);
            return gradient;
        }
    }

    /** Replaces the gradient by a function of it, computed in float64. Modified: the gradient. */
    void changeGradient(UnaryOperator<double[]> change) {
        double[] v = new double[gradient.length];
        for (int i = 0; i < v.length; i++) {
            v[i] = gradient[i];
        }
        double[] changed = change.apply(v);
        for (int i = 0; i < v.length; i++) {
            gradient[i] = (float) changed[i];
        }
    }

    Subspace directions(int which) {
        return bases.get(which);
    }
}
