package holonomy.statistic;

import holonomy.claim.SeedValues;
import holonomy.data.Table;
import holonomy.data.UserError;
import holonomy.inference.Scale;
import holonomy.measure.Measure;
import holonomy.run.RunRequest;
import holonomy.store.StoredRun;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** Finished runs as they stand in a store. */
public record StoredRuns(List<Member> members) implements RunSet {
    public StoredRuns {
        members = List.copyOf(members);
    }

    /** Runs by what was asked for; the seed of each is that of its initial values. */
    public static StoredRuns of(Map<RunRequest, StoredRun> runs) {
        return new StoredRuns(runs.entrySet().stream()
                .map(run -> new Member(
                        run.getKey().label(),
                        run.getKey().spec().initSeed(),
                        run.getKey().spec().task(),
                        run.getKey().spec(),
                        run.getValue()))
                .toList());
    }

    @Override
    public Table table(Measure measure) {
        List<Member> measured = members.stream()
                .filter(member -> member.stored().has(measure.file()))
                .toList();
        if (measured.isEmpty()) {
            throw new UserError("no finished run has '" + measure.name() + "'; see why the runs failed");
        }
        return Table.concat(measured.stream()
                .map(member -> member.stored().table(measure.file()).labelled(labels(member)))
                .toList());
    }

    private static Map<Table.Column, Object> labels(Member member) {
        Map<Table.Column, Object> labels = new LinkedHashMap<>();
        labels.put(RUN, member.id());
        labels.put(SEED, member.seed());
        labels.put(MOST_MARKERS, RunSet.mostMarkers(member.task()));
        return labels;
    }

    @Override
    public SeedValues perSeed(String label, Scale scale, ToDoubleFunction<Member> number) {
        return RunValues.of(label, scale, members, number).perSeed();
    }
}
