package holonomy.model.fused;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import holonomy.product.Matrix;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;

/** A result of the engine, read in place: valid until closed. */
final class Product implements AutoCloseable {
    private final PtNDArray array;
    private final FloatBuffer values;
    private final int columns;

    private Product(PtNDArray array) {
        this.array = array;
        columns = (int) array.getShape().get(1);
        values = JniUtils.getByteBuffer(array, true)
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
    }

    /** e^x for every entry. */
    static Product exp(Matrix x) {
        return new Product(JniUtils.exp(x.array()));
    }

    /** x Phi(x) for every entry, Phi the normal distribution function. */
    static Product gelu(Matrix x) {
        return new Product(JniUtils.gelu(x.array()));
    }

    /** The error function of every entry. */
    static Product erf(Matrix x) {
        return new Product(JniUtils.erf(x.array()));
    }

    /** Reads the first {@code count} entries of a row, from a column on. Modified: target. */
    void get(int row, int column, float[] target, int count) {
        values.get(row * columns + column, target, 0, count);
    }

    @Override
    public void close() {
        array.close();
    }
}
