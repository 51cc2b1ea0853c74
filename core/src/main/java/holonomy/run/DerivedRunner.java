package holonomy.run;

import holonomy.data.UserError;
import holonomy.run.Progress.Outcome;
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

/** Computes what is missing of derived results, several at once. What is finished is in the store and is never computed again. */
public final class DerivedRunner {
    private static final Logger LOG = LoggerFactory.getLogger(DerivedRunner.class);

    private final Store store;
    private final int workers;
    private final Progress progress;

    public DerivedRunner(Store store, int workers, Progress progress) {
        this.store = store;
        this.workers = workers;
        this.progress = progress;
    }

    /**
     * What became of one derived result.
     *
     * @param stored the result, when it is complete
     * @param cause one line for people when it failed, else empty
     */
    public record Result(Derived derived, Outcome outcome, Optional<StoredRun> stored, String cause) {}

    /** The user has asked to stop. */
    private static final class Stopped extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    /**
     * Computes each different result once; one result per id, in the order given.
     *
     * @param stop asked between steps; once true, what is in progress is given up and ends as INTERRUPTED
     */
    public List<Result> run(List<? extends Derived> wanted, BooleanSupplier stop) {
        Map<String, Derived> distinct = new LinkedHashMap<>();
        wanted.forEach(derived -> distinct.putIfAbsent(derived.id(), derived));
        LinkedBlockingQueue<Integer> free = new LinkedBlockingQueue<>();
        for (int worker = 0; worker < workers; worker++) {
            free.add(worker);
        }
        ExecutorService pool = Executors.newFixedThreadPool(workers);
        try {
            List<Future<Result>> futures = new ArrayList<>();
            distinct.forEach((id, derived) -> futures.add(pool.submit(() -> {
                int worker = free.take();
                try {
                    return carryOut(id, derived, worker, stop);
                } finally {
                    free.add(worker);
                }
            })));
            List<Result> results = new ArrayList<>();
            for (Future<Result> future : futures) {
                results.add(future.get());
            }
            return results;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for derived results", interrupted);
        } catch (ExecutionException failure) {
            throw new IllegalStateException("a worker failed outside its computation", failure.getCause());
        } finally {
            pool.shutdown();
        }
    }

    private Result carryOut(String id, Derived derived, int worker, BooleanSupplier stop) {
        Optional<StoredRun> there = store.find(id);
        if (there.isPresent()) {
            return new Result(derived, Outcome.COMPLETE, there, "");
        }
        if (stop.getAsBoolean()) {
            return new Result(derived, Outcome.INTERRUPTED, Optional.empty(), "");
        }
        Result result = compute(id, derived, worker, stop);
        progress.ended(id, result.outcome(), result.cause());
        return result;
    }

    private Result compute(String id, Derived derived, int worker, BooleanSupplier stop) {
        try (RunWriter writer = store.write(id, derived.kind(), derived.spec())) {
            if (!writer.wasComplete()) {
                progress.started(id, derived.label(), worker, 0, derived.steps());
                var summary = derived.compute(writer, step -> {
                    if (stop.getAsBoolean()) {
                        throw new Stopped();
                    }
                    progress.advanced(id, step, Double.NaN);
                });
                writer.putJson("provenance.json", Provenance.collect(Execution.sources()));
                writer.complete(summary.put("label", derived.label()));
            }
            return new Result(derived, Outcome.COMPLETE, store.find(id), "");
        } catch (Stopped stopped) {
            return new Result(derived, Outcome.INTERRUPTED, Optional.empty(), "");
        } catch (UserError error) {
            return new Result(derived, Outcome.FAILED, Optional.empty(), String.valueOf(error.getMessage()));
        } catch (RuntimeException | OutOfMemoryError failure) {
            LOG.error("{} {} ({}) failed", derived.kind(), id, derived.label(), failure);
            String cause = failure.getClass().getSimpleName() + ": " + failure.getMessage();
            return new Result(derived, Outcome.FAILED, Optional.empty(), cause);
        }
    }
}
