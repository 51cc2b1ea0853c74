package holonomy.bench;

import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.function.LongSupplier;

/** Times several things in turns, so that what else the machine does meets all of them alike. */
final class Turns {
    private static final double NANOSECONDS = 1e-6;

    private Turns() {}

    /** Processor time of the calling thread: what others do on the machine is not in it, but for shared caches. */
    static double[][] processor(int warmup, int rounds, List<Runnable> things) {
        return times(ManagementFactory.getThreadMXBean()::getCurrentThreadCpuTime, warmup, rounds, things);
    }

    /** Time on the wall. */
    static double[][] wall(int warmup, int rounds, List<Runnable> things) {
        return times(System::nanoTime, warmup, rounds, things);
    }

    /** Milliseconds [thing][round]. */
    private static double[][] times(LongSupplier clock, int warmup, int rounds, List<Runnable> things) {
        double[][] times = new double[things.size()][rounds];
        for (int round = -warmup; round < rounds; round++) {
            for (int i = 0; i < times.length; i++) {
                long start = clock.getAsLong();
                things.get(i).run();
                double time = (clock.getAsLong() - start) * NANOSECONDS;
                if (round >= 0) {
                    times[i][round] = time;
                }
            }
        }
        return times;
    }
}
