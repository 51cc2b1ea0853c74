package holonomy.measure;

import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Table;
import holonomy.data.UserError;
import holonomy.geometry.Alignment;
import holonomy.geometry.Gram;
import holonomy.geometry.Trajectory;
import java.util.List;

/**
 * Each snapshot's distance to the plane of the path's top k principal directions, {@code |(I - BB')(w_t - mean w)|} in weight norm, and its distance to
 * the final weights |w_t - w_n|, per block. The plane is fitted to the whole path, as the claim it tests does; a walk comes closer to its own plane too.
 *
 * @param snapshots the path
 * @param directions k
 */
public record SubspaceDistance(SnapshotPlan snapshots, int directions) implements PathMeasure {
    /** Distance to the plane, weight norm. */
    public static final Table.Column TO_SUBSPACE = Table.quantity("to_subspace");

    /** Distance to the final weights, weight norm. */
    public static final Table.Column TO_FINAL = Table.quantity("to_final");

    /** Distance of the final weights from the first snapshot, weight norm: the same in every row of a block. */
    public static final Table.Column PATH = Table.quantity("path");

    public SubspaceDistance {
        if (directions < 1 || directions >= snapshots.cadence().count()) {
            throw new UserError("distance to the final subspace: " + directions + " directions need at least "
                    + (directions + 1) + " snapshots and 1 direction, found "
                    + snapshots.cadence().count() + " snapshots");
        }
    }

    @Override
    public String name() {
        return "distance";
    }

    @Override
    public List<Table.Column> columns() {
        return List.of(BLOCK, STEP, TO_SUBSPACE, TO_FINAL, PATH);
    }

    @Override
    public ObjectNode parameters() {
        return PathMeasure.super.parameters().put("directions", directions);
    }

    @Override
    public void measure(Moment moment, Table.Builder rows) {
        Trajectory path = moment.trajectory(snapshots);
        long[] steps = path.steps();
        int last = steps.length - 1;
        for (String block : path.blocks()) {
            Gram gram = Gram.of(path, block);
            double[] distance = Alignment.distanceToFinal(gram, directions);
            double whole = Math.sqrt(gram.get(last, last));
            for (int t = 0; t <= last; t++) {
                double toFinal = gram.get(t, t) + gram.get(last, last) - 2 * gram.get(t, last);
                rows.row(block, steps[t], distance[t], Math.sqrt(Math.max(toFinal, 0)), whole);
            }
        }
    }
}
