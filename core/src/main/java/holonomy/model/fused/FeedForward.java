package holonomy.model.fused;

import ai.djl.ndarray.NDManager;
import holonomy.model.Layout;
import holonomy.model.Role;
import holonomy.product.Matrix;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One layer's norm, MLP and residual sum, forward and backward: x + W_out gelu(u) + b_out, u = W_in LN(x) + b_in.
 *
 * <p>The forward pass keeps gelu(u) and gelu'(u), so that the backward pass multiplies.
 */
final class FeedForward implements AutoCloseable {
    private final int hidden;
    private final Norm norm;
    private final Folded in;
    private final Residual out;
    /** Memory for as many columns as there may be. */
    private final Matrix normed;

    private final Matrix slopes;
    private final Matrix active;
    private final Map<Integer, Views> known = new HashMap<>();
    private Views views;
    private final Shared shared;
    private final Gelu gelu;
    private final float[] row;
    private final float[] other;
    private final float[] third;
    private final Matrix din;

    /**
     * Views of the memory for so many columns.
     *
     * @param slopes u, then gelu'(u)
     * @param derivative the output, in the backward pass its derivative and then that of the normed input
     */
    private record Views(Matrix normed, Matrix slopes, Matrix active, Matrix derivative, Matrix dactive) {}

    /** For at most so many columns. */
    FeedForward(NDManager manager, Layout layout, int layer, int columns, Shared shared) {
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
        gelu = new Gelu(columns);
        row = new float[columns];
        other = new float[columns];
        third = new float[columns];
        views = views(columns);
    }

    private Views views(int columns) {
        return new Views(
                normed.as(normed.rows(), columns),
                slopes.as(hidden, columns),
                active.as(hidden, columns),
                shared.output.as(normed.rows() - 1, columns),
                shared.active.as(hidden, columns));
    }

    void load(float[] theta) {
        in.load(theta);
        out.load(theta);
    }

    /** Modified: x, the residual stream [width][columns]. */
    void forward(float[][] x, float[] theta, int columns) {
        views = known.computeIfAbsent(columns, this::views);
        norm.forward(x, views.normed);
        shared.products.multiply(in.whole, views.normed, views.slopes);
        for (int j = 0; j < hidden; j++) {
            views.slopes.get(j, 0, row, columns);
            gelu.of(row, other, third, columns);
            views.active.put(j, 0, other, columns);
            views.slopes.put(j, 0, third, columns);
        }
        out.forward(views.active, x, theta, shared, views.derivative, row);
    }

    /**
     * Adds to dx, the derivative with respect to the layer's output, what went through the MLP at the columns of the last forward pass; it is then that with
     * respect to its input.
     *
     * @param dx [width][columns]. Modified.
     * @param gradient [P]. Modified.
     */
    void backward(float[][] dx, float[] theta, float[] gradient) {
        out.backward(views.active, dx, gradient, shared, views.derivative, views.dactive);
        int columns = views.active.columns();
        for (int j = 0; j < hidden; j++) {
            views.dactive.get(j, 0, row, columns);
            views.slopes.get(j, 0, other, columns);
            Rows.multiply(row, other, columns);
            views.dactive.put(j, 0, row, columns);
        }
        shared.products.multiply(views.dactive, views.normed.transposed(), din);
        in.unfold(din, theta, gradient);
        shared.products.multiply(in.slopes.transposed(), views.dactive, views.derivative);
        norm.backward(shared.scratch.read(views.derivative), dx);
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
