package holonomy.intervention;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Fields;
import holonomy.data.UserError;
import holonomy.model.Block;
import holonomy.model.Layout;
import holonomy.model.WeightGroup;
import java.util.List;

/**
 * Holds the norm of blocks of weights, all of them as one vector, after the optimiser's step (the intervention of arXiv 2606.13753):
 *
 * <pre>
 *   theta  &lt;-  theta (1 + s (R / |theta| - 1))
 * </pre>
 *
 * <p>At s = 1 the norm is R after every step, of float32 rounding less; only the direction trains. Weights that are all 0 have no direction and stay.
 *
 * @param group the blocks
 * @param norm R, above 0
 * @param unit what R is counted in
 * @param strength s, 0 to 1, dimensionless
 * @param window when
 */
public record NormClamp(WeightGroup group, double norm, Unit unit, double strength, Window window)
        implements Intervention {
    /** What a norm is counted in. */
    public enum Unit {
        /** Norms of the same blocks before the run's first step; of a fork, before that of the run it comes from. */
        INITIAL,
        /** The weights' own unit. */
        WEIGHTS
    }

    public NormClamp {
        if (!(norm > 0 && Double.isFinite(norm))) {
            throw new UserError("norm clamp: the norm that is held expected a number above 0, found " + norm);
        }
        if (!(strength >= 0 && strength <= 1)) {
            throw new UserError("norm clamp: strength expected from 0 to 1, found " + strength);
        }
    }

    @Override
    public boolean inert() {
        return strength == 0;
    }

    @Override
    public List<Basis> bases() {
        return List.of();
    }

    @Override
    public boolean needsUpdate() {
        return false;
    }

    @Override
    public void requireMeaning(Layout layout) {
        if (layout.group(group).isEmpty()) {
            throw new UserError("norm clamp: the model has no blocks '" + group + "'; clamp others");
        }
    }

    @Override
    public void requireMeaning(List<Intervention> together) {
        for (Intervention other : together) {
            if (other instanceof Freeze freeze
                    && freeze.share() == 1
                    && freeze.group().meets(group)) {
                throw new UserError("norm clamp: the blocks '" + group + "' are clamped and '" + freeze.group()
                        + "' frozen, which share blocks: what is frozen can't be brought to a norm; clamp or freeze other"
                        + " blocks");
            }
        }
    }

    @Override
    public void beforeOptimiser(Step step) {
        // The step is the optimiser's.
    }

    @Override
    public void afterOptimiser(Step step) {
        float[] theta = step.theta();
        List<Block> blocks = step.surroundings().layout().group(group);
        double length = length(theta, blocks);
        if (length == 0) {
            return;
        }
        double held =
                unit == Unit.INITIAL ? norm * step.surroundings().initialNorm().applyAsDouble(group) : norm;
        double factor = 1 + strength * (held / length - 1);
        for (Block block : blocks) {
            for (int i = block.offset(); i < block.offset() + block.size(); i++) {
                theta[i] = (float) (theta[i] * factor);
            }
        }
    }

    /** |theta| over some blocks, in weight units. */
    static double length(float[] theta, List<Block> blocks) {
        double squares = 0;
        for (Block block : blocks) {
            for (int i = block.offset(); i < block.offset() + block.size(); i++) {
                squares += (double) theta[i] * theta[i];
            }
        }
        return Math.sqrt(squares);
    }

    @Override
    public ObjectNode spec() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("kind", "norm clamp").put("semantics", SEMANTICS);
        node.put("group", group.name()).put("norm", norm).put("unit", unit.name());
        node.put("strength", strength);
        node.set("window", window.spec());
        return node;
    }

    static NormClamp fromSpec(Fields fields) {
        return new NormClamp(
                fields.oneOf("group", WeightGroup.class),
                fields.number("norm"),
                fields.oneOf("unit", Unit.class),
                fields.number("strength"),
                Window.fromSpec(fields.object("window")));
    }
}
