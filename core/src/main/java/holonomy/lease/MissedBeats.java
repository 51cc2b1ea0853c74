package holonomy.lease;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * Watches leases for beats that don't come, by this process's own clock alone: clocks of two machines are never compared. A look counts as one missed
 * beat if a beat's time has passed since the last one that counted and nothing has changed. So a machine that sleeps, or a file server
 * that hangs, costs one beat however long it takes.
 *
 * @param every time between beats
 * @param missed so many, and the lease has run out
 * @param clock nanoseconds of a monotonic clock
 */
record MissedBeats(Duration every, int missed, LongSupplier clock, Map<Path, Look> looks) {
    MissedBeats(Duration every, int missed, LongSupplier clock) {
        this(every, missed, clock, new ConcurrentHashMap<>());
    }

    /** What was seen of a lease, how often a beat was missed, and when that was last counted. */
    record Look(Lease lease, int missed, long counted) {}

    /** Looks at a lease; whether it has run out. */
    boolean isOver(Path file, Lease lease) {
        return looks.compute(file, (path, before) -> look(before, lease)).missed() >= missed;
    }

    private Look look(@org.jspecify.annotations.Nullable Look before, Lease lease) {
        long now = clock.getAsLong();
        if (before == null || !before.lease().equals(lease)) {
            return new Look(lease, 0, now);
        }
        return now - before.counted() < every.toNanos() ? before : new Look(lease, before.missed() + 1, now);
    }

    void forget(Path file) {
        looks.remove(file);
    }
}
