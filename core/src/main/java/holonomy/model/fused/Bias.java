package holonomy.model.fused;

import holonomy.model.Block;
import holonomy.model.Layout;
import holonomy.model.Role;
import java.util.Optional;

/** The bias that follows a matrix; in a model without biases it is 0 and has no derivative. */
record Bias(Optional<Block> block) {
    static Bias of(Layout layout, Role role, int layer) {
        return new Bias(layout.find(role, layer));
    }

    /** Its j-th entry. */
    float at(float[] theta, int j) {
        return block.isPresent() ? theta[block.get().offset() + j] : 0;
    }

    /** Sets the derivative with respect to its j-th entry. Modified: gradient. */
    void set(float[] gradient, int j, float derivative) {
        if (block.isPresent()) {
            gradient[block.get().offset() + j] = derivative;
        }
    }
}
