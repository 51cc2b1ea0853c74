package holonomy.bench;

import java.util.List;

/** The training step of the published model on one thread beside the floor of its matrix products, and making a batch. */
public final class StepBench {
    private static final int WARMUP = 40;

    private StepBench() {}

    /** Lines (a), (b) and (d). */
    public static List<Measured> run(int rounds) {
        try (Subject subject = Subject.published();
                StepFloor floor = new StepFloor(subject.spec().model(), Subject.BATCH)) {
            double[][] times =
                    Turns.processor(WARMUP, rounds, List.of(floor::run, () -> subject.steps(1), subject::batch));
            Measured products = Measured.of("(a) matrix products of a step", "ms", times[0]);
            Measured step = Measured.of("(b) training step, one thread", "ms", times[1]);
            Measured batch = Measured.of("(d) making a batch", "ms", times[2]);
            return List.of(
                    products,
                    step.over("(a)", step.median() / products.median()).atMost(2.2),
                    batch.over("(b)", batch.median() / step.median()).atMost(.02));
        }
    }
}
