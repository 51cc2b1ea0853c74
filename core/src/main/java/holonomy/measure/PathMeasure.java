package holonomy.measure;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.UserError;
import java.util.Set;

/** A measure of a run's whole path, at the end of training and from its snapshots alone. */
public interface PathMeasure extends Measure {
    /** The path. */
    SnapshotPlan snapshots();

    @Override
    default Cadence cadence() {
        return Cadence.atEnd();
    }

    @Override
    default Set<SnapshotPlan> needs() {
        return Set.of(snapshots());
    }

    @Override
    default boolean snapshotsOnly() {
        return true;
    }

    /** The path; a measure adds what else it depends on. */
    @Override
    default ObjectNode parameters() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.set("snapshots", snapshots().spec());
        return node;
    }

    /** @throws UserError where {@code what} is asked of fewer than {@code least} snapshots */
    static void requireAtLeast(int least, SnapshotPlan snapshots, String what) {
        if (snapshots.cadence().count() < least) {
            throw new UserError(what + ": expected at least " + least + " snapshots, found "
                    + snapshots.cadence().count());
        }
    }
}
