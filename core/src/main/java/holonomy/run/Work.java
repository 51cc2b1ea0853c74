package holonomy.run;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Identity;
import holonomy.train.RunSpec;

/** What a step costs depends on model and batch alone: runs with the same work per step take about the same time per step on a machine. */
public final class Work {
    private Work() {}

    /** A short name of a run's work per step; equal names, equal work. */
    public static String of(RunSpec spec) {
        ObjectNode node = JsonNodeFactory.instance
                .objectNode()
                .put("batch", spec.training().batch());
        node.set("model", spec.model().spec());
        return Identity.shortened(Identity.of(node));
    }
}
