package holonomy.model.fused;

import ai.djl.ndarray.NDManager;
import holonomy.model.Block;
import holonomy.model.Layout;
import holonomy.product.Matrix;

/** Final norm and classes at the last token, the cross-entropy, and their derivative. */
final class Readout implements AutoCloseable {
    private final Norm norm;
    private final Block matrix;
    private final int bias;
    private final int batch;
    private final Matrix weights;
    private final Matrix normed;
    /** Logits, then their derivative. */
    private final Matrix dlogits;

    private final Shared shared;
    private final Matrix dnormed;
    /** [C][B]. */
    private final float[][] logits;

    Readout(NDManager manager, Layout layout, int batch, Shared shared) {
        this.batch = batch;
        this.shared = shared;
        matrix = layout.block("head.weight");
        bias = layout.block("head.bias").offset();
        int width = matrix.columns();
        norm = new Norm(
                width,
                batch,
                layout.block("final_norm.weight").offset(),
                layout.block("final_norm.bias").offset(),
                shared.scratch);
        weights = new Matrix(manager, matrix.rows(), width);
        normed = new Matrix(manager, width, batch);
        dlogits = new Matrix(manager, matrix.rows(), batch);
        dnormed = shared.output.as(width, batch);
        logits = new float[matrix.rows()][batch];
    }

    void load(float[] theta) {
        weights.putRows(0, matrix.rows(), theta, matrix.offset());
    }

    /** The logits [C][B] of the last token's residual stream [d][B]; overwritten by the next call. */
    float[][] forward(float[][] x, float[] theta) {
        norm.forward(x, theta, normed);
        shared.products.multiply(weights, normed, dlogits);
        for (int c = 0; c < logits.length; c++) {
            dlogits.get(c, 0, logits[c], batch);
            Rows.shiftScale(logits[c], theta[bias + c], 1, batch);
        }
        return logits;
    }

    /** Sum over the sequences of -ln softmax(logits)[label], in nats. The logits become (softmax - one-hot) / divisor. */
    double lossAndDerivative(int[] labels, int first, int divisor) {
        double loss = 0;
        for (int b = 0; b < batch; b++) {
            double largest = Double.NEGATIVE_INFINITY;
            for (float[] ofClass : logits) {
                largest = Math.max(largest, ofClass[b]);
            }
            double sum = 0;
            for (float[] ofClass : logits) {
                sum += Math.exp(ofClass[b] - largest);
            }
            double logSum = largest + Math.log(sum);
            int label = labels[first + b];
            loss += logSum - logits[label][b];
            for (int c = 0; c < logits.length; c++) {
                double probability = Math.exp(logits[c][b] - logSum);
                logits[c][b] = (float) ((c == label ? probability - 1 : probability) / divisor);
            }
        }
        return loss;
    }

    /** Adds the derivative with respect to the residual stream to dx [d][B]. Modified: dx, gradient. */
    void backward(float[] theta, float[][] dx, float[] gradient) {
        for (int c = 0; c < logits.length; c++) {
            dlogits.put(c, 0, logits[c], batch);
            gradient[bias + c] = Rows.sum(logits[c], batch);
        }
        shared.set(dlogits, normed, gradient, matrix.offset());
        shared.products.multiply(weights.transposed(), dlogits, dnormed);
        norm.backward(shared.scratch.read(dnormed), theta, dx, gradient);
    }

    @Override
    public void close() {
        weights.close();
        normed.close();
        dlogits.close();
    }
}
