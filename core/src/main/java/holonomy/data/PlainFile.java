package holonomy.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * Small files read whole. What lies there is looked at before it is opened: to open a pipe waits for ever, to read a file of any length takes any
 * memory.
 */
public final class PlainFile {
    /** Length of the longest JSON file, in bytes. */
    public static final int JSON_BYTES = 1 << 24;

    private PlainFile() {}

    /** What lies at a path is no file, or longer than one of its kind can be. */
    public static final class NotPlain extends IOException {
        private static final long serialVersionUID = 1;

        NotPlain(String message) {
            super(message);
        }
    }

    /**
     * The bytes of a file.
     *
     * @param most the greatest length, in bytes
     * @throws NoSuchFileException if nothing is there
     * @throws NotPlain if it is no file, or longer
     */
    public static byte[] read(Path file, int most) throws IOException {
        check(file, most);
        try (InputStream in = Files.newInputStream(file)) {
            return in.readNBytes(most);
        }
    }

    /** Makes sure that a path is a file of at most so many bytes, a link followed. */
    public static void check(Path file, long most) throws IOException {
        BasicFileAttributes there = Files.readAttributes(file, BasicFileAttributes.class);
        if (!there.isRegularFile()) {
            throw new NotPlain("expected a file, found " + kind(there));
        }
        if (there.size() > most) {
            throw new NotPlain("expected at most " + most + " bytes, found " + there.size() + " bytes");
        }
    }

    /** What something is, for people. */
    public static String kind(BasicFileAttributes there) {
        return there.isRegularFile() ? "a file" : there.isDirectory() ? "a folder" : "a pipe or a device";
    }
}
