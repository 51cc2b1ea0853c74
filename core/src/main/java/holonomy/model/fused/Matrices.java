package holonomy.model.fused;

import ai.djl.ndarray.NDManager;
import holonomy.model.Layout;
import holonomy.model.Role;
import java.util.List;

/** One layer's weights for attention: W_Q (times 1 / sqrt(d/H)), W_K and W_V as one folded matrix [3d, d + 1], and W_O with its bias. */
final class Matrices implements AutoCloseable {
    final Folded attention;
    final Residual output;

    Matrices(NDManager manager, Layout layout, int layer, float scale) {
        attention = new Folded(
                manager,
                layout.block(Role.ATTENTION_NORM_GAIN.in(layer)),
                layout.block(Role.ATTENTION_NORM_BIAS.in(layer)),
                List.of(
                        Folded.Part.of(layout, Role.QUERY, Role.QUERY_BIAS, layer, scale),
                        // What is added to every key adds the same to all scores of a query, which the softmax doesn't
                        // see.
                        Folded.Part.of(layout, Role.KEY, Role.KEY_BIAS, layer, 1)
                                .madeInert(),
                        Folded.Part.of(layout, Role.VALUE, Role.VALUE_BIAS, layer, 1)));
        output = new Residual(manager, layout, Role.OUTPUT, Role.OUTPUT_BIAS, layer);
    }

    void load(float[] theta) {
        attention.load(theta);
        output.load(theta);
    }

    @Override
    public void close() {
        attention.close();
        output.close();
    }
}
