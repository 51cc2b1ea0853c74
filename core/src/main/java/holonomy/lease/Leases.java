package holonomy.lease;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The locks of a store, which hold among threads, processes and machines that share a file system: {@code locks/ID} is there while somebody may change the
 * run, made by an exclusive create. It says who, and its owner changes it every few seconds.
 *
 * <p>A lease is free when its process is known to have ended (same machine, same user), or when it has not changed for some beats ({@link MissedBeats}). It is
 * taken away under {@code locks/.ID.claim}, made by an exclusive create too, and only after a second look; giving a lease up goes the same way. So of
 * several that see a free lease one takes it, and an owner that was given up for dead deletes no other's lease.
 */
public final class Leases {
    private static final Duration EVERY = Duration.ofSeconds(5);
    private static final int MISSED = 6;
    private static final int TRIES = 2;
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final Duration PAUSE = Duration.ofMillis(1);
    /** Keeps up the leases of this process; its thread ends when there are none. */
    private static final ScheduledThreadPoolExecutor TIMER = timer();

    private final Path folder;
    private final Owner me;
    private final MissedBeats missedBeats;

    /** The leases in a folder for this process. */
    public Leases(Path folder) {
        this(folder, Owner.here(), new MissedBeats(EVERY, MISSED, System::nanoTime));
    }

    Leases(Path folder, Owner me, MissedBeats missedBeats) {
        this.folder = folder;
        this.me = me;
        this.missedBeats = missedBeats;
    }

    private static ScheduledThreadPoolExecutor timer() {
        ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "leases");
            thread.setDaemon(true);
            return thread;
        });
        timer.setRemoveOnCancelPolicy(true);
        timer.setKeepAliveTime(2 * EVERY.toSeconds(), TimeUnit.SECONDS);
        timer.allowCoreThreadTimeOut(true);
        return timer;
    }

    /** The lock of a run, or empty if another thread, process or machine has it. */
    public Optional<RunLock> tryTake(String id) throws IOException {
        Files.createDirectories(folder);
        Path file = folder.resolve(id);
        Optional<Lease> there = Lease.read(file);
        if (there.isPresent() && !(isFree(file, there.get()) && remove(file, there.get()))) {
            return Optional.empty();
        }
        Lease lease = Lease.of(me);
        return open(file, lease).map(channel -> new RunLock(this, file, lease, channel, TIMER, missedBeats.every()));
    }

    /** Who holds the lock of a run, for people; empty if nobody does. */
    public Optional<String> owner(String id) throws IOException {
        Path file = folder.resolve(id);
        return Lease.read(file).filter(lease -> !isFree(file, lease)).map(lease -> lease.owner()
                .map(owner -> owner.words(me) + " since " + lease.since())
                .orElse("another process"));
    }

    /** Whether something of a lock lies there, held or not. */
    public boolean hasTrace(String id) {
        return Files.exists(folder.resolve(id)) || Files.exists(claim(folder.resolve(id)));
    }

    private boolean isFree(Path file, Lease lease) {
        return lease.owner().map(owner -> owner.isGone(me)).orElse(false) || missedBeats.isOver(file, lease);
    }

    /**
     * Deletes the file of a lease of this process, unless it is another lease's by now. Another's claim is in the way while the lease before this one is
     * being given up, for an instant: that is waited for. If it lies there for longer (a machine that hangs), the file stays and falls silent.
     */
    void giveUp(Path file, Lease lease) throws IOException {
        long begun = System.nanoTime();
        while (isThere(file, lease) && !remove(file, lease) && System.nanoTime() - begun < PATIENCE.toNanos()) {
            LockSupport.parkNanos(PAUSE.toNanos());
        }
    }

    private static boolean isThere(Path file, Lease lease) throws IOException {
        return Lease.read(file).map(lease::isSame).orElse(false);
    }

    /** Deletes a lease's file unless it is another lease's by now; whether that was done here. */
    private boolean remove(Path file, Lease lease) throws IOException {
        Path claim = claim(file);
        if (!claimed(claim)) {
            return false;
        }
        try {
            boolean same = isThere(file, lease);
            if (same) {
                Files.deleteIfExists(file);
                missedBeats.forget(file);
            }
            return same;
        } finally {
            Files.deleteIfExists(claim);
        }
    }

    private static Path claim(Path file) {
        return file.resolveSibling("." + file.getFileName() + ".claim");
    }

    /** Makes a claim's file. It lies there for an instant; one that a crash has left is cleared away. */
    private boolean claimed(Path claim) throws IOException {
        for (int i = 0; i < TRIES; i++) {
            Optional<FileChannel> made = open(claim, Lease.of(me));
            if (made.isPresent()) {
                made.get().close();
                missedBeats.forget(claim);
                return true;
            }
            Optional<Lease> other = Lease.read(claim);
            if (other.isPresent()) {
                if (!isFree(claim, other.get())) {
                    return false;
                }
                Files.deleteIfExists(claim);
            }
        }
        return false;
    }

    /** A new file with a lease in it, or empty if there is one. */
    private static Optional<FileChannel> open(Path file, Lease lease) throws IOException {
        FileChannel channel;
        try {
            channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        } catch (FileAlreadyExistsException e) {
            return Optional.empty();
        }
        try {
            channel.write(ByteBuffer.wrap(lease.text().getBytes(StandardCharsets.UTF_8)));
            return Optional.of(channel);
        } catch (IOException e) {
            channel.close();
            Files.deleteIfExists(file);
            throw e;
        }
    }
}
