package holonomy.model.fused;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;

/** A matrix [rows, columns] in a direct buffer that Java writes and the engine reads without a copy. */
final class HostArray implements AutoCloseable {
    /** The engine's own alignment: at another one its products may round differently. */
    private static final int ALIGNMENT_BYTES = 64;

    private final NDManager manager;
    /** Keeps the memory alive as long as the engine's arrays on it. */
    private final ByteBuffer bytes;

    private final FloatBuffer values;
    private final int columns;
    private final PtNDArray array;
    private final PtNDArray transposed;

    HostArray(NDManager manager, int rows, int columns) {
        this(manager, allocate(rows * columns * Float.BYTES), rows, columns);
    }

    private HostArray(NDManager manager, ByteBuffer bytes, int rows, int columns) {
        this.manager = manager;
        this.bytes = bytes;
        this.columns = columns;
        values = bytes.asFloatBuffer();
        array = (PtNDArray) manager.create(bytes, new Shape(rows, columns), DataType.FLOAT32);
        transposed = array.transpose();
    }

    private static ByteBuffer allocate(int size) {
        return ByteBuffer.allocateDirect(size + 2 * ALIGNMENT_BYTES)
                .alignedSlice(ALIGNMENT_BYTES)
                .limit(size)
                .slice()
                .order(ByteOrder.nativeOrder());
    }

    /** Some of the rows, sharing memory. */
    HostArray rows(int from, int count) {
        int width = columns * Float.BYTES;
        ByteBuffer part = bytes.slice(from * width, count * width).order(ByteOrder.nativeOrder());
        return new HostArray(manager, part, count, columns);
    }

    /** The matrix as the engine's array. */
    PtNDArray array() {
        return array;
    }

    /** Its transpose [columns, rows], a view. */
    PtNDArray transposed() {
        return transposed;
    }

    /** Writes the first {@code count} entries of source into a row, from a column on. Modified: this. */
    void put(int row, int column, float[] source, int count) {
        values.put(row * columns + column, source, 0, count);
    }

    /** Writes {@code count} entries of source into the rows from {@code row} on. Modified: this. */
    void putRows(int row, float[] source, int from, int count) {
        values.put(row * columns, source, from, count);
    }

    /** Reads the first {@code count} entries of a row, from a column on. Modified: target. */
    void get(int row, int column, float[] target, int count) {
        values.get(row * columns + column, target, 0, count);
    }

    @Override
    public void close() {
        transposed.close();
        array.close();
    }
}
