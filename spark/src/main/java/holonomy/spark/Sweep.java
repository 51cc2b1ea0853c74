package holonomy.spark;

import holonomy.data.UserError;
import holonomy.run.Progress.Outcome;
import holonomy.run.RequestStatus;
import holonomy.run.RunRequest;
import holonomy.run.RunResult;
import holonomy.run.Runner;
import holonomy.store.IndexEntry;
import holonomy.store.Store;
import holonomy.store.StoredRun;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The requests of one command: which are sent, and what became of them. The store alone says what is complete. */
final class Sweep {
    private final Store store;
    private final Bars bars;
    private final Map<String, RunRequest> wanted = new LinkedHashMap<>();
    private final Map<String, StoredRun> present = new ConcurrentHashMap<>();
    private final Map<String, TaskEnd> ends = new ConcurrentHashMap<>();
    private final List<RunRequest> missing;
    private volatile String refused = "";

    Sweep(Store store, List<RunRequest> requests, Bars bars) {
        this.store = store;
        this.bars = bars;
        requests.forEach(request -> wanted.merge(request.id(), request, RunRequest::and));
        wanted.values().parallelStream()
                .forEach(request -> Runner.finished(store, request).ifPresent(run -> present.put(request.id(), run)));
        missing = wanted.values().stream()
                .filter(request -> !present.containsKey(request.id()))
                .toList();
    }

    /** What is not in the store, as texts to send. */
    List<String> missing() {
        List<String> texts = new ArrayList<>();
        List<IndexEntry> finished = store.list();
        for (RunRequest request : missing) {
            RunRequest.fromJson(
                    request.json()); // a measure that cannot travel is the user's to hear of, before anything trains
            RequestStatus.State state =
                    RequestStatus.of(store, finished, request).state();
            texts.add(RunTask.text(request, state == RequestStatus.State.EXTENDS));
        }
        return texts;
    }

    /** Hears how the task of one of the {@link #missing} has ended. */
    void ended(int index, TaskEnd end) {
        if (end.isRefused()) {
            refused = end.cause();
        } else {
            ends.put(end.id(), end);
            bars.ended(missing.get(index).id(), end.outcome(), end.cause());
        }
    }

    boolean isRefused() {
        return !refused.isEmpty();
    }

    /** Says why an executor that came late was of no use. */
    void requireAccepted() {
        if (isRefused()) {
            throw new UserError(refused + ". Runs that were complete are kept");
        }
    }

    /** One result for each different run, in the order of the requests. */
    List<RunResult> results(boolean stopped, Optional<Throwable> failure) {
        return wanted.values().stream()
                .map(request -> result(request, stopped, failure))
                .toList();
    }

    private RunResult result(RunRequest request, boolean stopped, Optional<Throwable> failure) {
        StoredRun there = present.get(request.id());
        if (there != null) {
            return new RunResult(request, Runner.outcome(there), Optional.of(there), true, Runner.cause(there));
        }
        TaskEnd end = ends.get(request.id());
        if (end == null) {
            return stopped
                    ? new RunResult(request, Outcome.INTERRUPTED, Optional.empty(), false, "")
                    : new RunResult(request, Outcome.FAILED, Optional.empty(), false, gaveUp(failure));
        }
        boolean stored = end.outcome() == Outcome.COMPLETE || end.outcome() == Outcome.DIVERGED;
        return new RunResult(
                request, end.outcome(), stored ? Optional.of(find(request)) : Optional.empty(), false, end.cause());
    }

    private static String gaveUp(Optional<Throwable> failure) {
        return "the cluster gave it up: "
                + failure.map(Throwable::getMessage)
                        .map(text -> text.lines().findFirst().orElse(""))
                        .orElse("unknown");
    }

    private StoredRun find(RunRequest request) {
        return store.find(request.id())
                .orElseThrow(() -> new UserError(
                        "run " + request.id() + " was finished by a worker but is not in the store " + store.root()
                                + "; the same command finds it when the file system shows it, or makes it again"));
    }
}
