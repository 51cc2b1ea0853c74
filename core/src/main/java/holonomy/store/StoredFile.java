package holonomy.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Sha256;
import holonomy.data.UserError;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.function.Consumer;
import java.util.zip.CRC32C;

/**
 * A file of a finished run.
 *
 * @param bytes its length
 * @param sha256 SHA-256 of its contents, lower-case hexadecimal: what {@code verify} compares
 * @param crc32c CRC-32C of its contents, lower-case hexadecimal: what ordinary reading compares, at less cost. It finds every error of
 *     up to 32 bits in a row, and misses one other in 2^32. Empty in manifests that don't have it; there SHA-256 is compared
 */
public record StoredFile(long bytes, String sha256, String crc32c) {
    private static final int BUFFER_BYTES = 1 << 16;
    private static final ThreadLocal<ByteBuffer> BUFFER =
            ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(BUFFER_BYTES));

    /** A file of a manifest without CRC-32C. */
    StoredFile(long bytes, String sha256) {
        this(bytes, sha256, "");
    }

    /** What a manifest says of a file as it is now, which is read once. */
    public static StoredFile of(Path file) throws IOException {
        MessageDigest sha256 = Sha256.digest();
        CRC32C crc = new CRC32C();
        long bytes = read(file, piece -> {
            sha256.update(piece);
            crc.update(piece.rewind());
        });
        return new StoredFile(bytes, HexFormat.of().formatHex(sha256.digest()), hexadecimal(crc));
    }

    /**
     * Whether a file's contents are these: by CRC-32C, or by SHA-256 where there is none or it is asked for.
     *
     * @param thorough whether SHA-256 is asked for
     */
    boolean matches(Path file, boolean thorough) throws IOException {
        if (thorough || crc32c.isEmpty()) {
            return Sha256.of(file).equals(sha256);
        }
        CRC32C crc = new CRC32C();
        read(file, crc::update);
        return hexadecimal(crc).equals(crc32c);
    }

    /** Reads a file from its start to its end; its length. */
    private static long read(Path file, Consumer<ByteBuffer> piece) throws IOException {
        ByteBuffer buffer = BUFFER.get();
        long bytes = 0;
        try (FileChannel in = FileChannel.open(file)) {
            for (int read = in.read(buffer.clear()); read >= 0; read = in.read(buffer.clear())) {
                piece.accept(buffer.flip());
                bytes += read;
            }
        }
        return bytes;
    }

    private static String hexadecimal(CRC32C crc) {
        return HexFormat.of().toHexDigits((int) crc.getValue());
    }
    /** As a manifest has it. */
    public void putInto(ObjectNode files, String path) {
        ObjectNode node = files.putObject(path).put("bytes", bytes).put("sha256", sha256);
        if (!crc32c.isEmpty()) {
            node.put("crc32c", crc32c);
        }
    }

    /**
     * From a manifest.
     *
     * @param where the manifest, as damage names it
     * @param path the file's path in the run
     * @throws Damage if it leads out of the run, or length or hash are none
     */
    public static StoredFile of(String where, String path, JsonNode node) throws Damage {
        try {
            StorePath.check(path);
        } catch (UserError e) {
            throw new Damage(where, String.valueOf(e.getMessage()));
        }
        JsonNode bytes = node.path("bytes");
        if (!bytes.isIntegralNumber()
                || !bytes.canConvertToLong()
                || !node.path("sha256").isTextual()) {
            throw new Damage(where, "expected 'bytes' and 'sha256' of " + path + ", found " + node);
        }
        return new StoredFile(
                bytes.longValue(),
                node.path("sha256").textValue(),
                node.path("crc32c").asText());
    }
}
