package holonomy.task;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * A named family of random sequences: {@code at(i)} is sequence number i, a pure function of (seed, name, i).
 *
 * <p>Each purpose (initial values, training batches, evaluation batches, a measure's own draws) has a stream of its own, so that
 * measuring can never change training. The key is the first 8 bytes of SHA-256 of seed and name: streams of neighbouring seeds
 * have nothing in common.
 *
 * @param key the generator's key
 */
public record Stream(long key) {
    /** The stream of a purpose, for instance {@code Stream.of(42, "train")}. */
    public static Stream of(long seed, String name) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(ByteBuffer.allocate(Long.BYTES).putLong(seed).array());
            byte[] hash = digest.digest(name.getBytes(StandardCharsets.UTF_8));
            return new Stream(ByteBuffer.wrap(hash).getLong());
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }

    /** Random sequence number {@code index}, from its beginning. */
    public RandomSequence at(long index) {
        return new RandomSequence(key, index);
    }
}
