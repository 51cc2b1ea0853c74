package holonomy.bench;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import holonomy.model.Transformer;
import java.util.ArrayList;
import java.util.List;

/**
 * The dense matrix products of one training step and nothing else, forward and backward, at the model's shapes.
 *
 * <p>Per layer y = x W' for q, k, v together and for the output, with the last layer's query and output at the last token only; an MLP's two products;
 * the head. Backward dx = dy W and dW = dy' x. The small products inside attention are left out.
 */
public final class StepFloor implements AutoCloseable {
    private final NDManager manager = Engine.getEngine("PyTorch").newBaseManager();
    private final List<Dense> products = new ArrayList<>();

    /** One product: x [rows, in], W [out, in], dy [rows, out]. */
    private record Dense(PtNDArray x, PtNDArray weight, PtNDArray dy) {
        void run() {
            try (PtNDArray transposed = weight.transpose();
                    PtNDArray turned = dy.transpose()) {
                JniUtils.matmul(x, transposed).close();
                JniUtils.matmul(dy, weight).close();
                JniUtils.matmul(turned, x).close();
            }
        }
    }

    public StepFloor(Transformer model, int batch) {
        JniUtils.setGradMode(false);
        int d = model.width();
        int all = batch * model.length();
        for (int layer = 0; layer < model.layers(); layer++) {
            boolean last = layer == model.layers() - 1;
            int rows = last ? batch : all;
            if (last) {
                add(batch, d, d);
                add(all, d, 2 * d);
            } else {
                add(all, d, 3 * d);
            }
            add(rows, d, d);
            if (model.hidden() > 0) {
                add(rows, d, model.hidden());
                add(rows, model.hidden(), d);
            }
        }
        add(batch, d, model.classes());
    }

    private void add(int rows, int in, int out) {
        products.add(new Dense(normal(rows, in), normal(out, in), normal(rows, out)));
    }

    private PtNDArray normal(int rows, int columns) {
        return (PtNDArray) manager.randomNormal(0, 1, new Shape(rows, columns), DataType.FLOAT32);
    }

    /** Computes all of them once. */
    public void run() {
        JniUtils.setGradMode(false);
        products.forEach(Dense::run);
    }

    @Override
    public void close() {
        manager.close();
    }
}
