package holonomy.intervention;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Fields;
import holonomy.data.UserError;
import holonomy.model.Block;
import holonomy.model.WeightGroup;
import java.util.List;

/**
 * Holds blocks of weights back: {@code v <- (1 - s) v}, v the step that the optimiser takes in them, decay included. At s = 1 they stay where they are. The
 * optimiser's own state goes on; all other blocks train as ever. What an arm that takes directions out of a step is to be compared with: a network that does
 * without the blocks altogether can't tell which directions in them it needs.
 *
 * @param group the blocks
 * @param share s, 0 to 1, dimensionless
 * @param window when
 */
public record Freeze(WeightGroup group, double share, Window window) implements Intervention {
    public Freeze {
        if (!(share >= 0 && share <= 1)) {
            throw new UserError("freeze: the share of the step that is held back expected from 0 to 1, found " + share);
        }
    }

    @Override
    public boolean inert() {
        return share == 0;
    }

    @Override
    public List<Basis> bases() {
        return List.of();
    }

    @Override
    public boolean needsUpdate() {
        return true;
    }

    @Override
    public void beforeOptimiser(Step step) {
        // The gradient is the optimiser's.
    }

    @Override
    public void afterOptimiser(Step step) {
        float[] theta = step.theta();
        float[] before = step.before();
        for (Block block : step.surroundings().layout().group(group)) {
            for (int i = block.offset(); i < block.offset() + block.size(); i++) {
                theta[i] = (float) (before[i] + (1 - share) * ((double) theta[i] - before[i]));
            }
        }
    }

    @Override
    public ObjectNode spec() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("kind", "freeze").put("semantics", SEMANTICS);
        node.put("group", group.name()).put("share", share);
        node.set("window", window.spec());
        return node;
    }

    static Freeze fromSpec(Fields fields) {
        return new Freeze(
                fields.oneOf("group", WeightGroup.class),
                fields.number("share"),
                Window.fromSpec(fields.object("window")));
    }
}
