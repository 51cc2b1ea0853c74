package holonomy.store;

import com.fasterxml.jackson.databind.ObjectMapper;
import holonomy.data.AtomicFiles;
import holonomy.data.CanonicalJson;
import holonomy.data.PlainFile;
import holonomy.data.UserError;
import holonomy.lease.Leases;
import holonomy.lease.RunLock;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** Where things lie in a store, and the files that belong to the store rather than to a run. */
record StoreFolder(
        Path root,
        AtomicFiles disk,
        Leases leases,
        Verification verification,
        Consumer<Notice> hears,
        Set<Notice> told) {
    private static final String FORMAT_FILE = "store.json";
    private static final String OWN_LOCK = "store";
    private static final ObjectMapper JSON = new ObjectMapper();

    StoreFolder(Path root, AtomicFiles disk, Consumer<Notice> hears) {
        this(
                root,
                disk,
                new Leases(root.resolve("locks")),
                new Verification(false),
                hears,
                ConcurrentHashMap.newKeySet());
    }

    /** Tells people something, once. */
    void tell(Notice notice) {
        if (told.add(notice)) {
            hears.accept(notice);
        }
    }

    /** Reads a run. */
    interface Reading<T> {
        Optional<T> read() throws IOException, Damage;
    }

    /** What is read of a run; empty if there is nothing, or if it cannot be read, which is told: one bad entry is no reason to stop. */
    <T> Optional<T> readable(String id, Reading<T> reading) {
        try {
            return reading.read();
        } catch (Damage damage) {
            tell(damage.leftOut(run(id), "`holonomy rm " + id + "` deletes the run"));
        } catch (Manifest.Newer newer) {
            tell(new Unreadable(run(id).resolve(Manifest.NAME), newer.problem()));
        } catch (IOException e) {
            tell(new Unreadable(run(id), "cannot be read (" + e + ")"));
        }
        return Optional.empty();
    }

    Path locks() {
        return root.resolve("locks");
    }

    Path index() {
        return root.resolve("index.jsonl");
    }

    Path run(String id) {
        return root.resolve(id);
    }

    /** The names in the store's folder that are ids, sorted. */
    List<String> ids() throws IOException {
        List<String> ids = new ArrayList<>();
        if (Files.isDirectory(root)) {
            try (DirectoryStream<Path> folders = Files.newDirectoryStream(root)) {
                for (Path folder : folders) {
                    if (StorePath.isId(folder.getFileName().toString())) {
                        ids.add(folder.getFileName().toString());
                    }
                }
            }
        }
        Collections.sort(ids);
        return ids;
    }

    /** Makes the folders and the file that names the format, where missing, and deletes what interrupted writes of the store's files left. */
    void prepare() throws IOException {
        disk.createFolders(root);
        Path file = root.resolve(FORMAT_FILE);
        if (!Files.exists(file) || !temporary().isEmpty()) {
            alone(() -> {
                if (!Files.exists(file)) {
                    disk.write(file, CanonicalJson.bytes(JSON.createObjectNode().put("format", Manifest.FORMAT)));
                }
            });
        }
    }

    /** Writes the store's own files. */
    interface Work {
        void run() throws IOException;
    }

    /** Does some work on the store's own files, unless another thread or process is at such work: then that one's is enough. */
    void alone(Work work) throws IOException {
        try (RunLock lock = leases.tryTake(OWN_LOCK).orElse(null)) {
            if (lock != null) {
                for (Path left : temporary()) {
                    disk.delete(left);
                }
                work.run();
            }
        }
    }

    private List<Path> temporary() throws IOException {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(root, AtomicFiles::isTemporary)) {
            files.forEach(found::add);
        }
        return found;
    }

    /** Refuses a store that a newer version has written. */
    void checkFormat() {
        Path file = root.resolve(FORMAT_FILE);
        try {
            int format = Files.exists(file)
                    ? JSON.readTree(PlainFile.read(file, PlainFile.JSON_BYTES))
                            .path("format")
                            .asInt()
                    : 0;
            if (format > Manifest.FORMAT) {
                throw new Manifest.Newer(file, format);
            }
        } catch (IOException e) {
            throw new UserError(
                    "the store's file " + file + " cannot be read: " + e.getMessage() + ". If " + root
                            + " is a store of yours, delete this file: it is made again",
                    e);
        }
    }

    UserError notWritable(String what, IOException cause, long bytesNeeded) {
        return AtomicFiles.explain("no writable store at " + root + ": " + what, cause, bytesNeeded, root);
    }

    UserError notReadable(String what, IOException cause) {
        return new UserError("the store at " + root + " cannot be read (" + what + "): " + cause, cause);
    }
}
