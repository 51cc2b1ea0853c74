package holonomy.cli

import java.util.concurrent.atomic.AtomicBoolean
import java.util.function.BooleanSupplier
import sun.misc.Signal

/** Ctrl-C: the first one asks running trainings to checkpoint and stop, the second one ends the process at once. */
internal class Interruption(private val announce: (String) -> Unit) {
    /** The result of [block], which asks its argument between steps whether to stop. */
    fun <T> during(block: (BooleanSupplier) -> T): T {
        val stop = AtomicBoolean()
        val names = listOf("INT", "TERM")
        val before =
            names.map { name ->
                Signal.handle(Signal(name)) {
                    if (stop.getAndSet(true)) Runtime.getRuntime().halt(ExitCode.INTERRUPTED)
                    announce("stopping: writing checkpoints (once more to stop at once)")
                }
            }
        try {
            return block(BooleanSupplier(stop::get))
        } finally {
            names.zip(before).forEach { (name, handler) -> Signal.handle(Signal(name), handler) }
        }
    }
}
