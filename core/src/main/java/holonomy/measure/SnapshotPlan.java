package holonomy.measure;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Fields;
import holonomy.model.WeightGroup;

/**
 * Which weights are copied, and how often.
 *
 * @param group the blocks
 * @param cadence when
 */
public record SnapshotPlan(WeightGroup group, Cadence cadence) {
    /** {@code count} snapshots of a group, the first of the initial values, the last at the end. */
    public static SnapshotPlan of(WeightGroup group, int count) {
        return new SnapshotPlan(group, Cadence.times(count));
    }

    /** The folder of the run that holds the snapshots. */
    public String folder() {
        return "trajectory/" + group.name().toLowerCase(java.util.Locale.ROOT) + "-" + cadence.name();
    }

    /** The plan whose {@link #spec()} this is. */
    public static SnapshotPlan fromSpec(Fields fields) {
        return new SnapshotPlan(fields.oneOf("group", WeightGroup.class), Cadence.fromSpec(fields, "count"));
    }

    /** The plan as data. */
    public ObjectNode spec() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("group", group.name()).set("count", cadence.spec());
        return node;
    }
}
