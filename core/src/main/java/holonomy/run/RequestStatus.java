package holonomy.run;

import holonomy.data.UserError;
import holonomy.store.IndexEntry;
import holonomy.store.Snapshots;
import holonomy.store.Store;
import holonomy.store.StoredRun;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How far a request has come, before anything is done about it.
 *
 * @param state what is there
 * @param from the step from which it would be trained; the run's last step when nothing is to be trained
 * @param steps number of steps of the whole run
 */
public record RequestStatus(State state, long from, long steps) {
    /** What is there. */
    public enum State {
        /** Everything. */
        COMPLETE("in the store"),
        /** The run, but not everything that is to be recorded: it is computed from the snapshots. */
        ADDS("adds measures"),
        /** The run, but not everything that is to be recorded: it is trained again for that. */
        REPLAYS("replays for new measures"),
        /** A checkpoint. */
        CONTINUES("continues"),
        /** A finished run with fewer steps to go on from. */
        EXTENDS("extends a shorter run"),
        /** Nothing. */
        NEW("new"),
        /** Something that cannot be read: nothing will be done about it. */
        UNREADABLE("cannot be read");

        private final String words;

        State(String words) {
            this.words = words;
        }

        /** For people. */
        public String words() {
            return words;
        }
    }

    /** Steps still to be trained. */
    public long left() {
        return steps - from;
    }

    /**
     * How a request stands. Nothing is changed.
     *
     * @param finished the store's list of finished runs
     */
    public static RequestStatus of(Store store, List<IndexEntry> finished, RunRequest request) {
        long steps = request.spec().training().steps();
        Optional<StoredRun> run;
        try {
            run = store.find(request.id());
        } catch (UserError unreadable) {
            return new RequestStatus(State.UNREADABLE, steps, steps);
        }
        if (run.isPresent()) {
            return switch (Execution.lacking(request, run.get())) {
                case NOTHING -> new RequestStatus(State.COMPLETE, steps, steps);
                case ROWS -> new RequestStatus(State.ADDS, steps, steps);
                case TRAINING -> new RequestStatus(State.REPLAYS, 0, steps);
            };
        }
        OptionalLong reached = store.reached(request.id());
        if (reached.isPresent()) {
            return new RequestStatus(State.CONTINUES, reached.getAsLong(), steps);
        }
        return Extension.of(store, finished, request)
                .map(shorter -> new RequestStatus(State.EXTENDS, shorter.from(), steps))
                .orElseGet(() -> new RequestStatus(State.NEW, 0, steps));
    }

    /** Bytes that a request adds to the store, its small tables left out: the state at the end, and snapshots. */
    public static long bytes(RunRequest request) {
        var layout = request.spec().model().layout();
        long parameters = layout.size();
        long arrays = 1 + request.spec().training().optimizer().moments();
        long bytes = parameters * arrays * Float.BYTES;
        for (var plan : request.snapshots()) {
            long weights = layout.group(plan.group()).stream()
                    .mapToLong(block -> block.size())
                    .sum();
            long steps = request.spec().training().steps();
            bytes += weights * Float.BYTES * Snapshots.steps(plan, steps, steps).length;
        }
        return bytes;
    }
}
