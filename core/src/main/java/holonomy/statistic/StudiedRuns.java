package holonomy.statistic;

import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.claim.SeedValues;
import holonomy.run.Derived;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The runs that a derived result is made of, in what determines it. */
final class StudiedRuns {
    private StudiedRuns() {}

    /** By seed, the seeds of runs whose data its twins saw: a number of both has a part of each, see {@link SeedValues#sharing}. */
    static Map<Long, Set<Long>> lent(RunSet runs, RunSet twins) {
        Map<Long, Set<Long>> lent = new HashMap<>();
        for (RunSet.Member twin : twins.members()) {
            runs.members().stream()
                    .filter(run -> run.spec().dataSeed() == twin.spec().dataSeed())
                    .forEach(run -> lent.computeIfAbsent(twin.seed(), seed -> new HashSet<>())
                            .add(run.seed()));
        }
        return lent;
    }

    /** Puts {@code runs}, each as {@link Derived#put} does. */
    static void put(List<RunSet.Member> members, ObjectNode spec) {
        var runs = spec.putArray("runs");
        for (RunSet.Member run : members) {
            Derived.put(run.stored(), runs.addObject());
        }
    }
}
