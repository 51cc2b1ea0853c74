package holonomy.lease;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The right to change one run: a lease that is kept up until it is closed. It can be lost, if its owner slept so long that another one took it over: so
 * {@link #check} comes before every write. What the owner writes as sign of life goes into its own file even when another lies in its place.
 */
public final class RunLock implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RunLock.class);

    private final Leases leases;
    private final Path file;
    private final Lease lease;
    private final FileChannel channel;
    private final Future<?> beating;
    private long beats;
    private volatile boolean lost;

    RunLock(
            Leases leases,
            Path file,
            Lease lease,
            FileChannel channel,
            ScheduledExecutorService timer,
            Duration every) {
        this.leases = leases;
        this.file = file;
        this.lease = lease;
        this.channel = channel;
        beating = timer.scheduleWithFixedDelay(this::beat, every.toNanos(), every.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Gives a sign of life, and notices when the lease is another's. A failure is no harm: the next beat may succeed. */
    synchronized void beat() {
        try {
            if (channel.isOpen() && !isLost()) {
                beats++;
                int at = lease.head().getBytes(StandardCharsets.UTF_8).length;
                channel.write(ByteBuffer.wrap(Lease.beat(beats).getBytes(StandardCharsets.UTF_8)), at);
                channel.force(false); // a network file system shows it to others only now
            }
        } catch (IOException e) {
            LOG.debug("no beat for {}", file, e);
        }
    }

    private boolean isLost() throws IOException {
        lost = lost || !Lease.read(file).map(lease::isSame).orElse(false);
        return lost;
    }

    /** Whether the loss of the lease has been noticed; costs nothing, and so may come late. */
    public boolean wasLost() {
        return lost;
    }

    /** Whether the lease is another's by now, or gone: looked at anew. A lease that cannot be looked at is taken to be held still. */
    public boolean isTaken() {
        try {
            return isLost();
        } catch (IOException e) {
            LOG.debug("cannot look at {}", file, e);
            return false;
        }
    }

    /**
     * Makes sure that the lease is still this owner's.
     *
     * @throws LockLost if it is not
     */
    public void check() {
        try {
            if (isLost()) {
                throw new LockLost("the lock " + file
                        + (Lease.read(file).isPresent()
                                ? " was taken over by another process: this one gave no sign of life"
                                : " is gone: another process took it over and has finished, or somebody deleted it"));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Gives the lock up and deletes its file. */
    @Override
    public synchronized void close() throws IOException {
        if (channel.isOpen()) {
            beating.cancel(false);
            channel.close();
            leases.giveUp(file, lease);
        }
    }

    /** Gives the lock up as a crash would: the file stays, of a process that has ended. For tests. */
    public synchronized void abandon() throws IOException {
        beating.cancel(false);
        String before = lease.text();
        channel.write(
                ByteBuffer.wrap(
                        before.replaceFirst("\"begun\":\".", "\"begun\":\"-").getBytes(StandardCharsets.UTF_8)),
                0);
        channel.close();
    }
}
