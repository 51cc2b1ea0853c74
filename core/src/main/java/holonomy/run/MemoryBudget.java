package holonomy.run;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How many bytes of array files may be held in memory at once, all stores of the process together: an eighth of the heap. What doesn't fit is read a second
 * time instead. Thread-safe.
 */
final class MemoryBudget {
    private static final int SHARE = 8;
    private static final AtomicLong FREE = new AtomicLong(Runtime.getRuntime().maxMemory() / SHARE);

    private MemoryBudget() {}

    /** Takes so many bytes if they are there; whoever took them gives them back. */
    static boolean take(long bytes) {
        if (FREE.addAndGet(-bytes) >= 0) {
            return true;
        }
        giveBack(bytes);
        return false;
    }

    static void giveBack(long bytes) {
        FREE.addAndGet(bytes);
    }
}
