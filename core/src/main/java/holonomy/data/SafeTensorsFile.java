package holonomy.data;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * An open safetensors file, read in pieces: {@code read(name, offset, into, length)} touches only the bytes asked for. Safe for several
 * threads at once; an interrupted thread closes the file for all (as {@link FileChannel} does).
 */
public final class SafeTensorsFile implements AutoCloseable {
    private static final long LONGEST_HEADER_BYTES = 100_000_000;
    private static final int BUFFER_BYTES = 1 << 18;

    private final Path file;
    private final FileChannel channel;
    private final SafeTensorsHeader header;
    private final long dataStart;

    private SafeTensorsFile(Path file, FileChannel channel, SafeTensorsHeader header, long dataStart) {
        this.file = file;
        this.channel = channel;
        this.header = header;
        this.dataStart = dataStart;
    }

    /**
     * Opens a file and checks its header against its length.
     *
     * @throws UserError if the file is truncated, or its header is not valid
     */
    @SuppressWarnings("resource") // the channel lives as long as the result
    public static SafeTensorsFile open(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        try {
            long size = channel.size();
            if (size < Long.BYTES) {
                throw SafeTensorsHeader.damaged(file, "at least 8 bytes", size + " bytes");
            }
            long length =
                    fill(channel, ByteBuffer.allocate(Long.BYTES), 0, file).getLong();
            if (length < 0 || length > Math.min(LONGEST_HEADER_BYTES, size - Long.BYTES)) {
                throw SafeTensorsHeader.damaged(
                        file,
                        "a header of at most " + Math.min(LONGEST_HEADER_BYTES, size - Long.BYTES) + " bytes",
                        Long.toUnsignedString(length));
            }
            byte[] text = fill(channel, ByteBuffer.allocate((int) length), Long.BYTES, file)
                    .array();
            long dataStart = Long.BYTES + length;
            return new SafeTensorsFile(file, channel, SafeTensorsHeader.parse(file, text, size - dataStart), dataStart);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** Names of the tensors of known number types, sorted. */
    public Set<String> names() {
        return Collections.unmodifiableSet(header.entries().keySet());
    }

    /** The number types, by tensor, of those whose type is not known here: they are stepped over. */
    public SortedMap<String, String> unknownTypes() {
        SortedMap<String, String> types = new TreeMap<>();
        header.unknown().forEach((name, tensor) -> types.put(name, tensor.dtype()));
        return types;
    }

    /** The texts of the header. */
    public SortedMap<String, String> metadata() {
        return Collections.unmodifiableSortedMap(header.metadata());
    }

    /** Lengths of a tensor's axes, outermost first; a copy. */
    public long[] shape(String name) {
        SafeTensorsHeader.Unknown unknown = header.unknown().get(name);
        return (unknown == null ? entry(name).shape() : unknown.shape()).clone();
    }

    /** A tensor's number type. */
    public Dtype dtype(String name) {
        return entry(name).dtype();
    }

    /** How many numbers a tensor has. */
    public long count(String name) {
        return entry(name).count();
    }

    /**
     * Reads numbers {@code offset .. offset + length - 1} of a tensor in row-major order as float32. F16 and BF16 are widened exactly, F64
     * is rounded to the nearest float.
     *
     * @param into receives the values at 0 .. length - 1. Modified.
     * @throws UserError if the tensor holds no floating-point numbers, or no tensor has that name
     */
    public void read(String name, long offset, float[] into, int length) throws IOException {
        SafeTensorsHeader.Entry entry = entry(name);
        checkRange(entry, offset, length);
        eachPart(entry, offset, length, (buffer, at, count) -> Widening.toFloat(this, entry, buffer, into, at, count));
    }

    /**
     * Reads numbers {@code offset .. offset + length - 1} of an F64 tensor in row-major order, exactly.
     *
     * @param into receives the values at 0 .. length - 1. Modified.
     * @throws UserError if the tensor holds other numbers, or no tensor has that name
     */
    public void read(String name, long offset, double[] into, int length) throws IOException {
        SafeTensorsHeader.Entry entry = entry(name);
        checkRange(entry, offset, length);
        if (entry.dtype() != Dtype.F64) {
            throw new UserError("tensor '" + name + "' of " + file + " holds " + entry.dtype() + "; expected F64");
        }
        eachPart(entry, offset, length, (buffer, at, part) -> buffer.asDoubleBuffer()
                .get(into, at, part));
    }

    /**
     * A whole tensor: F32, F16 and BF16 as {@link Tensor.F32}; F64 as {@link Tensor.F64}; I64 and I32 as {@link Tensor.I64}.
     *
     * @throws UserError if the type is another, no tensor has that name, or it has more than 2^31 - 1 numbers
     */
    public Tensor tensor(String name) throws IOException {
        SafeTensorsHeader.Entry entry = entry(name);
        if (entry.count() > Integer.MAX_VALUE - 8) {
            throw new UserError(
                    "tensor '" + name + "' of " + file + " has " + entry.count() + " numbers; read it in pieces");
        }
        int count = (int) entry.count();
        if (entry.dtype() == Dtype.F64) {
            return new Tensor.F64(shape(name), doubles(entry, count));
        }
        if (entry.dtype() == Dtype.I64 || entry.dtype() == Dtype.I32) {
            return new Tensor.I64(shape(name), wholes(entry, count));
        }
        float[] values = new float[count];
        read(name, 0, values, count);
        return new Tensor.F32(shape(name), values);
    }

    private double[] doubles(SafeTensorsHeader.Entry entry, int count) throws IOException {
        double[] values = new double[count];
        eachPart(entry, 0, count, (buffer, at, part) -> buffer.asDoubleBuffer().get(values, at, part));
        return values;
    }

    private long[] wholes(SafeTensorsHeader.Entry entry, int count) throws IOException {
        long[] values = new long[count];
        boolean wide = entry.dtype() == Dtype.I64;
        eachPart(entry, 0, count, (buffer, at, part) -> {
            for (int i = 0; i < part; i++) {
                values[at + i] = wide ? buffer.getLong() : buffer.getInt();
            }
        });
        return values;
    }

    /** Takes {@code count} numbers out of a little-endian buffer, the first of them being number {@code at} of those asked for. */
    private interface Part {
        void take(ByteBuffer buffer, int at, int count);
    }

    private void eachPart(SafeTensorsHeader.Entry entry, long offset, int length, Part part) throws IOException {
        int width = entry.dtype().width();
        ByteBuffer buffer = ByteBuffer.allocate((int) Math.min((long) length * width, BUFFER_BYTES));
        for (int done = 0; done < length; ) {
            int count = Math.min(length - done, buffer.capacity() / width);
            buffer.clear().limit(count * width);
            fill(channel, buffer, dataStart + entry.begin() + (offset + done) * width, file);
            part.take(buffer, done, count);
            done += count;
        }
    }

    private void checkRange(SafeTensorsHeader.Entry entry, long offset, int length) {
        if (offset < 0 || length < 0 || offset > entry.count() - length) {
            throw new IllegalArgumentException("numbers " + offset + " .. " + (offset + length) + " of tensor '"
                    + entry.name() + "' of " + file + ": it has " + entry.count());
        }
    }

    private SafeTensorsHeader.Entry entry(String name) {
        SafeTensorsHeader.Entry entry = header.entries().get(name);
        if (entry == null) {
            SafeTensorsHeader.Unknown unknown = header.unknown().get(name);
            if (unknown != null) {
                throw new UserError("tensor '" + name + "' of " + file + " holds " + unknown.dtype()
                        + ", a number type not known here; expected one of " + List.of(Dtype.values()));
            }
            throw new UserError("no tensor '" + name + "' in " + file + "; it has " + String.join(", ", names()));
        }
        return entry;
    }

    UserError unreadable(SafeTensorsHeader.Entry entry) {
        return new UserError("tensor '" + entry.name() + "' of " + file + " holds " + entry.dtype()
                + "; expected floating-point numbers (F64, F32, F16 or BF16)");
    }

    /** Fills a buffer from its position to its limit and flips it. */
    private static ByteBuffer fill(FileChannel channel, ByteBuffer buffer, long at, Path file) throws IOException {
        long position = at;
        while (buffer.hasRemaining()) {
            int read = channel.read(buffer, position);
            if (read < 0) {
                throw new EOFException("safetensors file " + file + " ended at byte " + position + " while being read");
            }
            position += read;
        }
        return buffer.flip().order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
