package holonomy.run;

import holonomy.data.UserError;
import holonomy.lease.LockLost;
import holonomy.run.Progress.Outcome;
import holonomy.store.Provenance;
import holonomy.store.RunWriter;
import holonomy.store.Store;
import holonomy.store.StoredRun;
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
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Computes what is missing of derived results, several at once. What is finished is in the store and is never computed again; what another process is computing
 * is waited for.
 */
public final class DerivedRunner {
    private static final Logger LOG = LoggerFactory.getLogger(DerivedRunner.class);

    private static final long MILLIS_BETWEEN_LOOKS = 250;

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

    private Result carryOut(String id, Derived derived, int worker, BooleanSupplier stop) throws InterruptedException {
        boolean announced = false;
        while (true) {
            Optional<StoredRun> there = Runner.finished(store, id);
            if (there.isPresent()) {
                return new Result(derived, Outcome.COMPLETE, there, "");
            }
            if (stop.getAsBoolean()) {
                return new Result(derived, Outcome.INTERRUPTED, Optional.empty(), "");
            }
            Optional<Result> result = compute(id, derived, worker, stop);
            if (result.isPresent()) {
                progress.ended(id, result.get().outcome(), result.get().cause());
                return result.get();
            }
            Optional<String> owner = announced ? Optional.empty() : store.owner(id);
            if (owner.isPresent()) {
                progress.waiting(id, derived.label(), owner.get());
                announced = true;
            }
            TimeUnit.MILLISECONDS.sleep(MILLIS_BETWEEN_LOOKS);
        }
    }

    /** What became of the computation; empty if another process is at it. */
    private Optional<Result> compute(String id, Derived derived, int worker, BooleanSupplier stop) {
        try (RunWriter writer =
                store.tryWrite(id, derived.kind(), derived.spec()).orElse(null)) {
            if (writer == null) {
                return Optional.empty();
            }
            if (!writer.wasComplete()) {
                progress.started(id, derived.label(), worker, 0, derived.steps());
                compute(derived, writer, stop);
            }
            return Optional.of(new Result(derived, Outcome.COMPLETE, store.find(id), ""));
        } catch (LockLost lost) {
            LOG.warn("{} {} ({}): {}", derived.kind(), id, derived.label(), lost.getMessage());
            progress.ended(id, Outcome.INTERRUPTED, "another process has taken it over");
            return Optional.empty();
        } catch (Stopped stopped) {
            return Optional.of(new Result(derived, Outcome.INTERRUPTED, Optional.empty(), ""));
        } catch (UserError error) {
            return Optional.of(
                    new Result(derived, Outcome.FAILED, Optional.empty(), String.valueOf(error.getMessage())));
        } catch (RuntimeException | OutOfMemoryError failure) {
            LOG.error("{} {} ({}) failed", derived.kind(), id, derived.label(), failure);
            String cause = failure.getClass().getSimpleName() + ": " + failure.getMessage();
            return Optional.of(new Result(derived, Outcome.FAILED, Optional.empty(), cause));
        }
    }

    private void compute(Derived derived, RunWriter writer, BooleanSupplier stop) {
        try {
            var summary = derived.compute(writer, step -> {
                writer.checkHeld();
                if (stop.getAsBoolean()) {
                    throw new Stopped();
                }
                progress.advanced(derived.id(), step, Double.NaN);
            });
            writer.putJson("provenance.json", Provenance.collect(Execution.sources()));
            writer.complete(summary.put("label", derived.label()));
        } catch (RuntimeException failure) {
            throw writer.disturbance(failure).orElse(failure);
        }
    }
}
