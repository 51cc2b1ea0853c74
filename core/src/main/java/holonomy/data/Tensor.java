package holonomy.data;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Numbers with a shape: {@code values[i]} in row-major order, {@code values.length = shape[0] * shape[1] * ...}; an empty shape is one number.
 *
 * <p>Arrays are kept as given, not copied, because a tensor may be large: who makes a tensor hands its array over and no longer changes it.
 * Tensors are equal when type, shape and all bits are.
 */
public sealed interface Tensor permits Tensor.F32, Tensor.F64, Tensor.I64 {
    /** Lengths of the axes, outermost first. Not to be modified. */
    long[] shape();

    /** The number type. */
    Dtype dtype();

    /** How many numbers. */
    int count();

    /** Puts numbers {@code from .. from + length - 1} into a buffer, in its byte order. */
    void put(ByteBuffer into, int from, int length);

    /** A vector of float32. */
    static F32 of(float... values) {
        return new F32(new long[] {values.length}, values);
    }

    /** A vector of float64. */
    static F64 of(double... values) {
        return new F64(new long[] {values.length}, values);
    }

    /** A vector of whole numbers. */
    static I64 of(long... values) {
        return new I64(new long[] {values.length}, values);
    }

    /** float32 numbers. */
    record F32(long[] shape, float[] values) implements Tensor {
        public F32 {
            checkCount(shape, values.length);
        }

        @Override
        public Dtype dtype() {
            return Dtype.F32;
        }

        @Override
        public int count() {
            return values.length;
        }

        @Override
        public void put(ByteBuffer into, int from, int length) {
            into.asFloatBuffer().put(values, from, length);
            into.position(into.position() + length * Dtype.F32.width());
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof F32 tensor
                    && Arrays.equals(shape, tensor.shape)
                    && Arrays.equals(values, tensor.values);
        }

        @Override
        public int hashCode() {
            return 31 * Arrays.hashCode(shape) + Arrays.hashCode(values);
        }

        @Override
        public String toString() {
            return "F32" + Arrays.toString(shape);
        }
    }

    /** float64 numbers. */
    record F64(long[] shape, double[] values) implements Tensor {
        public F64 {
            checkCount(shape, values.length);
        }

        @Override
        public Dtype dtype() {
            return Dtype.F64;
        }

        @Override
        public int count() {
            return values.length;
        }

        @Override
        public void put(ByteBuffer into, int from, int length) {
            into.asDoubleBuffer().put(values, from, length);
            into.position(into.position() + length * Dtype.F64.width());
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof F64 tensor
                    && Arrays.equals(shape, tensor.shape)
                    && Arrays.equals(values, tensor.values);
        }

        @Override
        public int hashCode() {
            return 31 * Arrays.hashCode(shape) + Arrays.hashCode(values);
        }

        @Override
        public String toString() {
            return "F64" + Arrays.toString(shape);
        }
    }

    /** Signed 64-bit whole numbers. */
    record I64(long[] shape, long[] values) implements Tensor {
        public I64 {
            checkCount(shape, values.length);
        }

        @Override
        public Dtype dtype() {
            return Dtype.I64;
        }

        @Override
        public int count() {
            return values.length;
        }

        @Override
        public void put(ByteBuffer into, int from, int length) {
            into.asLongBuffer().put(values, from, length);
            into.position(into.position() + length * Dtype.I64.width());
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof I64 tensor
                    && Arrays.equals(shape, tensor.shape)
                    && Arrays.equals(values, tensor.values);
        }

        @Override
        public int hashCode() {
            return 31 * Arrays.hashCode(shape) + Arrays.hashCode(values);
        }

        @Override
        public String toString() {
            return "I64" + Arrays.toString(shape);
        }
    }

    private static void checkCount(long[] shape, int count) {
        long expected = 1;
        for (long length : shape) {
            if (length < 0) {
                throw new IllegalArgumentException("tensor shape " + Arrays.toString(shape) + " has a negative axis");
            }
            expected = Math.multiplyExact(expected, length);
        }
        if (expected != count) {
            throw new IllegalArgumentException(
                    "tensor shape " + Arrays.toString(shape) + " holds " + expected + " numbers, " + count + " given");
        }
    }
}
