package holonomy.model;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How the flat weight vector theta [P] is divided into blocks.
 *
 * <p>Of a transformer, as far as it has them: {@code token_embedding [V,d]}, {@code position_embedding [T,d]}, per layer {@code norm.weight|bias W_Q b_Q
 * W_K b_K W_V b_V W_O b_O} and, with an MLP, {@code mlp.norm.weight|bias mlp.W_gate mlp.b_gate mlp.W_in mlp.b_in mlp.W_out mlp.b_out}, then {@code final_norm.weight|bias
 * head.weight [C,d] head.bias}. Matrices are [out, in]: y = x W' + b.
 */
public final class Layout {
    private final Map<String, Block> blocks = new LinkedHashMap<>();
    private final int size;

    /** @param blocks in the order of theta, each beginning where the one before it ends */
    public Layout(List<Block> blocks) {
        int end = 0;
        for (Block block : blocks) {
            if (block.offset() != end || this.blocks.put(block.name(), block) != null) {
                throw new IllegalArgumentException("layout: block '" + block.name() + "' at " + block.offset()
                        + " is there twice or doesn't begin at " + end);
            }
            end += block.size();
        }
        size = end;
    }

    /** P, the number of weights. */
    public int size() {
        return size;
    }

    /** All blocks in the order of theta. */
    public List<Block> blocks() {
        return List.copyOf(blocks.values());
    }

    /** The block of a name; an unknown name is an error that lists the names. */
    public Block block(String name) {
        Block block = blocks.get(name);
        if (block == null) {
            throw new IllegalArgumentException("no block '" + name + "'; the model has " + blocks.keySet());
        }
        return block;
    }

    /** The block of a role in a layer, -1 outside the layers; empty if the model has none. */
    public Optional<Block> find(Role role, int layer) {
        return Optional.ofNullable(blocks.get(role.in(layer)));
    }

    /** The blocks of a weight group, in the order of theta. */
    public List<Block> group(WeightGroup group) {
        List<Block> members = new ArrayList<>();
        for (Block block : blocks.values()) {
            if (group.holds(block)) {
                members.add(block);
            }
        }
        return members;
    }
}
