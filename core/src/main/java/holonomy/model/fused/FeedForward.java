package holonomy.model.fused;

import ai.djl.ndarray.NDManager;
import holonomy.model.Layout;
import holonomy.model.Role;
import holonomy.product.Matrix;
import java.util.List;

/**
 * One layer's norm, MLP and residual sum, forward and backward: x + W_out gelu(u) + b_out, u = W_in LN(x) + b_in.
 *
 * <p>The forward pass keeps gelu(u) and gelu'(u), so that the backward pass multiplies.
 */
final class FeedForward implements AutoCloseable {
    private final int hidden;
    private final int columns;
    private final Norm norm;
    private final Folded in;
    private final Residual out;
    private final Matrix normed;
    /** u, then gelu'(u). */
    private final Matrix slopes;

    private final Matrix active;
    /** The output, in the backward pass its derivative and then that of the normed input. */
    private final Matrix derivative;

    private final Matrix dactive;
    private final Shared shared;
    private final Gelu gelu;
    private final float[] row;
    private final float[] other;
    private final float[] third;
    private final Matrix din;

    FeedForward(NDManager manager, Layout layout, int layer, int columns, Shared shared) {
        this.columns = columns;
        this.shared = shared;
        hidden = layout.block(Role.MLP_IN.in(layer)).rows();
        int width = layout.block(Role.MLP_IN.in(layer)).columns();
        norm = new Norm(width, columns, shared.scratch);
        in = new Folded(
                manager,
                layout.block(Role.MLP_NORM_GAIN.in(layer)),
                layout.block(Role.MLP_NORM_BIAS.in(layer)),
                List.of(Folded.Part.of(layout, Role.MLP_IN, Role.MLP_IN_BIAS, layer, 1)));
        din = shared.weights.as(hidden, width + 1);
        out = new Residual(manager, layout, Role.MLP_OUT, Role.MLP_OUT_BIAS, layer);
        normed = new Matrix(manager, width + 1, columns);
        slopes = new Matrix(manager, hidden, columns);
        active = new Matrix(manager, hidden, columns);
        derivative = shared.output.as(width, columns);
        dactive = shared.active.as(hidden, columns);
        gelu = new Gelu(columns);
        row = new float[columns];
        other = new float[columns];
        third = new float[columns];
    }

    void load(float[] theta) {
        in.load(theta);
        out.load(theta);
    }

    /** Modified: x, the residual stream [width][columns]. */
    void forward(float[][] x, float[] theta) {
        norm.forward(x, normed);
        shared.products.multiply(in.whole, normed, slopes);
        for (int j = 0; j < hidden; j++) {
            slopes.get(j, 0, row, columns);
            gelu.of(row, other, third, columns);
            active.put(j, 0, other, columns);
            slopes.put(j, 0, third, columns);
        }
        out.forward(active, x, theta, shared, derivative, row);
    }

    /**
     * Adds to dx, the derivative with respect to the layer's output, what went through the MLP; it is then that with respect to its input.
     *
     * @param dx [width][columns]. Modified.
     * @param gradient [P]. Modified.
     */
    void backward(float[][] dx, float[] theta, float[] gradient) {
        out.backward(active, dx, gradient, shared, derivative, dactive);
        for (int j = 0; j < hidden; j++) {
            dactive.get(j, 0, row, columns);
            slopes.get(j, 0, other, columns);
            Rows.multiply(row, other, columns);
            dactive.put(j, 0, row, columns);
        }
        shared.products.multiply(dactive, normed.transposed(), din);
        in.unfold(din, theta, gradient);
        shared.products.multiply(in.slopes.transposed(), dactive, derivative);
        norm.backward(shared.scratch.read(derivative), dx);
    }

    @Override
    public void close() {
        in.close();
        out.close();
        for (Matrix array : new Matrix[] {normed, slopes, active}) {
            array.close();
        }
    }
}
