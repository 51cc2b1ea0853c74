package holonomy.product;

import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.nio.FloatBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A matrix [rows, columns] of float32 outside the Java heap, entry (i, j) at i stride + j from its first: Java writes and reads it, the product libraries
 * read and write it in place. Views share its memory.
 */
public final class Matrix implements Factor, AutoCloseable {
    private final Memory memory;
    /** Where the row of the first entry begins, and the first entry's place in it. */
    private final int start;

    private final int column;
    private final int rows;
    private final int columns;
    private final int stride;
    private final Transposed transposed = new Transposed(this);
    private @Nullable PtNDArray array;
    private @Nullable PtNDArray transposedArray;

    /**
     * A matrix of zeros with memory of its own.
     *
     * @param manager owns the engine's arrays on it, if the engine reads it
     */
    public Matrix(NDManager manager, int rows, int columns) {
        this(new Memory(manager, Math.multiplyExact(rows, columns)), 0, 0, rows, columns, columns);
    }

    private Matrix(Memory memory, int start, int column, int rows, int columns, int stride) {
        this.memory = memory;
        this.start = start;
        this.column = column;
        this.rows = rows;
        this.columns = columns;
        this.stride = stride;
        int end = rows == 0 ? 0 : start + (rows - 1) * stride + column + columns;
        if (start < 0 || column < 0 || column + columns > stride || end > memory.values.capacity()) {
            throw new IllegalArgumentException("view [" + rows + ", " + columns + "] from " + start + " + " + column
                    + " with rows of " + stride + " in memory of " + memory.values.capacity());
        }
    }

    /** The transpose of a matrix [columns, rows], a view. */
    public static final class Transposed implements Factor {
        private final Matrix matrix;

        private Transposed(Matrix matrix) {
            this.matrix = matrix;
        }

        @Override
        public int rows() {
            return matrix.columns;
        }

        @Override
        public int columns() {
            return matrix.rows;
        }

        @Override
        public Matrix matrix() {
            return matrix;
        }

        @Override
        public boolean isTransposed() {
            return true;
        }
    }

    /** {@code count} rows from one on, a view. */
    public Matrix rows(int from, int count) {
        return part(from, count, 0, columns);
    }

    /** {@code rowCount} rows of {@code columnCount} columns from an entry on, a view. */
    public Matrix part(int row, int rowCount, int firstColumn, int columnCount) {
        return new Matrix(memory, start + row * stride, column + firstColumn, rowCount, columnCount, stride);
    }

    /** This matrix's memory from its first entry on, read as another matrix without gaps between its rows, a view. */
    public Matrix as(int newRows, int newColumns) {
        return new Matrix(memory, start + column, 0, newRows, newColumns, newColumns);
    }

    /** The transpose, a view. */
    public Transposed transposed() {
        return transposed;
    }

    @Override
    public int rows() {
        return rows;
    }

    @Override
    public int columns() {
        return columns;
    }

    @Override
    public Matrix matrix() {
        return this;
    }

    @Override
    public boolean isTransposed() {
        return false;
    }

    /** Numbers from the beginning of one row to that of the next. */
    int stride() {
        return stride;
    }

    /** Where the first entry lies, while this matrix is reachable. */
    long address() {
        return memory.address() + (long) (start + column) * Float.BYTES;
    }

    /** This matrix as the engine's array, or its transpose, on the same memory. */
    PtNDArray array(boolean byColumns) {
        if (array == null) {
            PtNDArray whole = memory.array(start, rows, stride);
            array = stride == columns ? whole : memory.keep(JniUtils.slice(whole, 1, column, column + columns, 1));
        }
        if (byColumns && transposedArray == null) {
            transposedArray = memory.keep(array.transpose());
        }
        return byColumns ? transposedArray : array;
    }

    /** This matrix as the engine's array, on the same memory. */
    public PtNDArray array() {
        return array(false);
    }

    /** Writes the first {@code count} entries of source into a row, from a column on. Modified: this. */
    public void put(int row, int at, float[] source, int count) {
        memory.values.put(index(row, at), source, 0, count);
    }

    /** Writes {@code count} entries of source, from {@code from} on, into a row, from a column on. Modified: this. */
    public void put(int row, int at, float[] source, int from, int count) {
        memory.values.put(index(row, at), source, from, count);
    }

    /** Reads {@code count} entries of a row, from a column on, to target from {@code to} on. Modified: target. */
    public void get(int row, int at, float[] target, int to, int count) {
        memory.values.get(index(row, at), target, to, count);
    }

    /** Reads the first {@code count} entries of a row, from a column on. Modified: target. */
    public void get(int row, int at, float[] target, int count) {
        memory.values.get(index(row, at), target, 0, count);
    }

    /** Writes source from {@code from} on into {@code count} rows. Modified: this. */
    public void putRows(int row, int count, float[] source, int from) {
        for (int i = 0; i < count; i++) {
            memory.values.put(index(row + i, 0), source, from + i * columns, columns);
        }
    }

    /** Copies {@code count} rows to target from {@code at} on. Modified: target. */
    public void getRows(int row, int count, float[] target, int at) {
        for (int i = 0; i < count; i++) {
            memory.values.get(index(row + i, 0), target, at + i * columns, columns);
        }
    }

    /** Takes over values, row by row. Modified: this. */
    void copy(FloatBuffer from) {
        for (int i = 0; i < rows; i++) {
            memory.values.put(index(i, 0), from, i * columns, columns);
        }
    }

    private int index(int row, int at) {
        return start + row * stride + column + at;
    }

    /** Closes the engine's arrays on this memory, also those of the other views. */
    @Override
    public void close() {
        memory.close();
    }
}
