package holonomy.model;

/**
 * One named array inside the flat weight vector theta.
 *
 * @param name for instance {@code layers.0.W_Q}
 * @param rows first axis; the output axis of a matrix
 * @param columns second axis; 1 for a vector
 * @param offset index in theta of its first entry
 * @param initial how its initial values are drawn
 */
public record Block(String name, int rows, int columns, int offset, Initial initial) {
    /** Distributions of initial values, PyTorch's defaults. */
    public enum Initial {
        /** N(0, 1): embeddings. */
        NORMAL,
        /** Uniform in +-1/sqrt(fan_in), fan_in the columns of the matrix (for a bias: of its matrix). */
        FAN_IN,
        /** N(0, 1/d). */
        POSITION,
        /** Uniform in +-sqrt(6 / (in + 3 out)): one of three matrices stacked into one. */
        XAVIER_QKV,
        ONES,
        ZEROS
    }

    /** Number of weights. */
    public int size() {
        return rows * columns;
    }

    /** Layer number, or -1 for a block outside the layers. */
    public int layer() {
        return name.startsWith("layers.") ? Integer.parseInt(name.split("\\.")[1]) : -1;
    }

    /** The name of the first layer's block of this kind; its own outside the layers. */
    String inFirstLayer() {
        return layer() < 0 ? name : "layers.0." + shortName();
    }

    /** The name without its layer, for instance {@code W_Q} or {@code mlp.W_in}. */
    public String shortName() {
        return layer() < 0 ? name : name.split("\\.", 3)[2];
    }
}
