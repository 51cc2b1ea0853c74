package holonomy.data;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The folder for temporary files ({@code java.io.tmpdir}): native libraries are unpacked and loaded there. */
public final class TemporaryFolder {
    /** What to do about one that can't be used. */
    public static final String REMEDY =
            "set TMPDIR to a folder that you can write, with 100 MB free, from which programs may be loaded (not mounted noexec)";

    private TemporaryFolder() {}

    /** Where it is. */
    public static Path path() {
        return Path.of(System.getProperty("java.io.tmpdir"));
    }

    /**
     * Makes and removes a file in it.
     *
     * @throws UserError if that fails
     */
    public static void require() {
        try {
            Files.delete(Files.createTempFile("holonomy-", ".tmp"));
        } catch (IOException e) {
            throw unusable(e);
        }
    }

    /** Says that something could not be unpacked into it or loaded from it, with the innermost cause. */
    static UserError unusable(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return new UserError(
                "the temporary folder " + path() + " can't be used (" + words(cause)
                        + "): expected a folder for DuckDB's library, 50 MB, to be unpacked into and loaded from; "
                        + REMEDY,
                failure);
    }

    private static String words(Throwable cause) {
        if (!Files.isDirectory(path())) {
            return "there is no such folder";
        }
        if (cause instanceof FileSystemException problem && problem.getReason() == null) {
            return "it can't be written";
        }
        return String.valueOf(cause.getMessage());
    }
}
