package holonomy.bench;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import holonomy.model.Architecture;
import holonomy.product.Matrix;
import holonomy.product.ProductLibrary;
import holonomy.product.Products;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The dense matrix products of one training step and nothing else, forward and backward, at the model's shapes, by the library that the steps use.
 *
 * <p>Per layer y = W x for q, k, v together and for the output, with the last layer's query and output at the token read out only, where it is one; an MLP's two
 * products; the head at every token that is read out. Backward dx = W' dy and dW = dy x'. The small products inside attention are left out. Every token
 * counts, also those after the last that is asked, which a step may leave out.
 */
public final class StepFloor implements AutoCloseable {
    private final NDManager manager = Engine.getEngine("PyTorch").newBaseManager();
    private final Products library = ProductLibrary.chosen().products();
    private final List<Dense> products = new ArrayList<>();
    private final SplittableRandom random = new SplittableRandom(1);
    private double operations;

    /** One product: W [out, in], x [in, columns], y and its derivative [out, columns]. */
    private record Dense(Matrix weight, Matrix x, Matrix y, Matrix dweight, Matrix dx) {
        void run(Products library) {
            library.multiply(weight, x, y);
            library.multiply(y, x.transposed(), dweight);
            library.multiply(weight.transposed(), y, dx);
        }
    }

    public StepFloor(Architecture model, int batch) {
        int d = model.width();
        int all = batch * model.length();
        int readouts = model.readouts().size();
        for (int layer = 0; layer < model.layers(); layer++) {
            boolean last = readouts == 1 && layer == model.layers() - 1;
            int columns = last ? batch : all;
            if (last) {
                add(batch, d, d);
                add(all, d, 2 * d);
            } else {
                add(all, d, 3 * d);
            }
            add(columns, d, d);
            if (model.hidden() > 0) {
                add(columns, d, model.hidden());
                add(columns, model.hidden(), d);
            }
        }
        add(batch * readouts, d, model.classes());
    }

    private void add(int columns, int in, int out) {
        products.add(new Dense(
                uniform(out, in), uniform(in, columns), uniform(out, columns), uniform(out, in), uniform(in, columns)));
        operations += 6. * columns * in * out;
    }

    private Matrix uniform(int rows, int columns) {
        Matrix matrix = new Matrix(manager, rows, columns);
        float[] values = new float[rows * columns];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextDouble(-1, 1);
        }
        matrix.putRows(0, rows, values, 0);
        return matrix;
    }

    /** Computes all of them once. */
    public void run() {
        products.forEach(product -> product.run(library));
    }

    /** Additions and multiplications of all of them. */
    public double operations() {
        return operations;
    }

    @Override
    public void close() {
        manager.close();
    }
}
