package holonomy.bench;

import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** Whether others use this machine: then times on the wall say nothing. */
public final class Busy {
    private Busy() {}

    /**
     * Lines of times on the wall; all of them void where the machine's load was above its processors before they were measured, or above them and what the
     * measuring itself adds afterwards.
     *
     * @param own threads that the measuring keeps busy
     */
    public static List<Measured> unlessBusy(int own, Callable<List<Measured>> measuring) throws Exception {
        int processors = Runtime.getRuntime().availableProcessors();
        String before = reason(load(), processors, 0);
        List<Measured> lines = measuring.call();
        String after = reason(load(), processors, own);
        return lines.stream()
                .map(line -> line.voidFor(before != null ? before : after))
                .toList();
    }

    private static double load() {
        return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    }

    /** Why a load makes times void; null if it doesn't, or is not known (negative). */
    static @Nullable String reason(double load, int processors, int own) {
        return load > processors + own
                ? String.format(Locale.ROOT, "load %.1f on %d processors", load, processors)
                : null;
    }
}
