package holonomy.data;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;

/**
 * Files that are whole or not there: written beside their place, synced, renamed, the folder synced. A process killed at any moment leaves
 * the old file, or the new one, and perhaps a temporary file that {@link #isTemporary} recognises; the next process that writes into the folder deletes it.
 *
 * <p>Threads that write should not be interrupted: Java closes the file under an interrupted thread, and the write fails.
 */
public final class AtomicFiles {
    private static final Pattern TEMPORARY = Pattern.compile("\\..+\\.[0-9a-f]{1,16}-[0-9]+\\.tmp");
    private static final AtomicLong COUNTER = new AtomicLong();
    /** Tells this process's temporary files from those of all others, also on other machines. */
    private static final String OWN = Long.toHexString(UUID.randomUUID().getMostSignificantBits());

    private static final Instant BEGAN = Instant.now();

    private static final AtomicFiles STANDARD = new AtomicFiles((step, path) -> {});

    private final FileSteps steps;
    private final Set<Path> swept = ConcurrentHashMap.newKeySet();

    /** Files whose steps are heard of before they are taken: for tests. */
    public AtomicFiles(FileSteps steps) {
        this.steps = steps;
    }

    /** The ordinary file system. */
    public static AtomicFiles standard() {
        return STANDARD;
    }

    /** Writes the contents of a file to the path given. */
    public interface Body {
        void write(Path temporary) throws IOException;
    }

    /** Puts bytes at a path, replacing what is there; missing folders are made. */
    public void write(Path target, byte[] bytes) throws IOException {
        write(target, temporary -> Files.write(temporary, bytes));
    }

    /** Puts what {@code body} writes at a path, replacing what is there; missing folders are made. If body fails, nothing has changed. */
    public void write(Path target, Body body) throws IOException {
        write(target, body, true);
    }

    /** As {@link #write(Path, Body)}, but a power failure may lose or tear the file until {@link #syncAll}; a killed process does not. */
    public void writeUnsynced(Path target, Body body) throws IOException {
        write(target, body, false);
    }

    /** Brings files written before, and their folders, to the disk. Synced together they cost little more than one. */
    public void syncAll(Collection<Path> files) throws IOException {
        Set<Path> folders = new LinkedHashSet<>();
        for (Path file : files) {
            if (Files.exists(file)) {
                sync(file);
                folders.add(file.toAbsolutePath().getParent());
            }
        }
        for (Path folder : folders) {
            syncFolder(folder);
        }
    }

    private void write(Path target, Body body, boolean synced) throws IOException {
        Path folder = target.toAbsolutePath().getParent();
        createFolders(folder);
        sweep(folder);
        Path temporary =
                folder.resolve("." + target.getFileName() + "." + OWN + "-" + COUNTER.incrementAndGet() + ".tmp");
        try {
            steps.before(FileSteps.Step.WRITE, temporary);
            body.write(temporary);
            if (synced) {
                sync(temporary);
            }
            rename(temporary, target);
            if (synced) {
                syncFolder(folder);
            }
        } catch (IOException | RuntimeException e) {
            deleteQuietly(temporary, e);
            throw e;
        }
    }

    /**
     * Deletes, once per folder, what writes cut short left there before this process began. Whoever holds a lease on the folder writes there alone; without one, what another process
     * writes at this moment is younger.
     */
    private void sweep(Path folder) throws IOException {
        if (swept.add(folder)) {
            List<Path> left = new ArrayList<>();
            try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, AtomicFiles::isTemporary)) {
                files.forEach(left::add);
            }
            for (Path file : left) {
                if (Files.exists(file)
                        && Files.getLastModifiedTime(file).toInstant().isBefore(BEGAN)) {
                    delete(file);
                }
            }
        }
    }

    /** Renames a file or folder within a file system, replacing a file that is there. */
    public void move(Path from, Path to) throws IOException {
        rename(from, to);
        syncFolder(to.toAbsolutePath().getParent());
    }

    private void rename(Path from, Path to) throws IOException {
        steps.before(FileSteps.Step.MOVE, to);
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Deletes a file if it is there. */
    public void delete(Path file) throws IOException {
        steps.before(FileSteps.Step.DELETE, file);
        Files.deleteIfExists(file);
    }

    /** Makes a folder and those above it. */
    public void createFolders(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            steps.before(FileSteps.Step.CREATE_FOLDERS, folder);
            Files.createDirectories(folder);
        }
    }

    /** Whether a path is what an interrupted write leaves. */
    public static boolean isTemporary(Path path) {
        return TEMPORARY.matcher(path.getFileName().toString()).matches();
    }

    /**
     * What to tell people when a file could not be written.
     *
     * @param what what could not be done, for instance {@code no writable store: cannot write x in y}
     * @param bytesNeeded size of what was to be written, or 0 if not known
     * @param near a path on the same file system
     */
    public static UserError explain(String what, IOException cause, long bytesNeeded, Path near) {
        String reason = reason(cause);
        if (!isFull(reason)) {
            return new UserError(what + ": " + reason + ". Choose a folder that you may write to", cause);
        }
        String needed = bytesNeeded > 0 ? bytesNeeded + " bytes are needed, " : "";
        return new UserError(
                what + ": the disk is full (" + needed + freeBytes(near)
                        + " bytes are free). Everything stored before is intact. Free some space or choose another folder",
                cause);
    }

    private static String reason(IOException cause) {
        if (cause instanceof AccessDeniedException) {
            return "permission denied";
        }
        String reason = cause instanceof FileSystemException system ? system.getReason() : cause.getMessage();
        return reason == null ? cause.toString() : reason;
    }

    private static boolean isFull(String reason) {
        String text = reason.toLowerCase(Locale.ROOT);
        return text.contains("no space left") || text.contains("not enough space") || text.contains("quota exceeded");
    }

    private static String freeBytes(Path near) {
        try {
            Path there = near.toAbsolutePath();
            while (!Files.exists(there) && there.getParent() != null) {
                there = there.getParent();
            }
            return Long.toString(Files.getFileStore(there).getUsableSpace());
        } catch (IOException e) {
            return "an unknown number of";
        }
    }

    private void sync(Path file) throws IOException {
        steps.before(FileSteps.Step.SYNC, file);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }

    private void syncFolder(Path folder) throws IOException {
        steps.before(FileSteps.Step.SYNC_FOLDER, folder);
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (AccessDeniedException e) {
            // Windows opens no folders, and needs none synced.
            if (!System.getProperty("os.name").startsWith("Windows")) {
                throw e;
            }
        }
    }

    private static void deleteQuietly(Path file, Exception because) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            because.addSuppressed(e);
        }
    }
}
