package holonomy.probe;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import holonomy.model.ComputeDevice;
import java.nio.ByteOrder;

/**
 * Multinomial logistic regression: {@code mean cross-entropy + penalty/2 |theta|^2}, minimised by L-BFGS on the engine's gradient of all rows at once, from
 * zero weights. The penalty only makes the minimum of separable classes finite.
 *
 * @param penalty dimensionless
 * @param iterations at most
 */
public record LogisticRegression(double penalty, int iterations) implements LinearProbe.Fitter {
    /** Penalty 1e-4 and up to 200 iterations: converged on the activations of the published model. */
    public static LogisticRegression standard() {
        return new LogisticRegression(1e-4, 200);
    }

    @Override
    public String name() {
        return "logistic regression, penalty " + penalty + ", " + iterations + " iterations";
    }

    @Override
    public LinearProbe fit(float[] rows, int[] labels, int classes, long seed) {
        int n = labels.length;
        int d = rows.length / n;
        long[] wide = java.util.Arrays.stream(labels).asLongStream().toArray();
        float[] theta;
        try (NDManager manager = ComputeDevice.engine().newBaseManager(ComputeDevice.CPU.device())) {
            JniUtils.setGradMode(false);
            PtNDArray x = (PtNDArray) manager.create(rows, new Shape(n, d)).duplicate();
            PtNDArray y = (PtNDArray) manager.create(wide, new Shape(n, 1)).duplicate();
            theta = QuasiNewton.minimise(
                    classes * d + classes,
                    iterations,
                    (at, gradient) -> penalised(manager, at, x, y, classes, gradient));
        }
        return new LinearProbe(
                classes,
                java.util.Arrays.copyOf(theta, classes * d),
                java.util.Arrays.copyOfRange(theta, classes * d, theta.length));
    }

    private double penalised(
            NDManager manager, float[] theta, PtNDArray x, PtNDArray y, int classes, float[] gradient) {
        double loss = gradient(manager, theta, x, y, classes, gradient);
        for (int i = 0; i < theta.length; i++) {
            loss += .5 * penalty * theta[i] * theta[i];
            gradient[i] += (float) (penalty * theta[i]);
        }
        return loss;
    }

    /** The mean cross-entropy in nats and its gradient. Modified: gradient. */
    private static double gradient(
            NDManager manager, float[] theta, PtNDArray x, PtNDArray y, int classes, float[] gradient) {
        try (NDManager step = manager.newSubManager()) {
            int weights = theta.length - classes;
            PtNDArray parameters =
                    (PtNDArray) step.create(theta, new Shape(theta.length)).duplicate();
            parameters.setRequiresGradient(true);
            x.tempAttach(step);
            y.tempAttach(step);
            JniUtils.setGradMode(true);
            try {
                NDList parts = JniUtils.split(parameters, new long[] {weights, classes}, 0);
                PtNDArray matrix = JniUtils.reshape((PtNDArray) parts.get(0), new long[] {classes, weights / classes});
                PtNDArray logits = JniUtils.linear(x, matrix, (PtNDArray) parts.get(1)); // [n, C]
                PtNDArray loss = JniUtils.neg(
                        JniUtils.mean(JniUtils.gather(JniUtils.logSoftmax(logits, 1, DataType.FLOAT32), y, 1)));
                JniUtils.backward(loss, (PtNDArray) loss.onesLike(), false, false);
                try (PtNDArray found = JniUtils.getGradient(parameters)) {
                    found.toByteBuffer()
                            .order(ByteOrder.nativeOrder())
                            .asFloatBuffer()
                            .get(gradient);
                }
                return loss.toFloatArray()[0];
            } finally {
                JniUtils.setGradMode(false);
            }
        }
    }
}
