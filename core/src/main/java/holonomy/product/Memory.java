package holonomy.product;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;

/** Numbers outside the Java heap, and the engine's arrays on them; freed by the garbage collector. */
final class Memory {
    /** The engine's own alignment: at another one its products may round differently. */
    private static final int ALIGNMENT_BYTES = 64;

    private final NDManager manager;
    private final ByteBuffer bytes;
    private final List<PtNDArray> arrays = new ArrayList<>();
    private long address;
    final FloatBuffer values;

    Memory(NDManager manager, int count) {
        this.manager = manager;
        int size = Math.multiplyExact(count, Float.BYTES);
        bytes = ByteBuffer.allocateDirect(size + 2 * ALIGNMENT_BYTES)
                .alignedSlice(ALIGNMENT_BYTES)
                .limit(size)
                .slice()
                .order(ByteOrder.nativeOrder());
        values = bytes.asFloatBuffer();
    }

    /** Where the first number lies. */
    long address() {
        if (address == 0) {
            address = Pointer.nativeValue(Native.getDirectBufferPointer(bytes));
        }
        return address;
    }

    /** The numbers from an index on as the engine's array [rows, columns], row by row; closed with this memory. */
    PtNDArray array(int from, int rows, int columns) {
        ByteBuffer part =
                bytes.slice(from * Float.BYTES, rows * columns * Float.BYTES).order(ByteOrder.nativeOrder());
        return keep((PtNDArray) manager.create(part, new Shape(rows, columns), DataType.FLOAT32));
    }

    PtNDArray keep(PtNDArray array) {
        arrays.add(array);
        return array;
    }

    void close() {
        arrays.forEach(PtNDArray::close);
        arrays.clear();
    }
}
