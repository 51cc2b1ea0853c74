package holonomy.bench;

import holonomy.data.Table;
import holonomy.geometry.ArrayTrajectory;
import holonomy.measure.Cadence;
import holonomy.measure.CommutatorMeasure;
import holonomy.measure.SnapshotPlan;
import holonomy.model.Block;
import holonomy.model.Network;
import holonomy.model.WeightGroup;
import holonomy.task.Batch;
import holonomy.task.Stream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One measurement of commutators of the published model, with bases, nulls, three eta and the float64 check, beside the gradients that it evaluates. */
public final class CommutatorBench {
    private static final int PAIRS = 9;
    private static final int SNAPSHOTS = 41;
    private static final double LIMIT = 1.15;

    private CommutatorBench() {}

    /** Line (e). */
    public static List<Measured> run(int rounds) {
        try (Subject subject = Subject.published();
                Network exact = subject.network().openTwinInFloat64()) {
            ArrayTrajectory path = train(subject);
            int[] calls = new int[2];
            subject.network().beforeEachCall(() -> calls[0]++);
            exact.beforeEachCall(() -> calls[1]++);
            measure(subject, path, exact);
            int[] evaluated = calls.clone();
            double[][] times = Turns.processor(
                    0,
                    rounds,
                    List.of(() -> gradients(subject, exact, evaluated), () -> measure(subject, path, exact)));
            Measured floor = Measured.of("", "ms", times[0]);
            Measured whole = Measured.of("(e) commutators of " + PAIRS + " pairs", "ms", times[1]);
            String gradients = "its " + evaluated[0] + " + " + evaluated[1] + " (float64) gradients";
            return List.of(
                    whole.over(gradients, whole.median() / floor.median()).atMost(LIMIT));
        }
    }

    /** Trains for as many steps as there are snapshots, one before each. */
    private static ArrayTrajectory train(Subject subject) {
        Map<String, float[][]> snapshots = new LinkedHashMap<>();
        long[] steps = new long[SNAPSHOTS];
        for (int i = 0; i < SNAPSHOTS; i++) {
            steps[i] = i;
            for (Block block : subject.spec().model().layout().group(WeightGroup.ATTENTION)) {
                snapshots.computeIfAbsent(block.name(), name -> new float[SNAPSHOTS][])[i] =
                        Arrays.copyOfRange(subject.theta(), block.offset(), block.offset() + block.size());
            }
            subject.steps(1);
        }
        return ArrayTrajectory.of(snapshots, steps);
    }

    private static void measure(Subject subject, ArrayTrajectory path, Network exact) {
        SnapshotPlan plan = SnapshotPlan.of(WeightGroup.ATTENTION, SNAPSHOTS);
        CommutatorMeasure measure = new CommutatorMeasure(Cadence.atEnd(), plan, PAIRS, 0, 0, 3, 3e-3, 1e-3);
        measure.measure(subject.moment(path, new ArrayList<>(List.of(exact))), Table.builder(measure.columns()));
    }

    /** As many gradients as a measurement evaluates, of batches like its own. */
    private static void gradients(Subject subject, Network exact, int[] evaluated) {
        Batch batch = subject.spec().task().batch(Stream.of(1, "bench"), 0, Subject.BATCH);
        float[] theta = subject.theta();
        float[] gradient = new float[theta.length];
        for (int i = 0; i < evaluated[0]; i++) {
            subject.network().gradient(theta, batch, gradient);
        }
        double[] wide = new double[theta.length];
        Arrays.setAll(wide, i -> theta[i]);
        for (int i = 0; i < evaluated[1]; i++) {
            exact.gradient(wide, batch, new double[theta.length]);
        }
    }
}
