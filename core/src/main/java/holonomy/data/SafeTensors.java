package holonomy.data;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Writes and reads the safetensors format: {@code u64 N (little-endian) | N bytes of JSON header | data}, where the header maps each name
 * to {@code dtype}, {@code shape} and {@code data_offsets} into the data, and {@code __metadata__} to texts.
 *
 * <p>Equal tensors and metadata give equal bytes. As in the reference implementation, wider numbers come first and names are sorted within a
 * width, so that every tensor is aligned, and spaces pad the header to a multiple of 8 bytes.
 */
public final class SafeTensors {
    static final String METADATA = "__metadata__";
    private static final int ALIGNMENT_BYTES = 8;
    private static final int BUFFER_BYTES = 1 << 18;
    private static final ObjectMapper JSON = new ObjectMapper();

    private SafeTensors() {}

    /**
     * Writes a file, replacing what is there. Not atomic: see {@link AtomicFiles}.
     *
     * @param tensors by name. Not modified.
     * @param metadata texts for the header. Not modified.
     */
    public static void write(Path file, SortedMap<String, ? extends Tensor> tensors, Map<String, String> metadata)
            throws IOException {
        List<? extends Map.Entry<String, ? extends Tensor>> ordered = tensors.entrySet().stream()
                .sorted(Comparator.comparingInt(
                        entry -> -entry.getValue().dtype().width()))
                .toList();
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            writeFully(channel, header(ordered, metadata));
            ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
            for (Map.Entry<String, ? extends Tensor> entry : ordered) {
                writeValues(channel, entry.getValue(), buffer);
            }
        }
    }

    /**
     * All tensors of a file, in memory, in the order of the file's names; half-precision numbers become float32, as in {@link SafeTensorsFile#tensor}.
     *
     * @throws UserError if one can't be read: nothing is left out
     */
    public static SortedMap<String, Tensor> read(Path file) throws IOException {
        SortedMap<String, Tensor> tensors = new TreeMap<>();
        try (SafeTensorsFile open = SafeTensorsFile.open(file)) {
            for (String name : open.names()) {
                tensors.put(name, open.tensor(name));
            }
            for (String name : open.unknownTypes().keySet()) {
                tensors.put(name, open.tensor(name));
            }
        }
        return tensors;
    }

    private static ByteBuffer header(
            List<? extends Map.Entry<String, ? extends Tensor>> tensors, Map<String, String> metadata)
            throws IOException {
        ObjectNode header = JSON.createObjectNode();
        if (!metadata.isEmpty()) {
            ObjectNode texts = header.putObject(METADATA);
            new TreeMap<>(metadata).forEach(texts::put);
        }
        long offset = 0;
        for (Map.Entry<String, ? extends Tensor> entry : tensors) {
            if (entry.getKey().equals(METADATA)) {
                throw new IllegalArgumentException(
                        "a tensor may not be named " + METADATA + ", the format keeps that for texts");
            }
            long end = offset
                    + (long) entry.getValue().count() * entry.getValue().dtype().width();
            header.set(entry.getKey(), describe(entry.getValue(), offset, end));
            offset = end;
        }
        byte[] text = JSON.writeValueAsString(header).getBytes(StandardCharsets.UTF_8);
        int padded = (text.length + ALIGNMENT_BYTES - 1) / ALIGNMENT_BYTES * ALIGNMENT_BYTES;
        ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES + padded).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(padded).put(text);
        while (bytes.hasRemaining()) {
            bytes.put((byte) ' ');
        }
        return bytes.flip();
    }

    private static ObjectNode describe(Tensor tensor, long begin, long end) {
        ObjectNode node = JSON.createObjectNode().put("dtype", tensor.dtype().name());
        for (long length : tensor.shape()) {
            node.withArray("/shape").add(length);
        }
        node.withArray("/shape");
        node.putArray("data_offsets").add(begin).add(end);
        return node;
    }

    private static void writeValues(FileChannel channel, Tensor tensor, ByteBuffer buffer) throws IOException {
        int perBuffer = BUFFER_BYTES / tensor.dtype().width();
        for (int from = 0; from < tensor.count(); from += perBuffer) {
            buffer.clear();
            tensor.put(buffer, from, Math.min(perBuffer, tensor.count() - from));
            writeFully(channel, buffer.flip());
        }
    }

    private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
