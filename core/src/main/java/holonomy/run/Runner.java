package holonomy.run;

import holonomy.data.Parquet;
import holonomy.data.UserError;
import holonomy.lease.LockLost;
import holonomy.model.ComputeDevice;
import holonomy.store.Damage;
import holonomy.store.DamagedRun;
import holonomy.store.IndexEntry;
import holonomy.store.RunWriter;
import holonomy.store.Store;
import holonomy.store.StoredRun;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out requests: complete runs are reused, unfinished ones continue, the rest is trained by workers, one run and one engine thread
 * each. A run that fails doesn't stop the others.
 */
public final class Runner implements Engine {
    /** Time between checkpoints. */
    public static final Duration CHECKPOINT_EVERY = Duration.ofSeconds(60);

    private static final Logger LOG = LoggerFactory.getLogger(Runner.class);

    private final Store store;
    private final ComputeDevice device;
    private final int workers;
    private final Progress progress;
    private final Duration checkpointEvery;
    private final Map<RunRequest, StoredRun> present = new ConcurrentHashMap<>();
    private @Nullable List<IndexEntry> listed;

    public Runner(Store store, ComputeDevice device, int workers, Progress progress) {
        this(store, device, workers, progress, CHECKPOINT_EVERY);
    }

    /**
     * @param workers runs trained side by side
     * @param checkpointEvery training time between checkpoints
     */
    public Runner(Store store, ComputeDevice device, int workers, Progress progress, Duration checkpointEvery) {
        if (workers < 1) {
            throw new UserError("workers: expected at least 1, found " + workers);
        }
        this.store = store;
        this.device = device;
        this.workers = workers;
        this.progress = progress;
        this.checkpointEvery = checkpointEvery;
    }

    /** This runner, told which finished runs a longer one may go on from: it looks for none itself. */
    public synchronized Runner knowing(List<IndexEntry> finished) {
        listed = finished;
        return this;
    }

    /** A request's run if it is there with everything it asks for, its tables undamaged; empty if it cannot be read: who makes it will say so. */
    public static Optional<StoredRun> finished(Store store, RunRequest request) {
        return finished(store, request.id()).filter(run -> Execution.lacksNothing(request, run));
    }

    /** Something finished, its tables undamaged; empty if it cannot be read: who makes it will say so. */
    public static Optional<StoredRun> finished(Store store, String id) {
        try {
            return store.findWithTables(id);
        } catch (UserError unreadable) {
            LOG.debug("run {} cannot be read", id, unreadable);
            return Optional.empty();
        }
    }

    /** How many of these requests are there with everything they ask for; {@link #run} takes their word for it. */
    public int present(List<RunRequest> requests) {
        requests.parallelStream()
                .forEach(request -> finished(store, request).ifPresent(run -> present.put(request, run)));
        return (int) requests.stream().filter(present::containsKey).count();
    }

    /**
     * Makes sure that this machine has the memory that what is still to be made takes beside its training: a finished run needs none.
     *
     * @throws UserError otherwise
     */
    public static void requireMemory(Store store, Collection<RunRequest> requests) {
        for (RunRequest request : requests) {
            try {
                request.requireMemory();
            } catch (UserError tooLarge) {
                if (finished(store, request).isEmpty()) {
                    throw tooLarge;
                }
            }
        }
    }

    /**
     * Carries out requests, each run once, and returns one result per different run in the order of the requests. A run that another process
     * is making is waited for, while others are carried out.
     *
     * @param stop asked between steps and while something is measured; once true, running trainings write a checkpoint and end as INTERRUPTED
     */
    @Override
    public List<RunResult> run(List<RunRequest> requests, BooleanSupplier stop) {
        Map<String, RunRequest> wanted = RunRequest.merged(requests);
        Inputs.require(store, wanted);
        requireMemory(store, wanted.values());
        Queue queue = new Queue(wanted.values());
        if (!present.keySet().containsAll(wanted.values())) {
            Thread loading = new Thread(Parquet::load, "load");
            loading.setDaemon(true);
            loading.start(); // a stop must not wait for it at the first checkpoint
        }
        ExecutorService pool = Executors.newFixedThreadPool(workers);
        try {
            List<Future<?>> futures = new ArrayList<>();
            for (int i = 0; i < workers; i++) {
                int worker = i;
                futures.add(pool.submit(() -> work(queue, worker, stop)));
            }
            await(futures);
            return wanted.keySet().stream().map(queue::result).toList();
        } finally {
            pool.shutdown();
        }
    }

    private static void await(List<Future<?>> futures) {
        for (Future<?> future : futures) {
            try {
                future.get();
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while waiting for runs", interrupted);
            } catch (ExecutionException failure) {
                if (failure.getCause() instanceof UserError error) {
                    throw error;
                }
                throw new IllegalStateException("a worker failed outside its run", failure.getCause());
            }
        }
    }

