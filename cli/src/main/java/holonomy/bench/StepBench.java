package holonomy.bench;

import holonomy.model.Architecture;
import holonomy.product.ProductLibrary;
import holonomy.train.RunSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Training steps on one thread: of the published model, the same with MLPs, grokking's and a small language model's; each beside its matrix products, what they would take at the
 * core's peak, and the step by the engine's autograd.
 */
public final class StepBench {
    private static final int WARMUP = 20;
    private static final double FLOPS_PER_MS = 1e6;

    private StepBench() {}

    /** What is trained. */
    private record Case(String name, RunSpec spec) {}

    /** Lines (a), (b) and (d). */
    public static List<Measured> run(int rounds) {
        List<Measured> lines = new ArrayList<>(published(rounds));
        lines.addAll(measure(new Case("MLP 512", Subject.withHidden(1_000_000, 512)), rounds));
        lines.addAll(measure(new Case("grokking", Subject.grokkingSpec(1_000_000)), rounds));
        lines.addAll(measure(new Case("language", Subject.languageSpec(1_000_000)), rounds));
        lines.add(evaluation(new Case("language", Subject.languageSpec(1_000_000)), Math.max(1, rounds / 4)));
        return lines;
    }

    /** A look at all evaluation sets, beside the same by the engine's autograd, which computes every token. */
    private static Measured evaluation(Case what, int rounds) {
        try (Subject subject = new Subject(what.spec);
                Subject autograd = Subject.byAutograd(what.spec)) {
            double[][] times = Turns.processor(2, rounds, List.of(subject::evaluate, autograd::evaluate));
            Measured own = Measured.of("(b) " + what.name + ": a look at its evaluation sets", "ms", times[0]);
            Measured whole = Measured.of("autograd", "ms", times[1]);
            return own.over("autograd", own.median() / whole.median()).atMost(1);
        }
    }

    /** The lines of the published model. */
    public static List<Measured> published(int rounds) {
        return measure(new Case("published", Subject.publishedSpec(1_000_000)), rounds);
    }

    private static List<Measured> measure(Case what, int rounds) {
        Peak peak = new Peak();
        try (Subject subject = new Subject(what.spec);
                Subject autograd = Subject.byAutograd(what.spec);
                StepFloor floor = new StepFloor(
                        (Architecture) what.spec.model(), what.spec.training().batch())) {
            double[][] times = Turns.processor(
                    WARMUP,
                    rounds,
                    List.of(peak::run, floor::run, () -> subject.steps(1), () -> autograd.steps(1), subject::batch));
            return lines(what.name, times, floor.operations());
        }
    }

    private static List<Measured> lines(String name, double[][] times, double operations) {
        // The fastest repetition of either: on a busy machine the loop's median is below what the library reaches.
        double atPeak = Math.min(fastest(times[0]) * operations / Peak.operations(), fastest(times[1]));
        Measured best = Measured.of("(a) " + name + ": products at the core's peak", "ms", new double[] {atPeak});
        Measured products = Measured.of(
                "(a) " + name + ": products, " + ProductLibrary.chosen().label(), "ms", times[1]);
        Measured step = Measured.of("(b) " + name + ": training step, one thread", "ms", times[2]);
        Measured autograd = Measured.of("(b) " + name + ": step by the engine's autograd", "ms", times[3]);
        Measured same = Measured.of("(b) " + name + ": the same step", "ms", times[2]);
        Measured batch = Measured.of("(d) " + name + ": making a batch", "ms", times[4]);
        double rate = operations / FLOPS_PER_MS;
        return List.of(
                best.over("1 GFLOPS", rate / best.median()),
                products.over("peak", products.median() / best.median()),
                autograd.over("(a)", autograd.median() / products.median()),
                step.over("autograd", step.median() / autograd.median()).atMost(1),
                batch.over("(b)", batch.median() / step.median()).atMost(.02),
                same.over("(a)", step.median() / products.median()));
    }

    private static double fastest(double[] times) {
        return Arrays.stream(times).min().orElseThrow();
    }
}
