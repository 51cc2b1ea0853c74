package holonomy.intervention;

import holonomy.geometry.Commutator;
import holonomy.geometry.GradientField;
import holonomy.model.Network;
import holonomy.task.Batch;
import holonomy.task.Stream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The commutator of two gradient steps at a moment of training, of median defect among several pairs of batches. */
final class CommutatorDirection {
    /** Pairs of batches. */
    static final int DRAWS = 5;
    /** Step size whose length is the unit of {@link Kick.Length#STEP}. */
    static final double ETA = 1e-3;
    /** Displacement at which the gradients differ enough for float32 (weight norm). */
    private static final double DISPLACEMENT = .03;

    private CommutatorDirection() {}

    /**
     * A direction and a length.
     *
     * @param delta the commutator [P]; empty if not asked for
     * @param stepLength |eta g_A|, weight norm
     */
    record Found(double[] delta, double stepLength) {}

    private record Drawn(Commutator commutator, double stepLength) {}

    static Found of(Step step, boolean withDelta) {
        double[] theta = new double[step.theta().length];
        for (int i = 0; i < theta.length; i++) {
            theta[i] = step.theta()[i];
        }
        List<Drawn> drawn = new ArrayList<>();
        for (int pair = 0; pair < (withDelta ? DRAWS : 1); pair++) {
            drawn.add(draw(step, theta, pair, withDelta));
        }
        drawn.sort(Comparator.comparingDouble(each -> each.commutator.defect()));
        Drawn middle = drawn.get(drawn.size() / 2);
        return new Found(middle.commutator.delta(), middle.stepLength);
    }

    private static Drawn draw(Step step, double[] theta, int pair, boolean withDelta) {
        Stream batches = Stream.of(step.stream().key(), "batches");
        GradientField a = field(step, batches, 2L * pair);
        double[] gradientA = a.at(theta);
        double stepLength = ETA * norm(gradientA);
        if (!withDelta) {
            return new Drawn(new Commutator(new double[0], 0, 0, 0, 0, Double.NaN), stepLength);
        }
        GradientField b = field(step, batches, 2L * pair + 1);
        double[] gradientB = b.at(theta);
        double eta = Commutator.eta(DISPLACEMENT, gradientA, gradientB);
        return Double.isNaN(eta)
                ? new Drawn(Commutator.of(1, gradientA, gradientB, gradientA, gradientB), stepLength)
                : new Drawn(Commutator.at(theta, a, b, gradientA, gradientB, eta), stepLength);
    }

    private static GradientField field(Step step, Stream batches, long number) {
        Batch batch = step.surroundings().batches().of(batches, step.number() * 2 * DRAWS + number, step.number());
        Network network = step.surroundings().network();
        return at -> {
            float[] gradient = new float[at.length];
            float[] narrow = new float[at.length];
            for (int i = 0; i < at.length; i++) {
                narrow[i] = (float) at[i];
            }
            network.gradient(narrow, batch, gradient);
            double[] wide = new double[at.length];
            for (int i = 0; i < at.length; i++) {
                wide[i] = gradient[i];
            }
            return wide;
        };
    }

    static double norm(double[] v) {
        double sum = 0;
        for (double x : v) {
            sum += x * x;
        }
        return Math.sqrt(sum);
    }
}