    private void work(Queue queue, int worker, BooleanSupplier stop) {
        Optional<RunRequest> next = queue.next(stop);
        while (next.isPresent()) {
            RunRequest request = next.get();
            boolean told = false;
            try {
                Optional<RunResult> result = carryOut(request, worker, stop);
                result.ifPresentOrElse(queue::done, () -> postpone(queue, request));
                told = true;
            } finally {
                if (!told) {
                    queue.giveUp();
                }
            }
            next = queue.next(stop);
        }
    }

    private void postpone(Queue queue, RunRequest request) {
        if (queue.hold(request)) {
            // Whoever has let go meanwhile is not waited for: the next look finds the run finished or free.
            store.owner(request.id())
                    .filter(owner -> queue.announce(request))
                    .ifPresent(owner -> progress.waiting(request.id(), request.label(), owner));
        }
    }

    /** The result of a request, or empty if another process is making the run. */
    private Optional<RunResult> carryOut(RunRequest request, int worker, BooleanSupplier stop) {
        Optional<StoredRun> there = Optional.ofNullable(present.get(request)).or(() -> finished(store, request));
        if (there.isPresent()) {
            return Optional.of(new RunResult(request, outcome(there.get()), there, true, cause(there.get())));
        }
        if (stop.getAsBoolean()) {
            return Optional.of(new RunResult(request, Progress.Outcome.INTERRUPTED, Optional.empty(), false, ""));
        }
        Progress.Outcome outcome;
        String cause = "";
        try {
            Optional<Progress.Outcome> made = make(request, worker, stop);
            if (made.isEmpty()) {
                return Optional.empty();
            }
            outcome = made.get();
        } catch (LockLost lost) {
            LOG.warn("run {} ({}): {}", request.id(), request.label(), lost.getMessage());
            progress.ended(request.id(), Progress.Outcome.INTERRUPTED, "another process has taken it over");
            return Optional.empty();
        } catch (UserError error) {
            outcome = Progress.Outcome.FAILED;
            cause = error.getMessage();
        } catch (RuntimeException | OutOfMemoryError failure) {
            LOG.error("run {} ({}) failed", request.id(), request.label(), failure);
            outcome = Progress.Outcome.FAILED;
            cause = failure.getClass().getSimpleName() + ": " + failure.getMessage();
        }
        Optional<StoredRun> run = outcome == Progress.Outcome.COMPLETE || outcome == Progress.Outcome.DIVERGED
                ? store.find(request.id())
                : Optional.empty();
        if (outcome == Progress.Outcome.DIVERGED) {
            cause = cause(run.orElseThrow());
        }
        progress.ended(request.id(), outcome, cause);
        return Optional.of(new RunResult(request, outcome, run, false, cause));
    }

    /** Makes a run, or what it lacks; empty if another process is at it. */
    private Optional<Progress.Outcome> make(RunRequest request, int worker, BooleanSupplier stop) {
        List<String> problems;
        try (RunWriter writer =
                store.tryWrite(request.id(), "run", request.spec().spec()).orElse(null)) {
            return writer == null ? Optional.empty() : Optional.of(make(request, writer, worker, stop));
        } catch (Damage damage) {
            problems = damage.problems();
        } catch (DamagedRun damaged) {
            if (!damaged.id().equals(request.id())) {
                throw damaged;
            }
            problems = damaged.problems();
        }
        store.setAside(request.id(), problems);
        return make(request, worker, stop);
    }

    private Progress.Outcome make(RunRequest request, RunWriter writer, int worker, BooleanSupplier stop)
            throws Damage {
        try {
            Optional<StoredRun> stored = store.find(request.id());
            if (stored.isPresent() && Execution.lacksNothing(request, stored.get())) {
                return outcome(stored.get());
            }
            return new Execution(
                            request, writer, stored, device, checkpointEvery.toNanos(), () -> shorter(request), store)
                    .run(progress, worker, stop);
        } catch (RuntimeException | Damage failure) {
            Optional<RuntimeException> disturbance = writer.disturbance(failure);
            if (disturbance.isPresent()) {
                throw disturbance.get();
            }
            throw failure;
        }
    }

    /** A finished run with fewer steps that this one can go on from. */
    private Optional<Extension> shorter(RunRequest request) {
        return Extension.of(store, listed(), request);
    }

    /** The finished runs, looked up once. */
    private synchronized List<IndexEntry> listed() {
        if (listed == null) {
            listed = store.list();
        }
        return listed;
    }

    /** How a finished run has ended: COMPLETE or DIVERGED. */
    public static Progress.Outcome outcome(StoredRun run) {
        return run.summary().path("state").asText().equals("diverged")
                ? Progress.Outcome.DIVERGED
                : Progress.Outcome.COMPLETE;
    }

    /** One line for people about a run that diverged, else empty. */
    public static String cause(StoredRun run) {
        return outcome(run) == Progress.Outcome.DIVERGED
                ? "the loss stopped being finite after step " + run.summary().path("step")
                : "";
    }
}
