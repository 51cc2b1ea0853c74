package holonomy.measure;

import holonomy.geometry.Centring;
import holonomy.geometry.Gram;
import holonomy.geometry.Subspace;
import holonomy.geometry.Trajectory;
import holonomy.geometry.WeightDirections;
import holonomy.model.Block;
import holonomy.model.Layout;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Bases of weight space that a vector is projected onto at a moment: k directions in each block of a group, embedded in theta, supports disjoint.
 * A basis that doesn't exist yet (fewer earlier snapshots than k + 1) is left out.
 */
final class Bases {
    /** The run's own path, from snapshots before the moment. */
    static final String OWN = "own path so far";
    /** The weights' own singular directions. */
    static final String SINGULAR = "weights' singular directions";
    /** Uniformly random directions inside each block. */
    static final String RANDOM = "random directions";

    private Bases() {}

    /** The bases that exist at a moment, by name. */
    static Map<String, Subspace> at(Moment moment, SnapshotPlan plan, int directions) {
        Map<String, Subspace> bases = new LinkedHashMap<>();
        Layout layout = moment.run().model().layout();
        Subspace own = path(moment.trajectory(plan), moment.step(), layout, directions);
        if (own != null) {
            bases.put(OWN, own);
        }
        List<Subspace> singular = new ArrayList<>();
        List<Subspace> random = new ArrayList<>();
        for (Block block : layout.group(plan.group())) {
            singular.add(singular(moment.theta(), block, directions).embedded(block.offset(), layout.size()));
            random.add(Subspace.random(
                            block.size(),
                            directions,
                            moment.stream("random directions").at(block.offset()))
                    .embedded(block.offset(), layout.size()));
        }
        bases.put(SINGULAR, Subspace.sum(singular));
        bases.put(RANDOM, Subspace.sum(random));
        return bases;
    }

    /** Number of snapshots taken before a step: a basis that had seen the measured moment would be double dipping. */
    private static int before(long[] steps, long step) {
        int count = 0;
        while (count < steps.length && steps[count] < step) {
            count++;
        }
        return count;
    }

    /** The top directions of the snapshots before a step; null if there are fewer than k + 1. */
    static @Nullable Subspace path(Trajectory path, long step, Layout layout, int directions) {
        int earlier = before(path.steps(), step);
        if (earlier <= directions) {
            return null;
        }
        List<Subspace> parts = new ArrayList<>();
        for (String name : path.blocks()) {
            Gram gram = Gram.of(path, name).prefix(earlier);
            parts.add(Subspace.principal(path, gram, Centring.CENTRED, directions)
                    .embedded(layout.block(name).offset(), layout.size()));
        }
        return Subspace.sum(parts);
    }

    private static Subspace singular(float[] theta, Block block, int directions) {
        double[] weights = new double[block.size()];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = theta[block.offset() + i];
        }
        return WeightDirections.of(weights, block.rows(), block.columns(), directions);
    }
}
