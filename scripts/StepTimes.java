package holonomy.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.task.Operation;
import holonomy.task.PairTask;
import holonomy.train.RunSpec;
import java.lang.management.ManagementFactory;
import java.util.Arrays;

/**
 * Processor time of a training step in ms, median of 40 after 30: one line per model. Compiled by scripts/bench-against with either state of the sources: what changes
 * its name between them is written as data.
 */
final class StepTimes {
    private static final int WARMUP = 30;
    private static final int STEPS = 40;

    public static void main(String[] arguments) {
        ObjectNode published = spec();
        ObjectNode mlp = spec();
        model(mlp).put("hidden", 512);
        ObjectNode grokking = spec();
        grokking.set("task", PairTask.of(Operation.sum(97)).forSeed(1).spec());
        model(grokking).put("vocabulary", 97).put("length", 2).put("classes", 97).put("layers", 2);
        model(grokking).put("hidden", 256).put("form", "ENCODER");
        ((ObjectNode) grokking.get("training")).put("batch", 512);
        time("published", published);
        time("MLP_512", mlp);
        time("grokking", grokking);
    }

    private static ObjectNode spec() {
        return Subject.publishedSpec(1_000_000).spec();
    }

    private static ObjectNode model(ObjectNode spec) {
        return (ObjectNode) spec.get("model");
    }

    private static void time(String name, ObjectNode node) {
        var clock = ManagementFactory.getThreadMXBean();
        RunSpec spec = RunSpec.fromSpec(node);
        try (Subject subject = new Subject(spec)) {
            double[] times = new double[STEPS];
            for (int i = -WARMUP; i < STEPS; i++) {
                long start = clock.getCurrentThreadCpuTime();
                subject.steps(1);
                if (i >= 0) {
                    times[i] = (clock.getCurrentThreadCpuTime() - start) * 1e-6;
                }
            }
            Arrays.sort(times);
            System.out.println(name + " " + times[STEPS / 2]);
        }
    }
}
