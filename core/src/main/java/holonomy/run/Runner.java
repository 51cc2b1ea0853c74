package holonomy.run;

import holonomy.data.UserError;
import holonomy.model.ComputeDevice;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out requests: complete runs are reused, unfinished ones continue, the rest is trained by workers, one run and one engine thread
 * each. A run that fails doesn't stop the others.
 */
public final class Runner {
    /** Time between checkpoints. */
    public static final Duration CHECKPOINT_EVERY = Duration.ofSeconds(60);

    private static final Logger LOG = LoggerFactory.getLogger(Runner.class);

    private final Store store;
    private final ComputeDevice device;
    private final int workers;
    private final Progress progress;
    private final Duration checkpointEvery;

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

    /** Whether a request's run is there with everything it asks for. */
    public static Optional<StoredRun> finished(Store store, RunRequest request) {
        return store.find(request.id()).filter(run -> Execution.lacksNothing(request, run));
    }

    /**
     * Carries out requests, each run once, and returns one result per different run in the order of the requests.
     *
     * @param stop asked between steps; once true, running trainings write a checkpoint and end as INTERRUPTED
     */
    public List<RunResult> run(List<RunRequest> requests, BooleanSupplier stop) {
        Map<String, RunRequest> wanted = new LinkedHashMap<>();
        requests.forEach(request -> wanted.merge(request.id(), request, RunRequest::and));
        LinkedBlockingQueue<Integer> freeWorkers = new LinkedBlockingQueue<>();
        for (int worker = 0; worker < workers; worker++) {
            freeWorkers.add(worker);
        }
        ExecutorService pool = Executors.newFixedThreadPool(workers);
        try {
            List<Future<RunResult>> futures = new ArrayList<>();
            for (RunRequest request : wanted.values()) {
                futures.add(pool.submit(() -> {
                    int worker = freeWorkers.take();
                    try {
                        return carryOut(request, worker, stop);
                    } finally {
                        freeWorkers.add(worker);
                    }
                }));
            }
            return collect(futures);
        } finally {
            pool.shutdown();
        }
    }

    private static List<RunResult> collect(List<Future<RunResult>> futures) {
        List<RunResult> results = new ArrayList<>();
        for (Future<RunResult> future : futures) {
            try {
                results.add(future.get());
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
        return results;
    }

    private RunResult carryOut(RunRequest request, int worker, BooleanSupplier stop) {
        Optional<StoredRun> there = finished(store, request);
        if (there.isPresent()) {
            return new RunResult(request, outcome(there.get()), there, true, cause(there.get()));
        }
        if (stop.getAsBoolean()) {
            return new RunResult(request, Progress.Outcome.INTERRUPTED, Optional.empty(), false, "");
        }
        Progress.Outcome outcome;
        String cause = "";
        try (RunWriter writer = store.write(request.id(), "run", request.json())) {
            Optional<StoredRun> stored = store.find(request.id());
            outcome = stored.isPresent() && Execution.lacksNothing(request, stored.get())
                    ? outcome(stored.get())
                    : new Execution(request, writer, stored, device, checkpointEvery.toNanos())
                            .run(progress, worker, stop);
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
        return new RunResult(request, outcome, run, false, cause);
    }

    private static Progress.Outcome outcome(StoredRun run) {
        return run.summary().path("state").asText().equals("diverged")
                ? Progress.Outcome.DIVERGED
                : Progress.Outcome.COMPLETE;
    }

    private static String cause(StoredRun run) {
        return outcome(run) == Progress.Outcome.DIVERGED
                ? "the loss stopped being finite after step " + run.summary().path("step")
                : "";
    }
}
