package holonomy.model.fused;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
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

    /** The matrix product a b. */
    static Product of(PtNDArray a, PtNDArray b) {
        return new Product(JniUtils.matmul(a, b));
    }

    /** e^x for every entry. */
    static Product exp(HostArray x) {
        return new Product(JniUtils.exp(x.array()));
    }

    /** x Phi(x) for every entry, Phi the normal distribution function. */
    static Product gelu(HostArray x) {
        return new Product(JniUtils.gelu(x.array()));
    }

    /** The error function of every entry. */
    static Product erf(HostArray x) {
        return new Product(JniUtils.erf(x.array()));
    }

    PtNDArray array() {
        return array;
    }

    /** Reads the first {@code count} entries of a row, from a column on. Modified: target. */
    void get(int row, int column, float[] target, int count) {
        values.get(row * columns + column, target, 0, count);
    }

    /** Copies every entry, row by row, to target from {@code at} on. Modified: target. */
    void copyTo(float[] target, int at) {
        values.get(0, target, at, values.capacity());
    }

    /** Copies {@code count} rows to target from {@code at} on. Modified: target. */
    void copyRows(int row, int count, float[] target, int at) {
        values.get(row * columns, target, at, count * columns);
    }

    @Override
    public void close() {
        array.close();
    }
}
