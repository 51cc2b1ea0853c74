package holonomy.data

import com.sun.management.ThreadMXBean
import java.lang.management.ManagementFactory

/** Bytes of the Java heap that this thread has asked for while [block] ran, freed ones too. */
fun allocated(block: () -> Unit): Long {
    val threads = ManagementFactory.getThreadMXBean() as ThreadMXBean
    val before = threads.currentThreadAllocatedBytes
    block()
    return threads.currentThreadAllocatedBytes - before
}
