package holonomy.train;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Fields;
import holonomy.model.Block;
import holonomy.model.WeightGroup;
import holonomy.model.Weights;

/**
 * Initial values that two seeds share out: the blocks of a group begin as in a run of {@code seed}, all others as the run's own seed says. It tells which initial
 * values two runs have to share for their paths to be alike.
 *
 * @param group the blocks
 * @param seed whose initial values they have
 */
public record GroupSeed(WeightGroup group, long seed) {
    /** Gives the group's blocks the other seed's initial values. Modified: weights. */
    void draw(RunSpec spec, Weights weights) {
        Weights other = Weights.initial(spec.model(), seed);
        for (Block block : weights.layout().group(group)) {
            System.arraycopy(other.values(), block.offset(), weights.values(), block.offset(), block.size());
        }
    }

    ObjectNode spec() {
        return JsonNodeFactory.instance.objectNode().put("group", group.name()).put("seed", seed);
    }

    static GroupSeed fromSpec(Fields fields) {
        return new GroupSeed(fields.oneOf("group", WeightGroup.class), fields.wide("seed"));
    }

    /** A few words for people. */
    String label() {
        return group.name().toLowerCase(java.util.Locale.ROOT) + " of seed " + seed;
    }
}
