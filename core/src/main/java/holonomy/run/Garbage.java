package holonomy.run;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Something in a store that no run needs.
 *
 * @param path a file or folder
 * @param bytes length of all its files together
 * @param why a few words for people
 */
public record Garbage(Path path, long bytes, String why) {
    static final String CORRUPT = "corrupt-";
    static final String REPLACED = "replaced-";

    static List<Garbage> find(StoreFolder store) throws IOException {
        List<Garbage> found = new ArrayList<>();
        for (Path folder : entries(store.root())) {
            String name = folder.getFileName().toString();
            if (name.startsWith(CORRUPT)) {
                found.add(new Garbage(folder, size(folder), "damaged run, set aside"));
            } else if (name.startsWith(REPLACED)) {
                found.add(new Garbage(folder, size(folder), "run replaced by --fresh"));
            } else if (name.startsWith(Cluster.TOKEN) && isOld(folder)) {
                found.add(new Garbage(folder, Files.size(folder), "mark of a cluster's driver that was killed"));
            } else if (StorePath.isId(name)) {
                leftovers(store, name, found);
            }
        }
        for (Path lock : entries(store.locks())) {
            String id = lock.getFileName().toString();
            if (StorePath.isId(id) && store.leases().owner(id).isEmpty()) {
                found.add(new Garbage(lock, Files.size(lock), "lock of a process that has gone"));
            }
        }
        return found;
    }

    /** Whether something was last changed more than a day ago, give or take the difference of two machines' clocks. */
    private static boolean isOld(Path file) throws IOException {
        return Files.getLastModifiedTime(file)
                .toInstant()
                .isBefore(Instant.now().minus(Duration.ofDays(1)));
    }

    /** Temporary files of a run that nobody is making. */
    private static void leftovers(StoreFolder store, String id, List<Garbage> found) throws IOException {
        List<Path> temporary = RunFolder.scan(store.run(id)).temporary();
        if (!temporary.isEmpty() && store.leases().owner(id).isEmpty()) {
            for (Path file : temporary) {
                found.add(new Garbage(file, Files.size(file), "file of an interrupted write"));
            }
        }
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
        List<Path> all;
        try (Stream<Path> files = Files.walk(path)) {
            all = files.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path file : all) {
            store.disk().delete(file);
        }
    }

    private static void close(RunLock lock) {
        try {
            lock.close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
