package holonomy.task;

import com.fasterxml.jackson.databind.JsonNode;
import holonomy.data.UserError;

/** Tasks from their stored specs. */
public final class Tasks {
    private Tasks() {}

    /** The task whose {@link Task#spec()} this is. */
    public static Task fromSpec(JsonNode spec) {
        String kind = spec.path("kind").asText();
        return switch (kind) {
            case "marked" -> MarkedTask.fromSpec(spec);
            case "pairs" -> PairTask.fromSpec(spec);
            case "staged" -> StagedTask.fromSpec(spec);
            default ->
                throw new UserError(
                        "task of kind '" + kind
                                + "' is unknown to this version of Holonomy; known: marked, pairs, staged. The run was stored by a newer version.");
        };
    }
}
