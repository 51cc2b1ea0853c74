package holonomy.run;

import holonomy.data.UserError;
import holonomy.geometry.Gram;
import holonomy.geometry.Subspace;
import holonomy.geometry.Trajectory;
import holonomy.intervention.Basis;
import holonomy.measure.SnapshotPlan;
import holonomy.model.Layout;
import holonomy.store.Snapshots;
import holonomy.store.Store;
import holonomy.store.StoredRun;
import holonomy.store.StoredTrajectory;
import holonomy.train.RunSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Directions taken from the paths of finished runs: k principal components per block, each embedded where its block lies. */
public final class StoredBases implements Basis.Source {
    private final Store store;

    public StoredBases(Store store) {
        this.store = store;
    }

    @Override
    public Subspace of(Basis basis, Layout layout) {
        if (!(basis instanceof Basis.Path path)) {
            return Basis.Source.RANDOM_ONLY.of(basis, layout);
        }
        StoredRun run = store.find(path.source())
                .orElseThrow(() -> notBuilt(path, "that run is not in the store " + store.root()));
        RunSpec spec = RunSpec.fromSpec(run.spec());
        if (!spec.model().layout().blocks().equals(layout.blocks())) {
            throw new UserError("intervention: the basis '" + path.label() + "' has the weights of another model ("
                    + spec.model().label() + "); take one from a run of the same model");
        }
        SnapshotPlan plan = SnapshotPlan.of(path.blocks(), path.snapshots());
        long[] due = Snapshots.steps(
                plan, spec.training().steps(), run.summary().path("step").longValue());
        for (long step : due) {
            if (!run.has(Snapshots.name(plan, step))) {
                throw notBuilt(
                        path,
                        "it keeps no " + path.snapshots() + " snapshots of "
                                + path.blocks().name().toLowerCase(java.util.Locale.ROOT));
            }
        }
        try (StoredTrajectory trajectory = Snapshots.of(run, spec, plan)) {
            return directions(path, trajectory, layout);
        }
    }

    /**
     * Checks that each basis is taken from a run that is in the store or among the wanted ones.
     *
     * @throws UserError otherwise: nothing is to be trained
     */
    static void require(Store store, Map<String, RunRequest> wanted) {
        for (RunRequest request : wanted.values()) {
            for (Basis basis : request.bases()) {
                if (basis.run()
                        .filter(id -> !wanted.containsKey(id) && store.find(id).isEmpty())
                        .isPresent()) {
                    throw notBuilt(
                            basis,
                            request.label() + " needs a run that is neither wanted nor in the store " + store.root());
                }
            }
        }
    }

    /** Says that a basis is missing, and what to do. */
    static UserError notBuilt(Basis basis, String why) {
        return new UserError("intervention: the basis '" + basis.label() + "' is not built yet: " + why
                + "; train that run first, with the snapshots of its path");
    }

    private static Subspace directions(Basis.Path path, Trajectory trajectory, Layout layout) {
        int snapshots = upTo(trajectory.steps(), path.until());
        if (snapshots <= path.directions()) {
            throw new UserError(
                    "intervention: the basis '" + path.label() + "' has " + snapshots + " snapshots, expected at least "
                            + (path.directions() + 1) + "; take more snapshots, or a later step");
        }
        List<Subspace> parts = new ArrayList<>();
        for (String block : trajectory.blocks()) {
            Gram gram = Gram.of(trajectory, block).prefix(snapshots);
            parts.add(Subspace.principal(trajectory, gram, path.centring(), path.directions())
                    .embedded(layout.block(block).offset(), layout.size()));
        }
        return Subspace.sum(parts);
    }

    private static int upTo(long[] steps, long until) {
        int count = 0;
        while (count < steps.length && (until == 0 || steps[count] <= until)) {
            count++;
        }
        return count;
    }
}
