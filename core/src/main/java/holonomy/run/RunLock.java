package holonomy.run;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The right to change one run: a lock of the operating system on the file {@code locks/ID}, which a crashed owner gives up by crashing. The
 * file tells who holds it and goes with its owner.
 *
 * <p>The system knows processes, not threads, and drops a process's lock when it closes any handle of the file. So a table of this process
 * decides first, and no file in it is opened again. Opening and deleting lock files happens under a second lock, {@code locks/.guard}: else
 * one process could lock a file that another has just deleted.
 */
@SuppressWarnings("try") // a guard is held, not used
final class RunLock implements AutoCloseable {
    private static final Map<Path, String> HELD_HERE = new HashMap<>();

    private final Path folder;
    private final Path file;
    private final FileChannel channel;

    private RunLock(Path folder, Path file, FileChannel channel) {
        this.folder = folder;
        this.file = file;
        this.channel = channel;
    }

    /** The lock of a run, or empty if another thread or process has it. */
    static Optional<RunLock> tryTake(Path folder, String id) throws IOException {
        synchronized (HELD_HERE) {
            Files.createDirectories(folder);
            Path file = folder.toRealPath().resolve(id);
            if (HELD_HERE.containsKey(file)) {
                return Optional.empty();
            }
            try (FileChannel guard = guard(folder)) {
                FileChannel channel = openLocked(file);
                if (channel == null) {
                    return Optional.empty();
                }
                String owner = "process " + ProcessHandle.current().pid() + " since "
                        + Instant.now().truncatedTo(ChronoUnit.SECONDS);
                channel.truncate(0).write(ByteBuffer.wrap(owner.getBytes(StandardCharsets.UTF_8)));
                HELD_HERE.put(file, owner);
                return Optional.of(new RunLock(folder, file, channel));
            }
        }
    }

    /** Who holds the lock of a run, for people; empty if nobody does. */
    static Optional<String> owner(Path folder, String id) throws IOException {
        synchronized (HELD_HERE) {
            if (!Files.exists(folder.resolve(id))) {
                return Optional.empty();
            }
            Path file = folder.toRealPath().resolve(id);
            if (HELD_HERE.containsKey(file)) {
                return Optional.of(HELD_HERE.get(file));
            }
            try (FileChannel guard = guard(folder);
                    FileChannel channel = openLocked(file)) {
                return channel == null ? Optional.of(Files.readString(file)) : Optional.empty();
            }
        }
    }

    private static FileChannel guard(Path folder) throws IOException {
        FileChannel guard =
                FileChannel.open(folder.resolve(".guard"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            guard.lock();
            return guard;
        } catch (IOException | RuntimeException e) {
            guard.close();
            throw e;
        }
    }

    private static @Nullable FileChannel openLocked(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock();
        if (lock == null) {
            channel.close();
            return null;
        }
        return channel;
    }

    /** Gives the lock up and deletes its file. */
    @Override
    public void close() throws IOException {
        release(true);
    }

    /** Gives the lock up as a crash would: the file stays. For tests. */
    void abandon() throws IOException {
        release(false);
    }

    private void release(boolean delete) throws IOException {
        synchronized (HELD_HERE) {
            if (HELD_HERE.remove(file) == null) {
                return;
            }
            try (FileChannel guard = guard(folder);
                    FileChannel owned = channel) {
                if (delete) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }
}
