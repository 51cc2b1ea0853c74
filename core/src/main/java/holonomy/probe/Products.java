package holonomy.probe;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import holonomy.model.ComputeDevice;

/** Dense float32 matrix products by the engine, for codes: everything after the encoder is sparse. One per thread; the caller closes it. */
final class Products implements AutoCloseable {
    private final NDManager manager = ComputeDevice.engine().newBaseManager(ComputeDevice.CPU.device());

    /**
     * {@code A B'} [n, h].
     *
     * @param a [n, d]. Not modified.
     * @param b [h, d]. Not modified.
     */
    float[] timesTransposed(float[] a, int n, float[] b, int h, int d) {
        JniUtils.setGradMode(false);
        try (NDManager step = manager.newSubManager()) {
            NDArray product = owned(step, a, n, d).matMul(owned(step, b, h, d).transpose());
            return product.toFloatArray();
        }
    }

    /** A copy in the engine's own memory: products round alike only at equal alignment. */
    private static NDArray owned(NDManager step, float[] values, int rows, int columns) {
        try (NDArray java = step.create(values, new Shape(rows, columns))) {
            return java.duplicate();
        }
    }

    @Override
    public void close() {
        manager.close();
    }
}
