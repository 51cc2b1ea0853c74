package holonomy.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Throughput of as many workers as processors against one, beside that of a loop that touches no memory: what the processors can do at best. */
public final class WorkersBench {
    private static final int STEPS = 10;
    private static final int LOOPS = 60_000_000;

    private WorkersBench() {}

    /** Lines (c). */
    public static List<Measured> run(int rounds) throws InterruptedException {
        int workers = Runtime.getRuntime().availableProcessors();
        List<Subject> subjects = new ArrayList<>();
        ExecutorService pool = Executors.newFixedThreadPool(workers);
        try {
            for (int i = 0; i < workers; i++) {
                subjects.add(Subject.published());
            }
            Callable<Double> control = () -> compute(LOOPS);
            compileControl();
            double[][] times = Turns.wall(
                    4,
                    rounds,
                    List.of(
                            () -> together(
                                    pool,
                                    subjects.subList(0, 1).stream()
                                            .map(WorkersBench::training)
                                            .toList()),
                            () -> together(
                                    pool,
                                    subjects.stream()
                                            .map(WorkersBench::training)
                                            .toList()),
                            () -> together(pool, List.of(control)),
                            () -> together(pool, java.util.Collections.nCopies(workers, control))));
            Measured best = gain("(c) control: " + workers + " threads of arithmetic against one", workers, times, 2);
            Measured gain = gain("(c) " + workers + " workers against one", workers, times, 0);
            return List.of(best, gain.over("one worker", gain.median()).atLeast(1.7));
        } finally {
            pool.shutdown();
            subjects.forEach(Subject::close);
        }
    }

    private static Measured gain(String name, int workers, double[][] times, int one) {
        double[] gains = new double[times[one].length];
        for (int i = 0; i < gains.length; i++) {
            gains[i] = workers * times[one][i] / times[one + 1][i];
        }
        return Measured.of(name, "times", gains);
    }

    private static Callable<Double> training(Subject subject) {
        return () -> {
            subject.steps(STEPS);
            return 0.;
        };
    }

    /** A chain of additions and multiplications in registers. */
    private static double compute(int loops) {
        double x = 1;
        for (int i = 0; i < loops; i++) {
            x = x * .999999 + 1e-6;
        }
        return x;
    }

    /** Enough short calls that the loop is compiled before it is timed, also where the compiler waits for a processor. */
    private static void compileControl() {
        for (int i = 0; i < LOOPS / 1000; i++) {
            compute(1000);
        }
    }

    private static void together(ExecutorService pool, List<Callable<Double>> work) {
        try {
            for (Future<Double> one : pool.invokeAll(work)) {
                one.get();
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException failure) {
            throw new IllegalStateException(failure.getCause());
        }
    }
}
