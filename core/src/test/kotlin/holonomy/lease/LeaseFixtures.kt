package holonomy.lease

import java.nio.file.Files
import java.nio.file.Path
import java.time.Duration

/** Takes a run's lock away as another machine does whose owner gave no sign of life. */
internal fun steal(locks: Path, id: String): RunLock {
    Files.delete(locks.resolve(id))
    val other = Owner("other", "other machine", "me", 1, "then")
    return Leases(locks, other, MissedBeats(Duration.ofSeconds(5), 3) { 0 }).tryTake(id).get()
}

/** The text of a lease that a process of another machine holds. */
internal fun leaseElsewhere(): String = Lease.of(Owner("host", "machine", "me", 1, "then")).text()
