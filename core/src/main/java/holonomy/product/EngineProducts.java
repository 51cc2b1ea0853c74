package holonomy.product;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;

/** Products by the engine; its result is an array of its own, copied from there. */
final class EngineProducts implements Products {
    @Override
    public void multiply(Factor a, Factor b, Matrix c) {
        Products.check(a, b, c);
        try (PtNDArray product = product(a, b)) {
            FloatBuffer values = JniUtils.getByteBuffer(product, true)
                    .order(ByteOrder.nativeOrder())
                    .asFloatBuffer();
            c.copy(values);
        }
    }

    @Override
    public void multiplyAdd(Factor a, Factor b, Matrix c) {
        Products.check(a, b, c);
        try (PtNDArray product = product(a, b)) {
            JniUtils.addi(c.array(), product);
        }
    }

    private static PtNDArray product(Factor a, Factor b) {
        return JniUtils.matmul(a.matrix().array(a.isTransposed()), b.matrix().array(b.isTransposed()));
    }
}
