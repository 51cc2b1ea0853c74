package holonomy.store;

import holonomy.data.AtomicFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A folder that is replaced whole: what is new is made beside it, then the two change places. A process killed at any moment leaves the old folder or the new one, never files of both;
 * killed between the two renames it leaves neither, and the next {@link #replace} begins with putting the old one back.
 */
public final class WholeFolder {
    private WholeFolder() {}

    /** Puts what {@code body} writes into an empty folder at a path, in place of the folder that is there. If body fails, nothing has changed. */
    public static void replace(Path target, AtomicFiles.Body body) throws IOException {
        replace(target, body, AtomicFiles.standard());
    }

    static void replace(Path target, AtomicFiles.Body body, AtomicFiles disk) throws IOException {
        recover(target, disk);
        Path next = beside(target, "new");
        disk.createFolders(next);
        try {
            body.write(next);
            disk.syncAll(files(next));
        } catch (IOException | RuntimeException e) {
            RunFolder.deleteAll(next, disk);
            throw e;
        }
        Path before = beside(target, "old");
        if (Files.exists(target)) {
            disk.move(target, before);
        }
        disk.move(next, target);
        delete(before, disk);
    }

    /** Undoes what a killed {@link #replace} left: an unfinished new folder goes, the old one is put back where there is none. */
    private static void recover(Path target, AtomicFiles disk) throws IOException {
        delete(beside(target, "new"), disk);
        Path before = beside(target, "old");
        if (Files.exists(before) && !Files.exists(target)) {
            disk.move(before, target);
        }
        delete(before, disk);
    }

    private static void delete(Path folder, AtomicFiles disk) throws IOException {
        if (Files.exists(folder)) {
            RunFolder.deleteAll(folder, disk);
        }
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return new ArrayList<>(all.filter(Files::isRegularFile).toList());
        }
    }

    private static Path beside(Path target, String what) {
        return target.resolveSibling("." + target.getFileName() + "." + what);
    }
}
