package holonomy.store;

import holonomy.lease.RunLock;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Something in a store that no run needs.
 *
 * @param path a file or folder
 * @param bytes length of all its files together
 * @param why a few words for people
 */
public record Garbage(Path path, long bytes, String why) {
    /** How the names of files begin by which workers of a cluster recognise the store of their driver. */
    public static final String CLUSTER_TOKEN = ".driver-";

    static final String CORRUPT = "corrupt-";
    static final String REPLACED = "replaced-";

    /** All there is. What cannot be looked at is told and left out. */
    static List<Garbage> find(StoreFolder store) throws IOException {
        List<Garbage> found = new ArrayList<>();
        for (Path entry : entries(store.root())) {
            String name = entry.getFileName().toString();
            if (StorePath.isId(name)) {
                store.readable(name, () -> leftovers(store, name)).ifPresent(found::addAll);
            } else {
                store.readable(name, () -> of(entry, name)).ifPresent(found::add);
            }
        }
        for (Path lock : entries(store.locks())) {
            String id = lock.getFileName().toString();
            if (StorePath.isId(id)) {
                store.readable("locks/" + id, () -> lock(store, lock, id)).ifPresent(found::add);
            }
        }
        return found;
    }

    private static Optional<Garbage> of(Path entry, String name) throws IOException {
        if (name.startsWith(CORRUPT)) {
            return Optional.of(new Garbage(entry, size(entry), "damaged run, set aside"));
        }
        if (name.startsWith(REPLACED)) {
            return Optional.of(new Garbage(entry, size(entry), "run replaced by --fresh"));
        }
        return name.startsWith(CLUSTER_TOKEN) && isOld(entry)
                ? Optional.of(new Garbage(entry, Files.size(entry), "mark of a cluster's driver that was killed"))
                : Optional.empty();
    }

    private static Optional<Garbage> lock(StoreFolder store, Path lock, String id) throws IOException {
        return store.leases().owner(id).isEmpty()
                ? Optional.of(new Garbage(lock, Files.size(lock), "lock of a process that has gone"))
                : Optional.empty();
    }

    /** Whether something was last changed more than a day ago, give or take the difference of two machines' clocks. */
    private static boolean isOld(Path file) throws IOException {
        return Files.getLastModifiedTime(file)
                .toInstant()
                .isBefore(Instant.now().minus(Duration.ofDays(1)));
    }

    /** Temporary files of a run that nobody is making, or its folder if nothing is in it. */
    private static Optional<List<Garbage>> leftovers(StoreFolder store, String id) throws IOException {
        List<Garbage> found = new ArrayList<>();
        if (store.leases().owner(id).isEmpty()) {
            for (Path file : RunFolder.scan(store.run(id)).temporary()) {
                found.add(new Garbage(file, Files.size(file), "file of an interrupted write"));
            }
            if (Files.isDirectory(store.run(id)) && entries(store.run(id)).isEmpty()) {
                found.add(new Garbage(store.run(id), 0, "empty folder of a run that was not begun"));
            }
        }
        return Optional.of(found);
    }

    private static List<Path> entries(Path folder) throws IOException {
        List<Path> entries = new ArrayList<>();
        if (Files.isDirectory(folder)) {
            try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder)) {
                stream.forEach(entries::add);
            }
        }
        entries.sort(Comparator.naturalOrder());
        return entries;
    }

    private static long size(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        }
    }

    @SuppressWarnings("try") // a lock is held, not used
    void delete(StoreFolder store) throws IOException {
        String id = path.getFileName().toString();
        if (path.startsWith(store.locks())) {
            store.leases().tryTake(id).ifPresent(Garbage::close); // giving a lock up deletes its file
            return;
        }
        if (StorePath.isId(id)) {
            try (RunLock lock = store.leases().tryTake(id).orElse(null)) {
                if (lock != null && entries(path).isEmpty()) { // somebody may have begun the run since
                    store.disk().delete(path);
                }
            }
            return;
        }
        RunFolder.deleteAll(path, store.disk());
    }

    private static void close(RunLock lock) {
        try {
            lock.close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
