package holonomy.model.fused;

import ai.djl.ndarray.NDManager;
import holonomy.model.Architecture;
import holonomy.model.Block;
import holonomy.model.Layout;
import holonomy.model.Role;
import holonomy.model.Targets;
import holonomy.product.Matrix;
import holonomy.task.Batch;
import java.util.List;

/** Final norm and classes at the last token, the cross-entropy, and their derivative. */
final class Readout implements AutoCloseable {
    private final Norm norm;
    private final int batch;
    private final Folded weights;
    private final Matrix dweights;
    private final Matrix normed;
    /** Logits, then their derivative. */
    private final Matrix dlogits;

    private final Shared shared;
    private final Matrix dnormed;
    /** [C][B]. */
    private final float[][] logits;

    Readout(NDManager manager, Architecture model, int batch, Shared shared) {
        Layout layout = model.layout();
        this.batch = batch;
        this.shared = shared;
        Block matrix = layout.block(Role.HEAD.in(-1));
        int width = matrix.columns();
        norm = new Norm(width, batch, shared.scratch);
        weights = new Folded(
                manager,
                layout.block(Role.FINAL_NORM_GAIN.in(-1)),
                layout.block(Role.FINAL_NORM_BIAS.in(-1)),
                List.of(Folded.Part.of(layout, Role.HEAD, Role.HEAD_BIAS, -1, (float)
                        model.design().logitScale())));
        dweights = shared.weights.as(matrix.rows(), width + 1);
        normed = new Matrix(manager, width + 1, batch);
        dlogits = new Matrix(manager, matrix.rows(), batch);
        dnormed = shared.output.as(width, batch);
        logits = new float[matrix.rows()][batch];
    }

    void load(float[] theta) {
        weights.load(theta);
    }

    /** The logits [C][B] of the last token's residual stream [d][B]; overwritten by the next call. */
    float[][] forward(float[][] x) {
        norm.forward(x, normed);
        shared.products.multiply(weights.whole, normed, dlogits);
        for (int c = 0; c < logits.length; c++) {
            dlogits.get(c, 0, logits[c], batch);
        }
        return logits;
    }

    /**
     * Sum over the sequences of each group of -ln softmax(logits)[target], in nats. The logits become the derivative of the loss: (softmax - one-hot) / n
     * times the group's weight, 0 where nothing is asked.
     */
    double[] lossAndDerivative(Targets targets, int first) {
        double[] sums = new double[targets.counts().length];
        for (int b = 0; b < batch; b++) {
            int label = targets.classes()[first + b];
            if (label == Batch.IGNORE) {
                for (float[] ofClass : logits) {
                    ofClass[b] = 0;
                }
                continue;
            }
            double largest = Double.NEGATIVE_INFINITY;
            for (float[] ofClass : logits) {
                largest = Math.max(largest, ofClass[b]);
            }
            double sum = 0;
            for (float[] ofClass : logits) {
                sum += Math.exp(ofClass[b] - largest);
            }
            double logSum = largest + Math.log(sum);
            sums[targets.groups()[first + b]] += logSum - logits[label][b];
            double divisor = targets.divisor(first + b);
            for (int c = 0; c < logits.length; c++) {
                double probability = Math.exp(logits[c][b] - logSum);
                logits[c][b] = (float) ((c == label ? probability - 1 : probability) / divisor);
            }
        }
        return sums;
    }

    /** Adds the derivative with respect to the residual stream to dx [d][B]. Modified: dx, gradient. */
    void backward(float[] theta, float[][] dx, float[] gradient) {
        for (int c = 0; c < logits.length; c++) {
            dlogits.put(c, 0, logits[c], batch);
        }
        shared.products.multiply(dlogits, normed.transposed(), dweights);
        weights.unfold(dweights, theta, gradient);
        shared.products.multiply(weights.slopes.transposed(), dlogits, dnormed);
        norm.backward(shared.scratch.read(dnormed), dx);
    }

    @Override
    public void close() {
        weights.close();
        normed.close();
        dlogits.close();
    }
}
