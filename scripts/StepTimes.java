package holonomy.bench;

import holonomy.model.Architecture;
import holonomy.model.Design;
import holonomy.task.MarkedTask;
import holonomy.task.Operation;
import holonomy.task.PairTask;
import holonomy.task.Task;
import holonomy.train.AdamW;
import holonomy.train.RunSpec;
import holonomy.train.Training;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;

/** Processor time of a training step in ms, median of 40 after 30: one line per model. Compiled by scripts/bench-against with either state of the sources. */
final class StepTimes {
    private static final int WARMUP = 30;
    private static final int STEPS = 40;

    public static void main(String[] arguments) {
        MarkedTask marked =
                new MarkedTask(Operation.sum(8), 16, 256, 100, 6, List.of(1, 2, 3, 4), MarkedTask.Placement.PER_BATCH);
        Architecture encoder = new Architecture(97, 2, 97, 2, 4, 128, 256, Design.ENCODER);
        time("published", marked, new Architecture(256, 16, 8, 5, 4, 128, 0), 128);
        time("MLP_512", marked, new Architecture(256, 16, 8, 5, 4, 128, 512), 128);
        time("grokking", PairTask.of(Operation.sum(97)).forSeed(1), encoder, 512);
    }

    private static void time(String name, Task task, Architecture model, int batch) {
        var clock = ManagementFactory.getThreadMXBean();
        var spec = new RunSpec(task, model, new Training(AdamW.of(3e-4), 1_000_000, batch), 1);
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
