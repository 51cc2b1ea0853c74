package holonomy.model;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How the flat weight vector theta [P] is divided into named blocks.
 *
 * <p>Order: {@code token_embedding [V,d]}, {@code position_embedding [T,d]}, per layer {@code norm.weight|bias W_Q b_Q W_K b_K W_V b_V W_O b_O}
 * and, with an MLP, {@code mlp.norm.weight|bias mlp.W_in mlp.b_in mlp.W_out mlp.b_out}, then {@code final_norm.weight|bias head.weight [C,d]
 * head.bias}. Matrices are [out, in]: y = x W' + b.
 */
public final class Layout {
    private final Map<String, Block> blocks = new LinkedHashMap<>();
    /** fan_in of each FAN_IN block, which a bias takes from its matrix. */
    private final Map<String, Integer> fanIn = new LinkedHashMap<>();

    private int size;

    Layout(Transformer model) {
        int d = model.width();
        add("token_embedding", model.vocabulary(), d, Block.Initial.NORMAL);
        boolean encoder = model.form() == Transformer.Form.ENCODER;
        add("position_embedding", model.length(), d, encoder ? Block.Initial.POSITION : Block.Initial.NORMAL);
        for (int layer = 0; layer < model.layers(); layer++) {
            String prefix = "layers." + layer + ".";
            norm(prefix + "norm", d);
            for (String letter : List.of("Q", "K", "V", "O")) {
                if (encoder) {
                    encoderLinear(prefix, letter, d);
                } else {
                    linear(prefix + "W_" + letter, prefix + "b_" + letter, d, d);
                }
            }
            if (model.hidden() > 0) {
                norm(prefix + "mlp.norm", d);
                linear(prefix + "mlp.W_in", prefix + "mlp.b_in", model.hidden(), d);
                linear(prefix + "mlp.W_out", prefix + "mlp.b_out", d, model.hidden());
            }
        }
        norm("final_norm", d);
        linear("head.weight", "head.bias", model.classes(), d);
    }

    private void add(String name, int rows, int columns, Block.Initial initial) {
        blocks.put(name, new Block(name, rows, columns, size, initial));
        size += rows * columns;
    }

    private void norm(String name, int d) {
        add(name + ".weight", d, 1, Block.Initial.ONES);
        add(name + ".bias", d, 1, Block.Initial.ZEROS);
    }

    private void encoderLinear(String prefix, String letter, int d) {
        boolean output = letter.equals("O");
        add(prefix + "W_" + letter, d, d, output ? Block.Initial.FAN_IN : Block.Initial.XAVIER_QKV);
        add(prefix + "b_" + letter, d, 1, Block.Initial.ZEROS);
        fanIn.put(prefix + "W_" + letter, d);
    }

    private void linear(String matrix, String bias, int out, int in) {
        add(matrix, out, in, Block.Initial.FAN_IN);
        add(bias, out, 1, Block.Initial.FAN_IN);
        fanIn.put(matrix, in);
        fanIn.put(bias, in);
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

    int fanIn(Block block) {
        return fanIn.get(block.name());
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
