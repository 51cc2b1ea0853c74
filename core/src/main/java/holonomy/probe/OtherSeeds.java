package holonomy.probe;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Table;
import holonomy.data.UserError;
import holonomy.geometry.Subspace;
import holonomy.measure.CommutatorMeasure;
import holonomy.measure.StillMoment;
import holonomy.model.ComputeDevice;
import holonomy.model.Network;
import holonomy.run.Derived;
import holonomy.store.RunWriter;
import holonomy.store.Snapshots;
import holonomy.store.StoredRun;
import holonomy.store.StoredTrajectory;
import holonomy.train.RunSpec;
import holonomy.train.TrainingState;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * Shares of a run's commutators, at its final weights, in the paths of other runs that differ in their seed: a control that a basis of the run's own path
 * must beat if it is to be the run's own. Table {@link #SHARES}, columns as in {@link CommutatorMeasure}; bases are named by {@link #basis}.
 *
 * <p>All bases are taken from snapshots before the last step. Source: spec C2, spec/grokking.md D4 (iv).
 *
 * @param run the finished run that is measured
 * @param runSpec its spec
 * @param others finished runs of the same model, with the snapshots of the measure's plan; none leaves the run's own path alone
 * @param measure pairs, displacement, plan and directions
 * @param label for progress
 */
public record OtherSeeds(
        StoredRun run, RunSpec runSpec, List<StoredRun> others, CommutatorMeasure measure, String label)
        implements Derived {
    /** The table's file. */
    public static final String SHARES = "metrics/commutators-of-other-seeds.parquet";

    /** Name of the basis from another seed's path. */
    public static String basis(long seed) {
        return "path of seed " + seed;
    }

    /** The seed that {@link #basis} names. */
    public static long seedOf(String basis) {
        return Long.parseLong(basis.substring(basis(0).length() - 1));
    }

    @Override
    public String kind() {
        return "other seeds";
    }

    @Override
    public void describe(ObjectNode spec) {
        Derived.put(run, spec);
        var list = spec.putArray("others");
        for (StoredRun other : others) {
            Derived.put(other, list.addObject());
        }
        spec.put("measure", measure.semantics());
        spec.set("parameters", measure.parameters());
    }

    @Override
    public long steps() {
        return others.size() + 1L;
    }

    @Override
    public ObjectNode compute(RunWriter writer, LongConsumer advanced) {
        TrainingState end = run.end(runSpec);
        Map<String, Subspace> bases = new LinkedHashMap<>();
        addPath(CommutatorMeasure.OWN_BASIS, run, runSpec, end.step(), bases);
        for (int i = 0; i < others.size(); i++) {
            RunSpec spec = RunSpec.fromSpec(others.get(i).spec());
            addPath(basis(spec.initSeed()), others.get(i), spec, end.step(), bases);
            advanced.accept(i + 1L);
        }
        if (bases.isEmpty()) {
            throw new UserError("bases of other seeds: no run has the " + (measure.directions() + 1)
                    + " snapshots before step " + end.step() + " that " + measure.directions()
                    + " directions need; take more snapshots or fewer directions");
        }
        Table.Builder rows = Table.builder(measure.columns());
        try (Network network = runSpec.model().open(ComputeDevice.CPU);
                StoredTrajectory path = Snapshots.of(run, runSpec, measure.snapshots());
                StillMoment moment =
                        new StillMoment(runSpec, end.step(), end.theta(), network, path, end.optimizer())) {
            measure.shares(moment, bases, rows);
        }
        advanced.accept(steps());
        writer.putTable(SHARES, rows.build());
        return JsonNodeFactory.instance.objectNode().put("step", end.step());
    }

    private void addPath(String name, StoredRun from, RunSpec spec, long before, Map<String, Subspace> bases) {
        try (StoredTrajectory path = Snapshots.of(from, spec, measure.snapshots())) {
            measure.pathBasis(path, before, runSpec.model().layout()).ifPresent(basis -> bases.put(name, basis));
        }
    }
}
