package holonomy.run;

import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Where runs are made: on this machine by {@link Runner}, on a cluster by the engine of module {@code spark/}. Whatever the place, the same bytes come
 * into the store, and nothing else connects the one who asks with the one who makes.
 */
@FunctionalInterface
public interface Engine {
    /**
     * Carries out requests, each run once, and returns one result per different run in the order of the requests.
     *
     * @param stop asked again and again; once true, running trainings write a checkpoint and end as INTERRUPTED
     */
    List<RunResult> run(List<RunRequest> requests, BooleanSupplier stop);
}
