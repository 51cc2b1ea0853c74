package holonomy.task;

import com.fasterxml.jackson.databind.JsonNode;
import holonomy.data.Fields;
import holonomy.data.UserError;

/** Tasks from their stored specs. */
public final class Tasks {
    private Tasks() {}

    /** The task whose {@link Task#spec()} this is. */
    public static Task fromSpec(JsonNode spec) {
        return fromSpec(new Fields("task", spec));
    }

    /** As above. */
    public static Task fromSpec(Fields fields) {
        String kind = fields.text("kind");
        return switch (kind) {
            case "marked" -> MarkedTask.fromSpec(fields);
            case "pairs" -> PairTask.fromSpec(fields);
            case "staged" -> StagedTask.fromSpec(fields);
            default ->
                throw new UserError(
                        fields.place() + ": task of kind '" + kind
                                + "' is unknown to this version of Holonomy; known: marked, pairs, staged. The run was stored by a newer version.");
        };
    }
}
