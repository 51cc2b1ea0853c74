package holonomy.train;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.UserError;

/**
 * The recipe of a training. Time is counted in optimiser steps.
 *
 * @param optimizer the rule of a step
 * @param schedule factor on the learning rate
 * @param steps number of steps
 * @param batch sequences per step, B
 * @param clip largest norm of the gradient; 0 for no clipping
 */
public record Training(Optimizer optimizer, Schedule schedule, long steps, int batch, double clip) {
    /** Bumped by hand whenever the same recipe would give other weights. */
    private static final int SEMANTICS = 1;

    public Training {
        if (steps < 1) {
            throw new UserError("training: steps expected at least 1, found " + steps);
        }
        if (batch < 1) {
            throw new UserError("training: batch expected at least 1 sequence, found " + batch);
        }
        if (!(clip >= 0)) {
            throw new UserError("training: clip expected a gradient norm above 0, or 0 for none; found " + clip);
        }
    }

    /** Constant learning rate, no clipping. */
    public Training(Optimizer optimizer, long steps, int batch) {
        this(optimizer, Schedule.constant(), steps, batch, 0);
    }

    /** What determines the steps, as data. */
    public ObjectNode spec() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("semantics", SEMANTICS).put("steps", steps).put("batch", batch);
        node.set("optimizer", optimizer.spec());
        node.set("schedule", schedule.spec());
        if (clip > 0) {
            node.put("clip", clip);
        }
        return node;
    }

    /** The recipe whose {@link #spec()} this is. */
    public static Training fromSpec(JsonNode node) {
        return new Training(
                Optimizer.fromSpec(node.get("optimizer")),
                Schedule.fromSpec(node.get("schedule")),
                node.get("steps").longValue(),
                node.get("batch").intValue(),
                node.path("clip").doubleValue());
    }
}
