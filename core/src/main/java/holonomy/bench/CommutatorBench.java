package holonomy.bench;

import holonomy.data.Table;
import holonomy.measure.Cadence;
import holonomy.measure.CommutatorMeasure;
import holonomy.measure.SnapshotPlan;
import holonomy.model.Network;
import holonomy.model.WeightGroup;
import holonomy.task.Batch;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One commutator measurement of the published model, K = 9 pairs, 3 directions in each of 20 matrices, both nulls, three eta, the published form, the
 * optimiser's step and the float64 check, beside the gradients that it evaluates: as many, in the same precisions, one after the other.
 */
public final class CommutatorBench {
    private static final int PAIRS = 9;
    private static final int DIRECTIONS = 3;
    private static final int SNAPSHOTS = 12;
    private static final SnapshotPlan PLAN = new SnapshotPlan(WeightGroup.ATTENTION, Cadence.times(SNAPSHOTS));
    private static final CommutatorMeasure MEASURE =
            new CommutatorMeasure(Cadence.times(2), PLAN, PAIRS, 0, 0, DIRECTIONS, 3e-3, 1e-3);

    private CommutatorBench() {}

    /** Line (e). */
    public static List<Measured> run(int rounds) {
        try (Subject subject = Subject.published();
                Network precise = subject.network().openTwinInFloat64()) {
            BenchMoment moment = BenchMoment.after(SNAPSHOTS, subject, precise);
            int single = calls(subject.network(), moment);
            int twice = calls(precise, moment);
            Batch batch = subject.spec().task().batch(subject.spec().batches(), 0, Subject.BATCH);
            float[] gradient = new float[moment.theta().length];
            double[] wide = new double[gradient.length];
            double[] wideGradient = new double[gradient.length];
            for (int i = 0; i < wide.length; i++) {
                wide[i] = moment.theta()[i];
            }
            Runnable gradients = () -> {
                for (int i = 0; i < single; i++) {
                    subject.network().gradient(moment.theta(), batch, gradient);
                }
                for (int i = 0; i < twice; i++) {
                    precise.gradient(wide, batch, wideGradient);
                }
            };
            double[][] times = Turns.processor(1, rounds, List.of(gradients, () -> measure(moment)));
            Measured floor =
                    Measured.of("(e) the " + single + " + " + twice + " gradients of a measurement", "ms", times[0]);
            Measured whole = Measured.of("(e) commutators, K = 9, basis 60, nulls", "ms", times[1]);
            return List.of(
                    floor,
                    whole.over("its gradients", whole.median() / floor.median()).atMost(1.15));
        }
    }

    private static void measure(BenchMoment moment) {
        MEASURE.measure(moment, Table.builder(MEASURE.columns()));
    }

    /** How often a measurement calls a network. */
    private static int calls(Network network, BenchMoment moment) {
        AtomicInteger count = new AtomicInteger();
        network.beforeEachCall(count::incrementAndGet);
        measure(moment);
        network.beforeEachCall(() -> {});
        return count.get();
    }
}
