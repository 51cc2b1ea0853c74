package holonomy.store;

import holonomy.data.PlainFile;
import holonomy.data.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Whether files are what manifests say: their length, and a hash of their contents, CRC-32C where the manifest has it or SHA-256. A file is hashed when it is
 * first used through an opened store, and again only if its length or time has changed since. Thread-safe.
 */
final class Verification {
    private record Seen(String sha256, long bytes, FileTime changed) {}

    private final Map<Path, Seen> seen = new ConcurrentHashMap<>();
    private final boolean thorough;

    /**
     * Nothing has been looked at yet.
     *
     * @param thorough whether SHA-256 is compared of every file
     */
    Verification(boolean thorough) {
        this.thorough = thorough;
    }

    /** What is wrong with a file; empty if it is as expected. */
    String problem(Path file, StoredFile expected) {
        try {
            BasicFileAttributes there = Files.readAttributes(file, BasicFileAttributes.class);
            if (!there.isRegularFile()) {
                return "expected a file, found " + PlainFile.kind(there);
            }
            if (there.size() != expected.bytes()) {
                return "expected " + expected.bytes() + " bytes, found " + there.size() + " bytes";
            }
            Seen now = new Seen(expected.sha256(), there.size(), there.lastModifiedTime());
            if (now.equals(seen.get(file))) {
                return "";
            }
            if (!expected.matches(file, thorough)) {
                return "expected SHA-256 " + expected.sha256() + ", found " + Sha256.of(file);
            }
            seen.put(file, now);
            return "";
        } catch (NoSuchFileException e) {
            return "missing";
        } catch (IOException e) {
            return "cannot be read (" + e + ")";
        }
    }

    /** Takes note of a file whose bytes have just been hashed. */
    void hashed(Path file, StoredFile stored) throws IOException {
        seen.put(file, new Seen(stored.sha256(), stored.bytes(), Files.getLastModifiedTime(file)));
    }
}
