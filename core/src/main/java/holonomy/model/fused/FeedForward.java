package holonomy.model.fused;

import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import holonomy.model.Block;
import holonomy.model.Layout;

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
    private final HostArray in;
    private final HostArray out;
    private final HostArray normed;
    private final HostArray input;
    private final HostArray active;
    private final HostArray work;
    private final HostArray derivative;
    private final float[] row;
    private final float[] other;
    private final float[] third;

    FeedForward(NDManager manager, Layout layout, int layer, int columns, Scratch scratch) {
        this.layout = layout;
        this.columns = columns;
        prefix = "layers." + layer + ".mlp.";
        Block matrix = layout.block(prefix + "W_in");
        hidden = matrix.rows();
        width = matrix.columns();
        norm = new Norm(width, columns, offset("norm.weight"), offset("norm.bias"), scratch);
        in = new HostArray(manager, hidden, width);
        out = new HostArray(manager, width, hidden);
        normed = new HostArray(manager, width, columns);
        input = new HostArray(manager, hidden, columns);
        active = new HostArray(manager, hidden, columns);
        work = new HostArray(manager, hidden, columns);
        derivative = new HostArray(manager, width, columns);
        row = new float[columns];
        other = new float[columns];
        third = new float[columns];
        this.scratch = scratch;
    }

    private final Scratch scratch;

    private int offset(String name) {
        return layout.block(prefix + name).offset();
    }

    void load(float[] theta) {
        in.putRows(0, theta, offset("W_in"), hidden * width);
        out.putRows(0, theta, offset("W_out"), hidden * width);
    }

    /** Modified: x, the residual stream [width][columns]. */
    void forward(float[][] x, float[] theta) {
        norm.forward(x, theta, normed);
        try (Product product = Product.of(in.array(), normed.array())) {
            for (int j = 0; j < hidden; j++) {
                product.get(j, 0, row, columns);
                Rows.shiftScale(row, theta[offset("b_in") + j], 1, columns);
                input.put(j, 0, row, columns);
            }
        }
        try (Product gelu = Product.gelu(input)) {
            for (int j = 0; j < hidden; j++) {
                gelu.get(j, 0, row, columns);
                active.put(j, 0, row, columns);
            }
        }
        try (Product product = Product.of(out.array(), active.array())) {
            for (int j = 0; j < width; j++) {
                product.get(j, 0, row, columns);
                Rows.shiftScale(row, theta[offset("b_out") + j], 1, columns);
                Rows.add(x[j], row, columns);
            }
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
        set(derivative, active, gradient, offset("W_out"));
        try (Product dactive = Product.of(out.transposed(), derivative.array())) {
            throughGelu(dactive, gradient);
        }
        set(work, normed, gradient, offset("W_in"));
        try (Product dnormed = Product.of(in.transposed(), work.array())) {
            norm.backward(scratch.read(dnormed, width, columns), theta, dx, gradient);
        }
    }

    private void throughGelu(Product dactive, float[] gradient) {
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

    private static void set(HostArray derivative, HostArray input, float[] gradient, int at) {
        PtNDArray transposed = input.transposed();
        try (Product product = Product.of(derivative.array(), transposed)) {
            product.copyTo(gradient, at);
        }
    }

    @Override
    public void close() {
        for (HostArray array : new HostArray[] {in, out, normed, input, active, work, derivative}) {
            array.close();
        }
    }
}
