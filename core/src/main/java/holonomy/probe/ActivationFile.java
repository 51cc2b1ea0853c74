package holonomy.probe;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * Activations in a temporary file of float32, little-endian, mapped for reading: the heap holds none of them. Deleted when closed; activations can be
 * recorded again at any time, so none are stored.
 */
public final class ActivationFile implements Activations, AutoCloseable {
    /** Rows per mapped part: a mapping holds less than 2 GB. */
    private static final long PART_BYTES = 1L << 28;

    private final Path file;
    private final int width;
    private final int count;
    private final int rowsPerPart;
    private final List<FloatBuffer> parts = new ArrayList<>();

    private ActivationFile(Path file, int width, int count) throws IOException {
        this.file = file;
        this.width = width;
        this.count = count;
        rowsPerPart = (int) Math.max(1, PART_BYTES / (width * (long) Float.BYTES));
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            for (int from = 0; from < count; from += rowsPerPart) {
                long length = (long) Math.min(rowsPerPart, count - from) * width * Float.BYTES;
                parts.add(channel.map(FileChannel.MapMode.READ_ONLY, (long) from * width * Float.BYTES, length)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .asFloatBuffer());
            }
        }
    }

    @Override
    public int count() {
        return count;
    }

    @Override
    public int width() {
        return width;
    }

    @Override
    public void read(int row, float[] into, int at) {
        parts.get(row / rowsPerPart).get(row % rowsPerPart * width, into, at, width);
    }

    /** Deletes the file; rows can't be read afterwards. */
    @Override
    public void close() {
        parts.clear();
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes rows one after the other. Not thread-safe. */
    static final class Writer implements AutoCloseable {
        private final Path file;
        private final int width;
        private final FileChannel channel;
        private final ByteBuffer buffer;
        private int count;
        private boolean finished;

        Writer(int width) throws IOException {
            this.width = width;
            file = Files.createTempFile("holonomy-activations", ".f32");
            channel = FileChannel.open(file, StandardOpenOption.WRITE);
            buffer = ByteBuffer.allocateDirect((1 << 12) * width * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        }

        void add(float[] values, int at) throws IOException {
            if (buffer.remaining() < width * Float.BYTES) {
                flush();
            }
            buffer.asFloatBuffer().put(values, at, width);
            buffer.position(buffer.position() + width * Float.BYTES);
            count++;
        }

        private void flush() throws IOException {
            buffer.flip();
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            buffer.clear();
        }

        ActivationFile finish() throws IOException {
            flush();
            finished = true;
            return new ActivationFile(file, width, count);
        }

        @Override
        public void close() throws IOException {
            channel.close();
            if (!finished) {
                Files.deleteIfExists(file);
            }
        }
    }
}
