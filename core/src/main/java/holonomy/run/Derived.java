package holonomy.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Identity;
import holonomy.store.RunWriter;
import java.util.function.LongConsumer;

/** Something computed from finished runs and kept in the store beside them, for instance a sparse autoencoder. */
public interface Derived {
    /** What kind of thing it is, as the store lists it. */
    String kind();

    /** A few words for progress and lists. */
    String label();

    /** What determines it: kind, semantics, parameters, ids of the runs it is computed from. */
    ObjectNode spec();

    /** Steps of work, for progress. */
    long steps();

    /**
     * Computes it and puts its files; the runner completes it.
     *
     * @param advanced to be told the number of steps done; it throws where the user has asked to stop
     * @return what lists of runs show
     */
    ObjectNode compute(RunWriter writer, LongConsumer advanced);

    /** Lower-case hexadecimal SHA-256 of the spec's canonical JSON. */
    default String id() {
        return Identity.of(spec());
    }
}
