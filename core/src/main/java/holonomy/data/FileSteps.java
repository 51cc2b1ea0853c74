package holonomy.data;

import java.io.IOException;
import java.nio.file.Path;

/** Hears of every change to the file system before it is made; a test fails or "kills" the process there by throwing. */
public interface FileSteps {
    /** What is about to be done to a path. */
    enum Step {
        CREATE_FOLDERS,
        WRITE,
        SYNC,
        MOVE,
        SYNC_FOLDER,
        DELETE
    }

    void before(Step step, Path path) throws IOException;
}
