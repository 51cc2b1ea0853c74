package holonomy.store;

import java.nio.file.Path;

/**
 * Something in a store that cannot be read. It is left out where it lies, and everything else goes on.
 *
 * @param file the file or folder that is to blame
 * @param problem what was expected, what was found, what to do
 */
public record Unreadable(Path file, String problem) implements Notice {
    @Override
    public String message() {
        return "left out: " + file + ": " + problem;
    }
}
