package holonomy.run;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Identity;
import holonomy.store.RunWriter;
import holonomy.store.StoredRun;
import java.util.function.LongConsumer;

/** Something computed from finished runs and kept in the store beside them, for instance a sparse autoencoder. */
public interface Derived {
    /** What kind of thing it is, as the store lists it. */
    String kind();

    /** A few words for progress and lists. */
    String label();

    /** 1 at first, bumped by hand whenever the same spec would give other tables. */
    default int semantics() {
        return 1;
    }

    /** Adds what determines it beside kind and semantics: its parameters, and the runs it is computed from ({@link #put}). */
    void describe(ObjectNode spec);

    /** What determines it: kind, semantics, and what {@link #describe} adds. */
    default ObjectNode spec() {
        ObjectNode spec = JsonNodeFactory.instance.objectNode();
        spec.put("kind", kind()).put("semantics", semantics());
        describe(spec);
        return spec;
    }

    /** Puts a run: its id and the hash of its weights, for a run trained again on another machine may have other weights under the same id. */
    static void put(StoredRun run, ObjectNode spec) {
        spec.put("run", run.id()).put("theta", run.summary().path("theta").asText());
    }

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
