package holonomy.run;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * The requests of one command, none before those it needs: first those nobody has begun, then again and again, a quarter of a second apart, those that other processes
 * are making. Thread-safe.
 */
final class Queue {
    private static final long AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    /** A request that another process had at a time of {@link System#nanoTime}. */
    private record Held(RunRequest request, long since) {}

    private final Deque<RunRequest> fresh;
    private final Deque<Held> held = new ArrayDeque<>();
    private final Set<String> announced = new HashSet<>();
    private final Map<String, RunResult> results = new HashMap<>();
    private final Set<String> unended = new HashSet<>();
    private int left;

    Queue(Collection<RunRequest> requests) {
        fresh = new ArrayDeque<>(requests);
        requests.forEach(request -> unended.add(request.id()));
        left = requests.size();
    }

    /** The next request to try; waits while all that is left is being made by others. Empty when everything is done. */
    synchronized Optional<RunRequest> next(BooleanSupplier stop) {
        while (left > 0) {
            Optional<RunRequest> ready = ready();
            if (ready.isPresent()) {
                return ready;
            }
            long wait = held.isEmpty()
                    ? AGAIN_NANOS
                    : AGAIN_NANOS - (System.nanoTime() - held.peek().since());
            if (!held.isEmpty() && (wait <= 0 || stop.getAsBoolean())) {
                return Optional.of(held.remove().request());
            }
            pause(wait);
        }
        return Optional.empty();
    }

    /** The first fresh request all of whose needs have ended, if they are in this queue at all. */
    private Optional<RunRequest> ready() {
        Optional<RunRequest> found = fresh.stream()
                .filter(request -> request.needs().stream().noneMatch(unended::contains))
                .findFirst();
        found.ifPresent(fresh::remove);
        return found;
    }

    private void pause(long nanos) {
        try {
            TimeUnit.NANOSECONDS.timedWait(this, Math.max(1_000_000, nanos));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for other processes", e);
        }
    }

    /** Puts a request back that another process was making; whether it is now waited for, and has not been told of. */
    synchronized boolean hold(RunRequest request) {
        held.add(new Held(request, System.nanoTime()));
        return fresh.isEmpty() && !announced.contains(request.id());
    }

    /** Notes that a request's wait is told of; whether it was not before. */
    synchronized boolean announce(RunRequest request) {
        return announced.add(request.id());
    }

    synchronized void done(RunResult result) {
        results.put(result.request().id(), result);
        unended.remove(result.request().id());
        left--;
        notifyAll();
    }

    /** Lets the other workers end: one has failed outside its run. */
    synchronized void giveUp() {
        left = 0;
        notifyAll();
    }

    synchronized RunResult result(String id) {
        return results.get(id);
    }
}
