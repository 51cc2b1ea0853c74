package holonomy.statistic;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** The runs that a derived result is made of, in what determines it. */
final class StudiedRuns {
    private StudiedRuns() {}

    /** Puts {@code runs}: of each its id and the hash of its weights, for a run trained again on another machine may have other weights under the same id. */
    static void put(List<RunSet.Member> members, ObjectNode spec) {
        var runs = spec.putArray("runs");
        for (RunSet.Member run : members) {
            runs.addObject()
                    .put("run", run.id())
                    .put("theta", run.stored().summary().path("theta").asText());
        }
    }
}
