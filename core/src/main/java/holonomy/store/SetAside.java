package holonomy.store;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A stored run was found damaged and put out of the way, not deleted.
 *
 * @param id of the run
 * @param problems one line per damaged file, naming it
 * @param movedTo where its folder is now; null if the store could not be changed and it still lies where it was
 */
public record SetAside(String id, List<String> problems, @Nullable Path movedTo) implements Notice {
    @Override
    public String message() {
        String where = movedTo == null ? "it could not be moved and is ignored" : "kept as " + movedTo;
        return "run " + id + " is damaged (" + String.join("; ", problems) + "); " + where
                + ", it will be made again when it is needed";
    }
}
