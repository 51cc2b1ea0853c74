package holonomy.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Identity;
import holonomy.measure.Measure;
import holonomy.measure.SnapshotPlan;
import holonomy.train.RunSpec;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A run that is wanted, and what is to be recorded along it. What is recorded never changes the weights, so the run's identity is its spec's.
 *
 * @param spec what determines the weights
 * @param label a few words for progress and summaries
 * @param snapshots weights to keep along the way
 * @param measures tables to fill along the way
 */
public record RunRequest(RunSpec spec, String label, Set<SnapshotPlan> snapshots, List<Measure> measures) {
    public RunRequest {
        Set<SnapshotPlan> all = new LinkedHashSet<>(snapshots);
        measures.forEach(measure -> all.addAll(measure.needs()));
        snapshots = java.util.Collections.unmodifiableSet(all);
        measures = measures.stream().distinct().toList();
    }

    /** Lower-case hexadecimal SHA-256 of the spec's canonical JSON. */
    public String id() {
        return Identity.of(spec.spec());
    }

    /** The spec as it is stored. */
    public ObjectNode json() {
        return spec.spec();
    }

    /** This request and another one of the same run as one. */
    public RunRequest and(RunRequest other) {
        if (!spec.equals(other.spec)) {
            throw new IllegalArgumentException("requests of different runs: " + label + " and " + other.label);
        }
        Set<SnapshotPlan> bothSnapshots = new LinkedHashSet<>(snapshots);
        bothSnapshots.addAll(other.snapshots);
        List<Measure> bothMeasures = new ArrayList<>(measures);
        bothMeasures.addAll(other.measures);
        return new RunRequest(spec, label, bothSnapshots, bothMeasures);
    }
}
