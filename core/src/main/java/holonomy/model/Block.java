package holonomy.model;

/**
 * One array inside the flat weight vector theta.
 *
 * @param role what it does
 * @param layer its layer; -1 outside the layers
 * @param rows first axis; the output axis of a matrix
 * @param columns second axis; 1 for a vector
 * @param offset index in theta of its first entry
 * @param initial how its initial values are drawn
 * @param drawnAs the name of the block whose draws they are: its own, or that of the block it begins as a copy of
 * @param decays whether weight decay acts on it
 */
public record Block(
        Role role, int layer, int rows, int columns, int offset, Initial initial, String drawnAs, boolean decays) {
    /** For instance {@code layers.0.W_Q}. */
    public String name() {
        return role.in(layer);
    }

    /** Number of weights. */
    public int size() {
        return rows * columns;
    }
}
