package holonomy.model.fused;

import ai.djl.ndarray.NDManager;
import holonomy.model.Block;
import holonomy.model.Layout;
import holonomy.product.Matrix;

/**
 * One layer's norm, MLP and residual sum, forward and backward: x + W_out gelu(u) + b_out, u = W_in LN(x) + b_in.
 *
 * <p>gelu(u) = u Phi(u), gelu'(u) = Phi(u) + u phi(u), Phi and phi the normal distribution function and density.
 */
final class FeedForward implements AutoCloseable {
    private static final float INVERSE_ROOT_2 = (float) Math.sqrt(.5);
    private static final float DENSITY_AT_0 = (float) (1 / Math.sqrt(2 * Math.PI));

    private final int width;
    private final int hidden;
    private final int columns;
    private final Layout layout;
    private final String prefix;
    private final Norm norm;
    private final Matrix in;
    private final Matrix out;
    private final Matrix normed;
    private final Matrix input;
    private final Matrix active;
    private final Matrix work;
    /** The output, in the backward pass its derivative and then that of the normed input. */
    private final Matrix derivative;

    private final Matrix dactive;
    private final Shared shared;
    private final float[] row;
    private final float[] other;
    private final float[] third;

    FeedForward(NDManager manager, Layout layout, int layer, int columns, Shared shared) {
        this.layout = layout;
        this.columns = columns;
        prefix = "layers." + layer + ".mlp.";
        Block matrix = layout.block(prefix + "W_in");
        hidden = matrix.rows();
        width = matrix.columns();
        norm = new Norm(width, columns, offset("norm.weight"), offset("norm.bias"), shared.scratch);
        in = new Matrix(manager, hidden, width);
        out = new Matrix(manager, width, hidden);
        normed = new Matrix(manager, width, columns);
        input = new Matrix(manager, hidden, columns);
        active = new Matrix(manager, hidden, columns);
        work = new Matrix(manager, hidden, columns);
        derivative = shared.output.as(width, columns);
        dactive = shared.active.as(hidden, columns);
        this.shared = shared;
        row = new float[columns];
        other = new float[columns];
        third = new float[columns];
    }

    private int offset(String name) {
        return layout.block(prefix + name).offset();
    }

    void load(float[] theta) {
        in.putRows(0, hidden, theta, offset("W_in"));
        out.putRows(0, width, theta, offset("W_out"));
    }

    /** Modified: x, the residual stream [width][columns]. */
    void forward(float[][] x, float[] theta) {
        norm.forward(x, theta, normed);
        shared.products.multiply(in, normed, input);
        for (int j = 0; j < hidden; j++) {
            input.get(j, 0, row, columns);
            Rows.shiftScale(row, theta[offset("b_in") + j], 1, columns);
            input.put(j, 0, row, columns);
        }
        try (Product gelu = Product.gelu(input)) {
            for (int j = 0; j < hidden; j++) {
                gelu.get(j, 0, row, columns);
                active.put(j, 0, row, columns);
            }
        }
        shared.products.multiply(out, active, derivative);
        for (int j = 0; j < width; j++) {
            derivative.get(j, 0, row, columns);
            Rows.shiftScale(row, theta[offset("b_out") + j], 1, columns);
            Rows.add(x[j], row, columns);
        }
    }

    /**
     * Adds to dx, the derivative with respect to the layer's output, what went through the MLP; it is then that with respect to its input.
     *
     * @param dx [width][columns]. Modified.
     * @param gradient [P]. Modified.
     */
    void backward(float[][] dx, float[] theta, float[] gradient) {
        for (int j = 0; j < width; j++) {
            derivative.put(j, 0, dx[j], columns);
            gradient[offset("b_out") + j] = Rows.sum(dx[j], columns);
        }
        shared.set(derivative, active, gradient, offset("W_out"));
        shared.products.multiply(out.transposed(), derivative, dactive);
        throughGelu(gradient);
        shared.set(work, normed, gradient, offset("W_in"));
        shared.products.multiply(in.transposed(), work, derivative);
        norm.backward(shared.scratch.read(derivative), theta, dx, gradient);
    }

    private void throughGelu(float[] gradient) {
        fill(INVERSE_ROOT_2, false);
        try (Product erf = Product.erf(work)) {
            fill(-.5f, true);
            try (Product exp = Product.exp(work)) {
                for (int j = 0; j < hidden; j++) {
                    erf.get(j, 0, row, columns);
                    Rows.shiftScale(row, 1, .5f, columns);
                    exp.get(j, 0, other, columns);
                    Rows.shiftScale(other, 0, DENSITY_AT_0, columns);
                    input.get(j, 0, third, columns);
                    Rows.multiplyAdd(row, other, third, columns);
                    dactive.get(j, 0, other, columns);
                    Rows.multiply(row, other, columns);
                    gradient[offset("b_in") + j] = Rows.sum(row, columns);
                    work.put(j, 0, row, columns);
                }
            }
        }
    }

    /** work = factor u, or factor u u. */
    private void fill(float factor, boolean squared) {
        for (int j = 0; j < hidden; j++) {
            input.get(j, 0, row, columns);
            if (squared) {
                Rows.multiply(row, row, columns);
            }
            Rows.shiftScale(row, 0, factor, columns);
            work.put(j, 0, row, columns);
        }
    }

    @Override
    public void close() {
        for (Matrix array : new Matrix[] {in, out, normed, input, active, work}) {
            array.close();
        }
    }
}
